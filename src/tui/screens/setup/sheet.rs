//! Everything that is known of a profile, line by line, and what can be changed there.

use crate::auth::Reached;
use crate::base::{EnrichmentKind, ModuleName, Scope};
use crate::enrichment::Field;
use crate::keymap::{Command, Context};
use crate::ops::configure::Edit;
use crate::ops::doctor::{Check, Finding};
use crate::ops::setup::configuration_type;
use crate::theme::Role;
use crate::tui::app::op::ChangeOf;
use crate::tui::app::shared::Shared;
use crate::tui::data::setup::Overview;
use crate::tui::popups::prompt::Purpose;
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
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// Whether a module's configuration is on.
    Status(ChangeOf),
    /// Which field feeds an input, or takes an output: what is asked, and the field now.
    Mapped {
        asks: String,
        field: String,
        what: Purpose,
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
    let (limit, reserve) = (grouped(overview.limit), grouped(overview.reserve));
    sheet.labelled(
        "limit",
        Role::Text,
        &format!("{limit} units, {reserve} in reserve"),
    );
    sign_in(&mut sheet, overview, shared);
    organisation(&mut sheet, overview);
    let (scopes, others): (Vec<&Check>, Vec<&Check>) = overview
        .checks
        .iter()
        .partition(|check| check.name.contains("cope"));
    if !scopes.is_empty() {
        sheet.heading("Scopes");
        scopes.into_iter().for_each(|check| sheet.check(check));
    }
    configurations(&mut sheet, overview, shared);
    sheet.heading("Checks");
    others.into_iter().for_each(|check| sheet.check(check));
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
            let text = "the server was not asked; {refresh_usage} asks it";
            return sheet.labelled("", Role::Dim, &shared.with_keys(CONTEXTS, text));
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
    for one in all {
        configuration(sheet, one, overview);
    }
}

/// Which way a value goes: the configuration's word, a sign, and how it is asked about.
const INPUT: (&str, &str, &str) = ("input", "←", "is");
const OUTPUT: (&str, &str, &str) = ("output", "→", "takes");

fn configuration(sheet: &mut Sheet, one: &EnrichmentConfiguration, overview: &Overview) {
    let kinds = [EnrichmentKind::People, EnrichmentKind::Org];
    let is_of = |kind: &EnrichmentKind| configuration_type(*kind).eq_ignore_ascii_case(&one.kind);
    let kind = kinds.into_iter().find(is_of);
    let scope = kind.map(|kind| Scope {
        profile: overview.profile.clone(),
        kind,
    });
    let known: Option<(Scope, ModuleName)> = scope.zip(one.module.parse().ok());
    let (role, word, edit) = if one.is_active {
        (Role::Ok, "● on", Edit::Disable)
    } else {
        (
            Role::Warning,
            "○ off: nothing of it is enriched",
            Edit::Enable,
        )
    };
    let change = known.clone().map(|(scope, module)| ChangeOf {
        scope,
        module,
        edit,
    });
    let head = format!("  {} · {}  ", one.module, one.kind);
    let line = RichLine::of(Role::Title, &head).with(role, word);
    sheet.line(line, change.map(Change::Status));
    let unmapped = (Role::Warning, "not mapped: the server answers NOT_ALLOWED");
    let inputs = one.inputs.iter();
    let inputs = inputs.map(|(name, field)| (INPUT, name.as_str(), field.as_deref(), unmapped));
    let named = |field: &Field| kind.and_then(|kind| field.mapping_name(kind));
    let is_listed = |name: &&str| one.inputs.iter().any(|(input, _)| input == name);
    let rest = kind.map(Field::of).unwrap_or_default().iter();
    let rest = rest.filter_map(named).filter(|name| !is_listed(name));
    let rest = rest.map(|name| (INPUT, name, None, (Role::Dim, "not listed")));
    let unkept = (Role::Dim, "not kept in the record");
    let outputs = one.outputs.iter();
    let outputs = outputs.map(|(name, field)| (OUTPUT, name.as_str(), field.as_deref(), unkept));
    let widest = one.outputs.iter().map(|(name, _)| name.len() + 1).max();
    let width = widest.unwrap_or(0).max(14);
    for ((side, arrow, verb), name, field, missing) in inputs.chain(rest).chain(outputs) {
        let (role, text) = match field {
            Some(field) => (Role::Text, format!("{arrow} {field}")),
            None => (missing.0, missing.1.to_owned()),
        };
        let line = RichLine::of(Role::Label, &format!("    {name:<width$}")).with(role, &text);
        let change = known.clone().map(|(scope, module)| Change::Mapped {
            asks: format!("Which field of {module} {verb} {name}?"),
            field: field.unwrap_or_default().to_owned(),
            what: Purpose::Map(scope, module, format!("{side}.{name}")),
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
        self.push(&RichLine::of(Role::Accent, text));
    }

    fn labelled(&mut self, label: &str, role: Role, text: &str) {
        let label = format!("  {label:<LABEL$}");
        self.push(&RichLine::of(Role::Label, &label).with(role, text));
    }

    fn check(&mut self, check: &Check) {
        let (role, mark) = match check.finding {
            Finding::Fine => (Role::Ok, "✓"),
            Finding::Warning => (Role::Warning, "!"),
            Finding::Failure(_) => (Role::Error, "✗"),
            Finding::Skipped => (Role::Dim, "·"),
        };
        let name = check.name.strip_prefix("scope ").unwrap_or(&check.name);
        let line = RichLine::of(role, &format!("  {mark} "))
            .with(Role::Label, &format!("{name}  "))
            .with(Role::Text, &check.message);
        self.push(&line);
        if let Some(next) = &check.next_step {
            self.push(&RichLine::of(Role::Dim, "    do  ").with(Role::Text, next));
        }
    }
}
