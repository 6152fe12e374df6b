//! Planning a run: the file, what its columns lead to, and the report of what it would cost.
//!
//! ```text
//!  filling ─► reading the whole file ─► done: the report, and the way to start it
//!     ▲                └─► failed, with what is wrong and on which line
//!     └── every change of file, module or column reads the head of the file again
//! ```
//! It spends nothing and sends nothing.

mod draw;

use ratatui::layout::Rect;

use super::lists;
use crate::base::Scope;
use crate::bulk::rows::{MappingRequest, Target};
use crate::enrichment::Field as Input;
use crate::keymap::{Command, Context};
use crate::ops::bulk_look::{Completion, FileLook, request_of};
use crate::ops::bulk_plan::{Include, Planned};
use crate::tui::app::cx::{About, Changed, Cx, Handled, Intent, Screen, ScreenId};
use crate::tui::app::notice::Failure;
use crate::tui::app::op::{FileOf, Op, Payload, PlanRun, Reply};
use crate::tui::app::remote::Pending;
use crate::tui::app::shared::Shared;
use crate::tui::popups::contexts;
use crate::tui::ui::field::TextField;
use crate::tui::ui::form::{Form, Formed, Kind};
use crate::tui::ui::hits::Spot;
use crate::tui::ui::painter::{Painter, from_column, inside, row, without_last};

macro_rules! fields {
    ($($name:ident $label:literal;)*) => {
        /// A row of the form.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Field {
            $($name,)*
            /// A column of the file.
            Column(usize),
        }

        impl Field {
            /// The rows above the columns.
            const OWN: &'static [Self] = &[$(Self::$name,)*];

            fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)*
                    Self::Column(_) => "",
                }
            }
        }
    };
}

fields! {
    File "File";
    Module "Module";
    Reserve "Units to leave";
    Duplicates "Duplicates";
    Already "Enriched before";
}

impl Field {
    /// What stands in an empty text field.
    fn placeholder(self) -> &'static str {
        match self {
            Self::File => "CSV or JSONL, {next_part} completes; or crm: never-enriched",
            Self::Module => "the profile's own",
            Self::Reserve => "the profile's reserve",
            Self::Duplicates | Self::Already | Self::Column(_) => "",
        }
    }
}

/// How far it is.
enum Planning {
    Filling,
    /// The file is being read into the ledger.
    Reading,
    Failed(Failure),
    /// The run is ready.
    Done(Box<Planned>),
}

/// The form.
pub struct PlanPopup {
    scope: Scope,
    form: Form<Field>,
    /// The head of the file; typing another name invalidates it.
    look: Option<FileLook>,
    /// Whether a person has changed where a column leads; from then on only that holds.
    is_mapped_by_hand: bool,
    /// What is wrong with the file.
    problem: Option<String>,
    /// Names that go on with what was typed.
    names: Vec<String>,
    looking: Pending,
    completing: Pending,
    planning: Planning,
    /// The order that is being carried out: a reply to an earlier one is nobody's.
    order: Option<PlanRun>,
}

/// Rows above the columns: those of the form and a heading between blanks.
const ABOVE: usize = 8;
/// Columns of the labels.
const LABEL: u16 = 18;
/// Its pane.
const LIST: &str = "plan";

impl PlanPopup {
    pub fn new(scope: Scope, module: &str) -> Self {
        let kind = |field: &Field| match field {
            Field::File | Field::Reserve => Kind::Text(TextField::default()),
            Field::Module => Kind::Text(TextField::of(module)),
            Field::Duplicates | Field::Already | Field::Column(_) => Kind::Toggle(false),
        };
        let own = Field::OWN.iter().map(|field| (*field, kind(field)));
        Self {
            scope,
            form: Form::new(own.collect()),
            look: None,
            is_mapped_by_hand: false,
            problem: None,
            names: Vec::new(),
            looking: Pending::default(),
            completing: Pending::default(),
            planning: Planning::Filling,
            order: None,
        }
    }

    /// Whether it still takes changes.
    fn is_open(&self) -> bool {
        matches!(self.planning, Planning::Filling | Planning::Failed(_))
    }

    fn focus(&self) -> Field {
        self.form.focus().unwrap_or(Field::File)
    }

    fn path(&self) -> &str {
        self.form.text(Field::File).trim()
    }

    /// What is said about the columns.
    fn request(&self) -> MappingRequest {
        let base = MappingRequest {
            kind: self.scope.kind,
            module: self.form.text(Field::Module).trim().to_owned(),
            ..MappingRequest::default()
        };
        match &self.look {
            Some(look) if self.is_mapped_by_hand => request_of(base, &look.columns),
            Some(_) | None => base,
        }
    }

    /// The reserve, where one was typed; a sentence when it is no number.
    fn reserve(&self) -> Result<Option<u64>, String> {
        let text = self
            .form
            .text(Field::Reserve)
            .trim()
            .replace([',', ' '], "");
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| "the reserve is a number of units".to_owned())
    }

    /// What a column may lead to, in the order in which a key goes through it.
    fn targets(&self) -> Vec<Option<Target>> {
        let inputs = Input::of(self.scope.kind).iter();
        let inputs = inputs.map(|field| Target::Input(*field));
        let others = [Target::RecordId, Target::Module];
        std::iter::once(None)
            .chain(inputs.chain(others).map(Some))
            .collect()
    }

    fn lead(&mut self, column: usize, target: Option<Target>, cx: &mut Cx<'_>) {
        let look = self.look.as_mut();
        if let Some(found) = look.and_then(|look| look.columns.get_mut(column)) {
            found.target = target;
        }
        self.is_mapped_by_hand = true;
        self.look(cx);
    }

    /// Lets a column lead to the next thing.
    fn turn(&mut self, column: usize, cx: &mut Cx<'_>) {
        let targets = self.targets();
        let look = self.look.as_ref();
        let Some(found) = look.and_then(|look| look.columns.get(column)) else {
            return;
        };
        let here = targets.iter().position(|target| *target == found.target);
        let next = (here.unwrap_or(0) + 1) % targets.len().max(1);
        self.lead(column, targets.get(next).copied().flatten(), cx);
    }

    fn changed(&mut self, field: Field) {
        self.planning = Planning::Filling;
        self.problem = None;
        if field == Field::File {
            self.take_look(None);
            self.is_mapped_by_hand = false;
            self.names.clear();
            // An answer about the name before is late.
            self.looking.forget();
            self.completing.forget();
        }
    }

    /// The columns of the head are rows of the form.
    fn take_look(&mut self, look: Option<FileLook>) {
        let columns = look.as_ref().map_or(0, |look| look.columns.len());
        let columns = (0..columns).map(|column| (Field::Column(column), Kind::Toggle(false)));
        self.form.extend_from(Field::OWN.len(), columns.collect());
        self.look = look;
    }

    /// Reads the head of the file again.
    fn look(&mut self, cx: &mut Cx<'_>) {
        let path = self.path().to_owned();
        if path.is_empty() {
            return;
        }
        let op = Op::LookAtFile(FileOf {
            profile: self.scope.profile.clone(),
            path,
            request: self.request(),
        });
        self.looking.anew(op, cx);
    }

    fn plan(&mut self, cx: &mut Cx<'_>) {
        if self.path().is_empty() {
            let text = "name the file first; {next_part} completes";
            self.problem = Some(cx.shared.with_keys(&self.contexts(cx.shared), text));
            self.form.go_to(Field::File);
            return;
        }
        let reserve = match self.reserve() {
            Ok(reserve) => reserve,
            Err(problem) => {
                self.problem = Some(problem);
                self.form.go_to(Field::Reserve);
                return;
            }
        };
        self.problem = None;
        self.planning = Planning::Reading;
        let include = |is_on: bool| if is_on { Include::Yes } else { Include::No };
        let order = PlanRun {
            profile: self.scope.profile.clone(),
            path: self.path().to_owned(),
            request: self.request(),
            reserve,
            duplicates: include(self.form.is_on(Field::Duplicates)),
            already: include(self.form.is_on(Field::Already)),
        };
        self.order = Some(order.clone());
        cx.act(Op::PlanRun(Box::new(order)));
    }

    fn moved(&mut self, left: Field, cx: &mut Cx<'_>) {
        let wants_look = match left {
            Field::File => self.look.is_none(),
            Field::Module => true,
            Field::Reserve | Field::Duplicates | Field::Already | Field::Column(_) => false,
        };
        if wants_look {
            self.look(cx);
        }
    }

    fn looked(&mut self, result: Result<FileLook, Failure>) {
        match result {
            Ok(mut look) => {
                self.problem = look.problem.take();
                // What a person mapped stands, also where it leads to nothing yet.
                if let (true, Some(before)) = (self.is_mapped_by_hand, &self.look) {
                    look.columns.clone_from(&before.columns);
                }
                self.take_look(Some(look));
            }
            Err(failure) => {
                self.take_look(None);
                self.problem = Some(failure.to_string());
            }
        }
    }

    fn completed(&mut self, completion: Completion) {
        if self.form.text(Field::File) != completion.text {
            self.form.set(Field::File, &completion.text);
            self.changed(Field::File);
        }
        self.problem = completion
            .names
            .is_empty()
            .then(|| "no file begins like that".to_owned());
        self.names = match completion.names.as_slice() {
            [_] | [] => Vec::new(),
            _ => completion.names,
        };
    }
}

impl Screen for PlanPopup {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        let own = self.is_open().then_some(Context::Plan);
        contexts(own, self.is_open() && self.form.focused().is_some())
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if let Planning::Done(done) = &self.planning {
            if command == Command::Accept {
                cx.close();
                cx.go(ScreenId::Runs, Some(Intent::ShowRun(done.run)));
            }
            return Handled::when(command == Command::Accept);
        }
        if matches!(self.planning, Planning::Reading) {
            return Handled::Yes;
        }
        match (self.focus(), command) {
            (Field::File, Command::NextPart) => {
                let op = Op::CompletePath(self.form.text(Field::File).to_owned());
                self.completing.anew(op, cx);
            }
            (_, Command::PlanFile) => self.plan(cx),
            (Field::Column(column), Command::Accept) => {
                let look = self.look.as_ref();
                if let Some(found) = look.and_then(|look| look.columns.get(column)) {
                    let targets = self.targets();
                    cx.open(lists::targets(column, &found.name, &targets, found.target));
                }
            }
            // These move the cursor in what is typed.
            (_, Command::Top | Command::PageUp) if self.form.focused().is_some() => {
                return Handled::No;
            }
            (_, command) => {
                let command = match command {
                    Command::Accept => Command::Down,
                    command => command,
                };
                let Formed::Left(left) = self.form.on(command, false) else {
                    return Handled::No;
                };
                self.moved(left, cx);
            }
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        match self.is_open() {
            true => self.form.focused_mut(),
            false => None,
        }
    }

    fn text_changed(&mut self, _cx: &mut Cx<'_>) {
        self.changed(self.focus());
    }

    fn typed(&mut self, c: char, cx: &mut Cx<'_>) -> Handled {
        if !self.is_open() {
            return Handled::No;
        }
        if let Some(field) = self.form.focused_mut() {
            let is_taken = field.insert(c);
            if is_taken {
                self.changed(self.focus());
            }
            return Handled::when(is_taken);
        }
        match self.focus() {
            Field::Column(column) if c == ' ' => self.turn(column, cx),
            _ => return Handled::when(self.form.typed(c) != Formed::No),
        }
        Handled::Yes
    }

    fn hit(&mut self, spot: &Spot, cx: &mut Cx<'_>) {
        let Spot::Row(LIST, name) = spot else { return };
        let mut own = Field::OWN.iter();
        if let Some(field) = own.find(|field| field.label() == name) {
            self.form.go_to(*field);
            if self.form.focused().is_none() {
                self.typed(' ', cx);
            }
        }
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        if let Op::PlanRun(order) = &*reply.op
            && self.order.as_ref() == Some(order)
        {
            self.order = None;
            self.planning = match reply.result.take() {
                Some(Ok(Payload::PlanRun(done))) => Planning::Done(Box::new(done)),
                Some(Err(failure)) => Planning::Failed(failure),
                Some(Ok(_)) | None => Planning::Filling,
            };
            return Changed::Yes;
        }
        if let Some(result) = self.looking.take(reply, cx) {
            self.looked(result);
        } else if let Some(result) = self.completing.take::<Completion>(reply, cx) {
            match result {
                Ok(completion) => self.completed(completion),
                Err(failure) => cx.fail(&failure),
            }
        } else {
            return Changed::No;
        }
        Changed::Yes
    }

    fn intent(&mut self, intent: Intent, cx: &mut Cx<'_>) -> Option<Intent> {
        match intent {
            Intent::Target(column, target) => {
                self.lead(column, target, cx);
                None
            }
            other => Some(other),
        }
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        p.pane(area, LIST);
        let area = without_last(from_column(inside(area), 1), 1);
        if let Planning::Done(done) = &self.planning {
            return draw::report(shared, p, done, area);
        }
        let below = self.below(shared, usize::from(area.width));
        let room = usize::from(area.height).saturating_sub(below.len() + 1);
        for (index, field) in Field::OWN.iter().enumerate() {
            self.draw_field(shared, p, (*field, row(area, index)));
        }
        self.draw_columns(p, area, room);
        for (index, line) in below.iter().enumerate() {
            p.line(row(area, room + 1 + index), line);
        }
    }

    fn about(&self) -> About {
        (
            "Plan a run",
            "Name a CSV or JSONL file. {plan_file} reads it whole and reports which rows are ready, \
             which would be rejected and what the run would leave of the limit. Columns are found \
             by their names, and any of them can be led elsewhere.",
        )
    }

    fn hints(&self) -> Option<&'static [Command]> {
        match self.planning {
            Planning::Done(_) => Some(&[Command::Accept, Command::Back]),
            Planning::Reading => Some(&[Command::Back]),
            Planning::Filling | Planning::Failed(_) => None,
        }
    }

    fn title(&self, _shared: &Shared) -> String {
        let title = match self.planning {
            Planning::Filling | Planning::Failed(_) => "Plan a run · nothing is sent",
            Planning::Reading => "Plan a run · reading the file into the ledger",
            Planning::Done(_) => "Planned · nothing is sent yet",
        };
        title.to_owned()
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        (112, 34)
    }
}

#[cfg(test)]
mod tests;
