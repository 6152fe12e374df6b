//! Everything that is known of a profile, line by line, and what can be changed there.

use crate::auth::Reached;
use crate::base::{EnrichmentKind, ModuleName};
use crate::enrichment::Field;
use crate::keymap::{Command, Context};
use crate::ops::configure::Side;
use crate::ops::doctor::{Check, Finding};
use crate::ops::setup::configuration_type;
use crate::theme::Role;
use crate::tui::app::shared::Shared;
use crate::tui::data::setup::Overview;
use crate::tui::ui::list::Row;
use crate::tui::ui::text::{RichLine, clock, grouped};
use crate::wire::settings::EnrichmentConfiguration;

/// Where its keys mean something.
pub(super) const CONTEXTS: &[Context] = &[
    Context::Setup,
    Context::List,
    Context::Screen,
    Context::Always,
];

/// A line of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SheetLine {
    /// What it says.
    pub(super) line: RichLine,
    /// What can be changed there.
    pub(super) change: Option<Change>,
    /// Its number, by which the mouse knows it.
    pub(super) number: usize,
}

impl Row for SheetLine {
    type Key = usize;

    fn key(&self) -> usize {
        self.number
    }
}

/// Something that can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Whether a module's configuration is on.
    Status {
        /// People or organisation.
        kind: EnrichmentKind,
        /// Which module.
        module: ModuleName,
        /// Whether it is on now.
        is_active: bool,
    },
    /// Which field feeds an input, or takes an output.
    Mapped {
        /// People or organisation.
        kind: EnrichmentKind,
        /// Which module.
        module: ModuleName,
        /// Which way it goes.
        side: Side,
        /// The configuration's word for it.
        name: String,
        /// The field now.
        field: Option<String>,
    },
}

/// Columns of the labels.
const LABEL: usize = 16;

/// The sheet of a profile, in so many columns.
pub(super) fn sheet(overview: &Overview, shared: &Shared, width: usize) -> Vec<SheetLine> {
    let mut sheet = Sheet {
        lines: Vec::new(),
        width,
    };
    sheet.heading("Profile");
    if overview.is_default {
        sheet.labelled("default", Role::Ok, "used when none is named");
    }
    let limit = format!(
        "{} units, {} in reserve",
        grouped(overview.limit),
        grouped(overview.reserve)
    );
    sheet.labelled("limit", Role::Text, &limit);
    sign_in(&mut sheet, overview, shared);
    organisation(&mut sheet, overview);
    let is_scope = |check: &&Check| check.name.contains("cope");
    let scopes: Vec<&Check> = overview.checks.iter().filter(is_scope).collect();
    if !scopes.is_empty() {
        sheet.heading("Scopes");
        scopes.into_iter().for_each(|check| sheet.check(check));
    }
    configurations(&mut sheet, overview, shared);
    sheet.heading("Checks");
    let others = overview.checks.iter().filter(|check| !is_scope(check));
    others.for_each(|check| sheet.check(check));
    sheet.lines
}

fn sign_in(sheet: &mut Sheet, overview: &Overview, shared: &Shared) {
    let (now, zone) = (shared.now, &shared.settings.zone);
    let key = shared.any_key(Command::SignInAgain);
    sheet.heading("Sign-in");
    let status = match &overview.sign_in {
        Ok(status) => status,
        Err(error) => return sheet.labelled("token", Role::Error, error),
    };
    if let Some(refused) = &status.refused {
        let text = format!("refused ({}); {key} signs in again", refused.error);
        sheet.labelled("sign-in", Role::Error, &text);
    }
    if !status.is_signed_in && status.refused.is_none() {
        let text = format!("not signed in; {key} signs in");
        return sheet.labelled("token", Role::Warning, &text);
    }
    let (role, text) = match status.access_expires_at {
        Some(at) => {
            let minutes = at.duration_since(now).as_secs() / 60;
            let at = clock(at, now, zone);
            (Role::Ok, format!("good until {}, {minutes} min", at.trim()))
        }
        None => (Role::Warning, "none; the next request gets one".to_owned()),
    };
    sheet.labelled("access token", role, &text);
    let calls = match status.next_call_at {
        Some(at) => format!("no call left until {}", clock(at, now, zone).trim()),
        None => format!("{} calls left in ten minutes", status.calls_left),
    };
    sheet.labelled("token calls", Role::Text, &calls);
    if let Some(at) = status.granted_at {
        sheet.labelled("granted", Role::Dim, clock(at, now, zone).trim());
    }
}

fn organisation(sheet: &mut Sheet, overview: &Overview) {
    sheet.heading("Organisation");
    let reached = &overview.reached;
    if *reached == Reached::default() {
        let text = "not known yet; it is asked for at sign-in, and before anything is sent";
        return sheet.labelled("pinned", Role::Warning, text);
    }
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "not known".to_owned());
    let id = reached.org_id.as_deref().unwrap_or("no id");
    let name = format!("{} ({id})", or(&reached.org_name));
    sheet.labelled("pinned to", Role::Text, &name);
    sheet.labelled("edition", Role::Text, &or(&reached.edition));
    sheet.labelled("signed in as", Role::Text, &or(&reached.user_name));
}

fn configurations(sheet: &mut Sheet, overview: &Overview, shared: &Shared) {
    sheet.heading("Enrichment configuration");
    let all = match &overview.configurations {
        None => {
            let key = shared.any_key(Command::RefreshUsage);
            let key = shared
                .settings
                .bindings
                .shown(CONTEXTS, Command::RefreshUsage)
                .map_or(key, |chord| chord.to_string());
            let text = format!("the server was not asked; {key} asks it");
            return sheet.labelled("", Role::Dim, &text);
        }
        Some(Err(failure)) => {
            return sheet.labelled("", Role::Warning, &failure.to_string());
        }
        Some(Ok(all)) => all,
    };
    if all.is_empty() {
        let text = "there is none: no module can be enriched";
        sheet.labelled("", Role::Warning, text);
    }
    all.iter().for_each(|one| configuration(sheet, one));
}

fn configuration(sheet: &mut Sheet, one: &EnrichmentConfiguration) {
    let kinds = [EnrichmentKind::People, EnrichmentKind::Org];
    let is_of = |kind: &EnrichmentKind| configuration_type(*kind).eq_ignore_ascii_case(&one.kind);
    let kind = kinds.into_iter().find(is_of);
    let module: Option<ModuleName> = one.module.parse().ok();
    let known = kind.zip(module);
    let (role, word) = if one.is_active {
        (Role::Ok, "● on")
    } else {
        (Role::Warning, "○ off: nothing of it is enriched")
    };
    let change = known.clone().map(|(kind, module)| Change::Status {
        kind,
        module,
        is_active: one.is_active,
    });
    let line = RichLine::new()
        .with(Role::Title, &format!("  {} · {}  ", one.module, one.kind))
        .with(role, word);
    sheet.line(line, change);
    let listed = one.inputs.iter().map(|(input, field)| {
        let text = match field {
            Some(field) => (Role::Text, format!("← {field}")),
            None => (
                Role::Warning,
                "not mapped: the server answers NOT_ALLOWED".to_owned(),
            ),
        };
        (input.clone(), field.clone(), text)
    });
    let named = |field: &Field| kind.and_then(|kind| field.mapping_name(kind));
    let is_listed = |name: &&str| one.inputs.iter().any(|(input, _)| input == name);
    let rest = kind.map(Field::of).unwrap_or_default().iter();
    let rest = rest
        .filter_map(named)
        .filter(|name| !is_listed(name))
        .map(|name| (name.to_owned(), None, (Role::Dim, "not listed".to_owned())));
    let outputs = one.outputs.iter().map(|(output, field)| {
        let text = match field {
            Some(field) => (Role::Text, format!("→ {field}")),
            None => (Role::Dim, "not kept in the record".to_owned()),
        };
        (Side::Output, output.clone(), field.clone(), text)
    });
    let inputs = listed.chain(rest);
    let inputs = inputs.map(|(name, field, text)| (Side::Input, name, field, text));
    let widest = one.outputs.iter().map(|(name, _)| name.len() + 1).max();
    let width = widest.unwrap_or(0).max(14);
    for (side, name, field, (role, text)) in inputs.chain(outputs) {
        let line = RichLine::new()
            .with(Role::Label, &format!("    {name:<width$}"))
            .with(role, &text);
        let change = known.clone().map(|(kind, module)| Change::Mapped {
            kind,
            module,
            side,
            name,
            field,
        });
        sheet.line(line, change);
    }
}

struct Sheet {
    lines: Vec<SheetLine>,
    width: usize,
}

impl Sheet {
    fn line(&mut self, line: RichLine, change: Option<Change>) {
        let number = self.lines.len();
        self.lines.push(SheetLine {
            line,
            change,
            number,
        });
    }

    fn push(&mut self, line: &RichLine) {
        let lines = line.wrapped(self.width, 4);
        lines.into_iter().for_each(|line| self.line(line, None));
    }

    fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.push(&RichLine::new());
        }
        self.push(&RichLine::new().with(Role::Accent, text));
    }

    fn labelled(&mut self, label: &str, role: Role, text: &str) {
        self.push(
            &RichLine::new()
                .with(Role::Label, &format!("  {label:<LABEL$}"))
                .with(role, text),
        );
    }

    fn check(&mut self, check: &Check) {
        let (role, mark) = match check.finding {
            Finding::Fine => (Role::Ok, "✓"),
            Finding::Warning => (Role::Warning, "!"),
            Finding::Failure(_) => (Role::Error, "✗"),
            Finding::Skipped => (Role::Dim, "·"),
        };
        let name = check.name.strip_prefix("scope ").unwrap_or(&check.name);
        self.push(
            &RichLine::new()
                .with(role, &format!("  {mark} "))
                .with(Role::Label, &format!("{}  ", name))
                .with(Role::Text, &check.message),
        );
        if let Some(next) = &check.next_step {
            self.push(
                &RichLine::new()
                    .with(Role::Dim, "    do  ")
                    .with(Role::Text, next),
            );
        }
    }
}
