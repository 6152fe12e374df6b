//! The request form: what is typed, what is wrong with it, and what the ledger has of it. It never
//! sends.

use std::time::Duration;

use crate::base::{AttemptId, EnrichmentKind, ModuleName, ProfileName, RecordId, Scope};
use crate::enrichment::verdict::Seen;
use crate::enrichment::{Draft, Field, FieldRef, Known, Violation};
use crate::keymap::Command;
use crate::ops::draft::KeptDraft;
use crate::ops::setup::Configured;
use crate::tui::app::cx::{Changed, Cx, Out};
use crate::tui::app::op::{DraftOf, Op, Reply};
use crate::tui::app::remote::Pending;
use crate::tui::app::shared::{Env, Shared};
use crate::tui::popups::lists;
use crate::tui::ui::field::TextField;
use crate::tui::ui::form::{Form, Kind};
use crate::tui::ui::text::clock;

/// How long typing must pause before the ledger is asked what it has of the draft.
const LOOK_AFTER: Duration = Duration::from_millis(200);
/// How long typing must pause before the draft is kept.
const KEEP_AFTER: Duration = Duration::from_secs(1);
/// How soon a draft is kept that a full worker refused.
const KEEP_AGAIN: Duration = Duration::from_secs(2);

/// What is being composed.
#[derive(Default)]
pub struct Compose {
    pub form: Form<FieldRef>,
    /// What the server said about modules and mapping. Invalidated by another profile, kind or,
    /// for the configuration, module.
    pub known: Known,
    modules: Pending,
    /// The scope, the module and the record that `known.configuration` and `held` speak of or were
    /// asked for.
    configuration_of: (Option<Scope>, String, Option<RecordId>),
    configuration: Pending,
    /// Of the fields that would be filled those in which the record holds something.
    pub held: Option<Vec<String>>,
    /// What the server refused last, until the form changes.
    pub refused: Option<Violation>,
    /// The attempt that was rejected last and what it asked for, until its details are read.
    pub rejected: Option<(AttemptId, Draft)>,
    pub rejection: Pending,
    /// What the ledger has of a draft that the form held for a profile.
    seen: Option<(DraftOf, Seen)>,
    looking: Pending,
    /// When the ledger is to be asked, after the typing pauses.
    look_at: Option<Duration>,
    /// When the draft is to be kept, after the typing pauses.
    save_at: Option<Duration>,
    /// The draft of an earlier session, while it is read.
    kept: Pending,
    /// What `Clear the form` or `Compose again` replaced.
    replaced: Option<Draft>,
}

impl Default for Form<FieldRef> {
    fn default() -> Self {
        let places = [FieldRef::Module, FieldRef::RecordId];
        let inputs = Field::ALL.into_iter().map(FieldRef::Input);
        let fields = places.into_iter().chain(inputs);
        let fields = fields.map(|place| (place, Kind::Text(TextField::default())));
        let mut form = Self::new(fields.collect());
        form.go_to(FieldRef::Input(Field::Name));
        show_kind(&mut form, EnrichmentKind::People);
        form
    }
}

/// Shows the inputs of a kind; the focus stands on one of them.
fn show_kind(form: &mut Form<FieldRef>, kind: EnrichmentKind) {
    let is_other = |field: &Field| !Field::of(kind).contains(field);
    form.show(|place| !matches!(place, FieldRef::Input(field) if is_other(&field)));
    if matches!(form.focus(), Some(FieldRef::Input(field)) if is_other(&field)) {
        form.go_to(FieldRef::Input(Field::Name));
    }
}

impl Compose {
    /// The field with the focus.
    pub fn focus(&self) -> FieldRef {
        self.form.focus().unwrap_or(FieldRef::Module)
    }

    pub fn is_at_module(&self) -> bool {
        self.focus() == FieldRef::Module
    }

    /// The module's name, as far as it is typed.
    pub fn module(&self) -> &str {
        self.form.text(FieldRef::Module).trim()
    }

    /// What the form holds.
    pub fn draft(&self, shared: &Shared) -> Draft {
        let mut draft = Draft::new(shared.kind, self.module());
        let record = self.form.text(FieldRef::RecordId).trim();
        record.clone_into(&mut draft.record_id);
        for field in Field::ALL {
            draft.set(field, self.form.text(FieldRef::Input(field)));
        }
        draft
    }

    /// What is in the form, and what it would bring back.
    pub fn forms(&self, shared: &Shared) -> [Option<Draft>; 2] {
        [Some(self.draft(shared)), self.replaced.clone()]
    }

    /// The form holds something else now.
    pub fn changed(&mut self, cx: &Cx<'_>) {
        self.refused = None;
        self.save_at = Some(cx.env.uptime + KEEP_AFTER);
        self.look_soon(cx.env);
    }

    /// Asks the ledger in a moment what it has of what the form holds.
    pub fn look_soon(&mut self, env: &Env) {
        self.look_at = Some(env.uptime + LOOK_AFTER);
    }

    /// Fills the form with another draft, which is then kept; what it held can be restored if it was
    /// more than nothing.
    pub fn fill(&mut self, draft: &Draft, cx: &mut Cx<'_>) {
        let before = self.draft(cx.shared);
        if !before.is_empty() && before != *draft {
            self.replaced = Some(before);
        }
        self.put(draft, cx);
    }

    fn put(&mut self, draft: &Draft, cx: &mut Cx<'_>) {
        if !draft.module.is_empty() {
            self.form.set(FieldRef::Module, &draft.module);
        }
        self.form.set(FieldRef::RecordId, &draft.record_id);
        for field in Field::ALL {
            self.form.set(FieldRef::Input(field), draft.value(field));
        }
        show_kind(&mut self.form, draft.kind);
        self.changed(cx);
        if draft.kind == cx.shared.kind {
            self.ask_configuration(cx);
        } else {
            cx.out.push(Out::Kind(draft.kind));
        }
    }

    /// Empties the inputs; what they held can be brought back.
    pub fn clear(&mut self, cx: &mut Cx<'_>) {
        let empty = Draft::new(cx.shared.kind, self.module());
        self.fill(&empty, cx);
        cx.info("cleared; Restore the form brings it back");
    }

    pub fn restore(&mut self, cx: &mut Cx<'_>) {
        match self.replaced.take() {
            Some(draft) => self.fill(&draft, cx),
            None => cx.info("there is nothing to restore"),
        }
    }

    /// A person was forgotten: a form that is about them is emptied.
    pub fn forgotten(&mut self, [is_form, is_replaced]: [bool; 2], cx: &mut Cx<'_>) {
        let replaced = self.replaced.take().filter(|_| !is_replaced);
        if is_form {
            let empty = Draft::new(cx.shared.kind, self.module());
            self.put(&empty, cx);
        }
        self.replaced = replaced;
    }

    /// Offers what was left earlier, where nothing is typed. It never fills the form by itself: what
    /// is on screen is what the person has put there.
    fn offer(&mut self, kept: Option<KeptDraft>, cx: &mut Cx<'_>) {
        let Some(kept) = kept else { return };
        if kept.draft.is_empty() || !self.draft(cx.shared).is_empty() {
            return;
        }
        let zone = &cx.shared.settings.zone;
        let when = |at| format!(", {}", clock(at, cx.shared.now, zone).trim());
        let (from, when) = (kept.profile, kept.at.map(when).unwrap_or_default());
        let key = cx.shared.any_key(Command::RestoreForm);
        let text = format!("a draft is kept from earlier ({from}{when}): {key} brings it back");
        self.replaced = Some(kept.draft);
        cx.info(text);
    }

    /// What the ledger has of what the form holds now, as far as it was asked.
    pub fn seen(&self, shared: &Shared) -> Option<&Seen> {
        let (of, seen) = self.seen.as_ref()?;
        let is_here = Some(&of.profile) == shared.active.as_ref();
        (is_here && of.draft == self.draft(shared)).then_some(seen)
    }

    // ---- what is asked

    /// The op that keeps the draft, if it is waiting to be kept.
    pub fn keep_now(&mut self, shared: &Shared) -> Option<Op> {
        self.save_at.take()?;
        Some(Op::SaveDraft(DraftOf {
            profile: shared.active.clone()?,
            draft: self.draft(shared),
        }))
    }

    /// The worker was full: it is kept in a moment.
    pub fn keep_again(&mut self, env: &Env) {
        self.save_at = Some(env.uptime + KEEP_AGAIN);
    }

    /// Another profile is on screen; the first one brings the draft that was left.
    pub fn profile_changed(&mut self, name: &ProfileName, is_first: bool, cx: &mut Cx<'_>) {
        self.known = Known::default();
        self.configuration_of = Default::default();
        self.refused = None;
        let profile = cx.shared.profile();
        if let Some(module) = profile.and_then(|profile| profile.default_module.as_ref())
            && self.module().is_empty()
        {
            self.form.set(FieldRef::Module, module);
        }
        // What the ledger has of the person is another profile's answer until it is asked again.
        self.look_soon(cx.env);
        if is_first {
            self.kept.anew(Op::LoadDraft(name.clone()), cx);
        }
    }

    /// Another kind is on screen; what is typed stays.
    pub fn kind_changed(&mut self, cx: &mut Cx<'_>) {
        show_kind(&mut self.form, cx.shared.kind);
        self.changed(cx);
    }

    /// Asks for what depends on profile and kind.
    pub fn scope_changed(&mut self, scope: Scope, cx: &mut Cx<'_>) {
        self.known.modules = None;
        self.modules.anew(Op::LoadModules(scope), cx);
        self.ask_configuration(cx);
    }

    /// What the server said of the module may no longer be so.
    pub fn ask_configuration_again(&mut self, cx: &mut Cx<'_>) {
        self.configuration_of = Default::default();
        self.ask_configuration(cx);
    }

    /// Asks for the configuration of the form's module unless that was done.
    pub fn ask_configuration(&mut self, cx: &mut Cx<'_>) {
        let record = self.draft(cx.shared).record().parse().ok();
        let of = (cx.shared.scope(), self.module().to_owned(), record);
        let before = &self.configuration_of;
        if of == *before || of.0.is_none() {
            return;
        }
        if (&of.0, &of.1) != (&before.0, &before.1) {
            self.known.configuration = None;
        }
        self.held = None;
        self.configuration_of.clone_from(&of);
        let (Some(scope), module, record) = of else {
            return;
        };
        if module.parse::<ModuleName>().is_ok() {
            let op = Op::LoadConfiguration {
                scope,
                module,
                record,
            };
            self.configuration.anew(op, cx);
        }
    }

    /// The list of modules, which is asked for where it is not known.
    pub fn choose_module(&mut self, cx: &mut Cx<'_>) {
        let known = self.known.modules.as_deref();
        let known = match cx.shared.scope() {
            Some(scope) => {
                if known.is_none() {
                    self.modules.again(Op::LoadModules(scope), cx);
                }
                known
            }
            None => {
                cx.info("set up a profile first; any module's name may be typed");
                Some(known.unwrap_or_default())
            }
        };
        cx.open(lists::modules(known, self.module()));
    }

    pub fn set_module(&mut self, module: &str, cx: &mut Cx<'_>) {
        self.form.set(FieldRef::Module, module);
        self.changed(cx);
        self.ask_configuration(cx);
    }

    /// Asks what is due.
    pub fn tick(&mut self, cx: &mut Cx<'_>) {
        let now = cx.env.uptime;
        if self.look_at.take_if(|at| *at <= now).is_some() {
            let draft = self.draft(cx.shared);
            if let Some(profile) = cx.shared.active.clone().filter(|_| !draft.is_empty()) {
                let of = DraftOf { profile, draft };
                self.looking.anew(Op::LookAtDraft(of), cx);
            }
        }
        if self.save_at.is_some_and(|at| at <= now)
            && let Some(op) = self.keep_now(cx.shared)
        {
            cx.act(op);
        }
    }

    pub fn due(&self) -> Option<Duration> {
        [self.look_at, self.save_at].into_iter().flatten().min()
    }

    pub fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        let op = reply.op.clone();
        if let Some(result) = self.looking.take(reply, cx) {
            if let Op::LookAtDraft(of) = &*op {
                self.seen = result.ok().map(|seen| (of.clone(), seen));
            }
        } else if let Some(result) = self.kept.take(reply, cx) {
            self.offer(result.ok().flatten(), cx);
        } else if let Some(result) = self.configuration.take::<Configured>(reply, cx) {
            let scope = cx.shared.scope();
            let is_here = matches!(&*op, Op::LoadConfiguration { scope: of, .. } if Some(of) == scope.as_ref());
            // Without the scope for it nothing is known, and nothing is claimed; what was told of
            // another kind means nothing here.
            let found = result.ok().filter(|_| is_here);
            self.held = found.as_ref().and_then(|found| found.held.clone());
            self.known.configuration = found.map(|found| found.configuration);
        } else if let Some(result) = self.modules.take(reply, cx) {
            // Whoever waits for the list is told why there is none.
            if let Ok(modules) = result {
                self.known.modules = Some(modules);
            }
        } else {
            return Changed::No;
        }
        Changed::Yes
    }
}
