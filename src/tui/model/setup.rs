//! The Setup screen: the data centres with their profiles, and everything that is known of one.

use jiff::tz::TimeZone;

use super::Model;
use super::log::clock;
use crate::auth::Reached;
use crate::base::{DataCenter, EnrichmentKind, ModuleName, ProfileName, Timestamp};
use crate::enrichment::Field;
use crate::ops::configure::Side;
use crate::ops::doctor::{Check, Finding};
use crate::ops::setup::configuration_type;
use crate::theme::Role;
use crate::tui::model::Failure;
use crate::tui::msg::Overview;
use crate::tui::ui::field::SecretField;
use crate::tui::ui::text::{RichLine, grouped};
use crate::tui::ui::viewport::Viewport;
use crate::wire::settings::EnrichmentConfiguration;

/// The part with the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SetupFocus {
    /// The list of profiles.
    #[default]
    List,
    /// What is known of one.
    Sheet,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// A profile.
    Profile(ProfileName),
    /// A data centre without one.
    Free(DataCenter),
}

/// The Setup screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Setup {
    /// The part with the focus.
    pub focus: SetupFocus,
    /// Which rows of the list are seen.
    pub view: Viewport,
    /// Of which profile the sheet is; another one is selected when it differs.
    pub of: Option<ProfileName>,
    /// The last question; answers to earlier ones are late and dropped.
    pub ticket: u64,
    /// Whether it is being asked for.
    pub is_asked: bool,
    /// What is known.
    pub overview: Option<Overview>,
    /// Why the last question failed.
    pub failure: Option<Failure>,
    /// The sheet, laid out; `overview`, the size and the time invalidate it.
    pub lines: Vec<SheetLine>,
    /// Which lines are seen.
    pub sheet: Viewport,
}

/// A line of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetLine {
    /// What it says.
    pub line: RichLine,
    /// What can be changed there.
    pub change: Option<Change>,
}

/// Something that can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
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

/// A grant code that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantCode {
    /// For which profile.
    pub profile: ProfileName,
    /// Where the code is made.
    pub url: &'static str,
    /// The scopes that it needs.
    pub scopes: String,
    /// The code.
    pub field: SecretField,
    /// Whether it is being exchanged.
    pub is_working: bool,
    /// Why the last one did not work.
    pub failure: Option<Failure>,
}

impl Model {
    /// The rows of the Setup screen's list: all data centres, each with its profiles.
    pub fn spots(&self) -> Vec<Spot> {
        let of = |data_center| {
            let there: Vec<Spot> = self
                .shared
                .all_profiles()
                .filter(|profile| profile.data_center == data_center)
                .map(|profile| Spot::Profile(profile.name.clone()))
                .collect();
            if there.is_empty() {
                vec![Spot::Free(data_center)]
            } else {
                there
            }
        };
        DataCenter::ALL.into_iter().flat_map(of).collect()
    }

    /// The selected row of it.
    pub fn spot(&self) -> Option<Spot> {
        self.spots().into_iter().nth(self.setup.view.selected)
    }
}

/// Columns of the labels.
const LABEL: usize = 16;

/// The sheet of a profile, in so many columns.
pub fn sheet(
    overview: &Overview,
    (now, zone): (Timestamp, &TimeZone),
    width: usize,
) -> Vec<SheetLine> {
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
    sign_in(&mut sheet, overview, (now, zone));
    organisation(&mut sheet, overview);
    let is_scope = |check: &&Check| check.name.contains("cope");
    let scopes: Vec<&Check> = overview.checks.iter().filter(is_scope).collect();
    if !scopes.is_empty() {
        sheet.heading("Scopes");
        scopes.into_iter().for_each(|check| sheet.check(check));
    }
    configurations(&mut sheet, overview);
    sheet.heading("Checks");
    let others = overview.checks.iter().filter(|check| !is_scope(check));
    others.for_each(|check| sheet.check(check));
    sheet.lines
}

fn sign_in(sheet: &mut Sheet, overview: &Overview, (now, zone): (Timestamp, &TimeZone)) {
    sheet.heading("Sign-in");
    let status = match &overview.sign_in {
        Ok(status) => status,
        Err(error) => return sheet.labelled("token", Role::Error, error),
    };
    if let Some(refused) = &status.refused {
        let text = format!("refused ({}); i signs in again", refused.error);
        sheet.labelled("sign-in", Role::Error, &text);
    }
    if !status.is_signed_in && status.refused.is_none() {
        return sheet.labelled("token", Role::Warning, "not signed in; i signs in");
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

fn configurations(sheet: &mut Sheet, overview: &Overview) {
    sheet.heading("Enrichment configuration");
    let all = match &overview.configurations {
        None => return sheet.labelled("", Role::Dim, "the server was not asked; r asks it"),
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
    sheet.lines.push(SheetLine { line, change });
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
        sheet.lines.push(SheetLine { line, change });
    }
}

struct Sheet {
    lines: Vec<SheetLine>,
    width: usize,
}

impl Sheet {
    fn push(&mut self, line: &RichLine) {
        let lines = line.wrapped(self.width, 4);
        let lines = lines
            .into_iter()
            .map(|line| SheetLine { line, change: None });
        self.lines.extend(lines);
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
