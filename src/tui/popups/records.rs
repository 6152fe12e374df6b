//! Filling the form from a record of the CRM: looked for by id or words, looked at, taken.
//!
//! ```text
//!  text ─► searched ─► list (page by page) ─► selected ─► changes ─► the form
//! ```
//! It sends nothing, and what the form held can be brought back. Nothing is asked while the text is
//! typed: a search costs the organisation API credits.

use ratatui::layout::Rect;

use crate::base::{ModuleName, RecordId, Scope};
use crate::enrichment::{Draft, Field};
use crate::keymap::{Command, Context};
use crate::ops::prefill::{Found, FoundPage};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, Intent, Out, Screen};
use crate::tui::app::notice::{Failure, Notice};
use crate::tui::app::op::{Op, Reply, Wanted};
use crate::tui::app::remote::Pending;
use crate::tui::app::shared::Shared;
use crate::tui::popups::contexts;
use crate::tui::ui::columns::{Cell, Column, Width};
use crate::tui::ui::field::TextField;
use crate::tui::ui::hits::Spot;
use crate::tui::ui::list::{Drawn, List, Row, Selection};
use crate::tui::ui::painter::{Focus, Painter, from_column, inside, stacked, without_last};
use crate::tui::ui::text::{RichLine, fitted, grouped, paragraphs, short_id};
use crate::zoho::query::RecordPlace;

/// Most rows that one search shows; whoever wants more gives another word.
const RECORDS_MAX: usize = 2_000;
/// How near to the end of the list the next page is asked for.
const ROWS_AHEAD: usize = 5;
/// Most rows for what a record would change: its id, six inputs, and what stays.
const SHEET_ROWS: u16 = 8;
/// Its pane.
const LIST: &str = "records";

impl Row for Found {
    type Key = String;

    fn key(&self) -> String {
        self.id.clone()
    }
}

/// The records and how they are looked at.
pub struct Records {
    scope: Scope,
    module: ModuleName,
    /// What the form holds below it.
    form: Draft,
    /// A record's id or words, as typed.
    query: TextField,
    /// The text that `list` answers or will answer.
    searched: String,
    list: List<Found>,
    /// The next page, if there is one.
    next: Option<RecordPlace>,
    pending: Pending,
    /// Why the last question failed.
    failure: Option<Failure>,
}

/// What becomes of an input; what matters most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Becomes {
    /// Something else stood there.
    Overwritten,
    /// It was empty.
    Filled,
    /// It stands there already.
    Same,
}

/// One input that a record holds.
struct Change {
    label: &'static str,
    /// What stands in the form.
    old: String,
    /// What the record holds.
    new: String,
    becomes: Becomes,
}

impl Records {
    /// Asks for the record whose id the form holds, else for the module's records.
    pub fn open(scope: Scope, module: ModuleName, form: Draft, cx: &mut Cx<'_>) -> Self {
        let mut records = Self {
            scope,
            module,
            query: TextField::of(&form.record_id),
            form,
            searched: String::new(),
            list: List::default(),
            next: None,
            pending: Pending::default(),
            failure: None,
        };
        records.search(cx);
        records
    }

    /// Whether the list answers what is typed.
    fn is_current(&self) -> bool {
        self.query.value().trim() == self.searched
    }

    fn search(&mut self, cx: &mut Cx<'_>) {
        self.query.value().trim().clone_into(&mut self.searched);
        self.list.clear();
        self.next = None;
        self.ask(RecordPlace::Page(1), cx);
    }

    /// Asks for the next page where the selection comes near the end of what is here.
    fn read_on(&mut self, cx: &mut Cx<'_>) {
        let is_near = self.list.view.selected + ROWS_AHEAD >= self.list.len();
        let has_room = self.list.len() < RECORDS_MAX;
        if let Some(place) = self.next.clone()
            && is_near
            && has_room
            && !self.pending.is_open()
        {
            self.ask(place, cx);
        }
    }

    /// Asks for a page of what is searched: digits are a record's id, everything else is words.
    fn ask(&mut self, place: RecordPlace, cx: &mut Cx<'_>) {
        self.failure = None;
        let text = &self.searched;
        let wanted = match text.parse() {
            Ok(id) => Wanted::Record(id),
            Err(_) => Wanted::Page {
                word: (!text.is_empty()).then(|| text.clone()),
                place,
            },
        };
        let op = Op::LoadRecords {
            scope: self.scope.clone(),
            module: self.module.clone(),
            wanted,
        };
        self.pending.anew(op, cx);
    }

    fn accept(&mut self, cx: &mut Cx<'_>) {
        if !self.is_current() || self.failure.is_some() {
            self.search(cx);
        } else if let Some(found) = self.list.selected() {
            self.take(found, cx);
        }
    }

    /// Puts what a record holds into the form; the preview named what is overwritten.
    fn take(&self, found: &Found, cx: &mut Cx<'_>) {
        cx.close();
        if cx.shared.active.as_ref() != Some(&self.scope.profile) {
            return cx.warn("the profile was switched meanwhile; the form is as it was");
        }
        let changes = self.changes(found);
        let count = |wanted| changes.iter().filter(|c| c.becomes == wanted).count();
        let text = match (count(Becomes::Filled), count(Becomes::Overwritten)) {
            (0, 0) => "the form holds all of the record already".to_owned(),
            (n, 0) => format!("filled {n} from the record; nothing was sent"),
            (n, m) => format!(
                "filled {n} from the record and overwrote {m}; Restore the form brings them back"
            ),
        };
        let mut draft = self.form.clone();
        draft.record_id.clone_from(&found.id);
        for (field, value) in found.draft.given() {
            draft.set(field, &value);
        }
        let told = Some(Notice::info(text));
        cx.out
            .push(Out::Deliver(Intent::Fill(Box::new(draft), told)));
    }

    /// What a record would do to the form.
    fn changes(&self, found: &Found) -> Vec<Change> {
        let form = &self.form;
        let id = ("Record id", form.record_id.clone(), found.id.clone());
        let inputs = found.draft.given().map(|(field, new)| {
            let old = form.value(field).trim().to_owned();
            (field.label(), old, new.into_owned())
        });
        let all = std::iter::once(id).chain(inputs);
        all.map(|(label, old, new)| Change {
            label,
            becomes: match old.as_str() {
                "" => Becomes::Filled,
                old if old == new => Becomes::Same,
                _ => Becomes::Overwritten,
            },
            old,
            new,
        })
        .collect()
    }

    /// The same in lines: first what would be lost, so that it is in sight on a low screen.
    fn sheet(&self, found: &Found, width: usize) -> Vec<RichLine> {
        let mut changes = self.changes(found);
        changes.sort_by_key(|change| change.becomes);
        let mut lines: Vec<RichLine> = changes.iter().map(|c| c.line(width)).collect();
        let given = self.form.given();
        let stays = given.filter(|(field, _)| found.draft.value(*field).is_empty());
        let stays: Vec<&str> = stays.map(|(field, _)| field.label()).collect();
        if !stays.is_empty() {
            let text = format!("as they are: {}", stays.join(", "));
            lines.push(RichLine::of(Role::Dim, &fitted(&text, width)));
        }
        lines
    }

    /// What stands where no row does.
    fn blank(&self) -> Option<(Role, String)> {
        if let Some(failure) = &self.failure {
            return Some((Role::Error, failure.to_string()));
        }
        if !self.list.is_empty() {
            return None;
        }
        let module = &self.module;
        let is_id = self.searched.parse::<RecordId>().is_ok();
        let text = match (self.pending.is_open(), self.searched.as_str(), &self.next) {
            (true, "", _) => format!("asking for the records of {module}"),
            (true, text, _) => format!("looking for {text} in {module}"),
            (false, _, Some(_)) => {
                "no record of this page has a name, an email or a website; Page Down reads on"
                    .to_owned()
            }
            (false, "", None) => format!("{module} has no records that can fill the form"),
            (false, text, None) if is_id => format!("{module} has no record {text}"),
            (false, text, None) => format!("{module} has no record that holds {text}"),
        };
        Some((Role::Dim, text))
    }

    /// What the keys do now.
    fn hint(&self) -> &'static str {
        let is_asked = self.pending.is_open();
        match (is_asked, self.is_current(), self.list.selected()) {
            (_, false, _) => "{accept} searches · {back} leaves the form as it is",
            (true, true, None) => "asking the server · {back} leaves the form as it is",
            (_, true, Some(_)) => "{accept} fills the form · {back} leaves it as it is",
            (false, true, None) => "type an id or words, {accept} searches · {back} leaves",
        }
    }
}

/// Where the line that is typed in is, the list, the rule below it, the changes and the hint.
fn panes(popup: Rect) -> [Rect; 5] {
    let inner = inside(popup);
    let gap = u16::from(inner.height >= 14);
    let room = inner.height.saturating_sub(3 + gap);
    let sheet = SHEET_ROWS.min(room / 2);
    let [prompt, _, list, rule, sheet, hint] = stacked(inner, [1, gap, room - sheet, 1, sheet, 1]);
    [prompt, list, rule, sheet, hint]
}

impl Screen for Records {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        contexts(None, true)
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if command == Command::Accept {
            self.accept(cx);
        } else if self.list.on_typing(command) {
            self.read_on(cx);
        } else {
            return Handled::No;
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        Some(&mut self.query)
    }

    fn fit(&mut self, area: Rect, _shared: &Shared) {
        let [_, list, ..] = panes(area);
        self.list.fit(usize::from(list.height), COLUMNS);
    }

    fn hit(&mut self, spot: &Spot, cx: &mut Cx<'_>) {
        let Spot::Row(LIST, name) = spot else { return };
        if self.list.press(name) {
            self.accept(cx);
        } else {
            self.read_on(cx);
        }
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        match self.pending.take::<FoundPage>(reply, cx) {
            None => return Changed::No,
            Some(Ok(page)) => {
                self.list.rows.extend(page.records);
                self.list.rows.truncate(RECORDS_MAX);
                self.next = page.next;
            }
            Some(Err(failure)) => self.failure = Some(failure),
        }
        Changed::Yes
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let [prompt, list, rule, sheet, hint] = panes(area);
        p.pane(area, LIST);
        let prompt = from_column(prompt, 1);
        p.prompt(prompt, &self.query);
        if self.query.is_empty() {
            let place = without_last(from_column(prompt, 3), 1);
            p.text(place, Role::Placeholder, "a record's id, or words");
        }
        if let Some(blank) = self.blank() {
            let area = without_last(from_column(list, 1), 1);
            p.lines(area, &paragraphs([blank], (usize::from(area.width), 0)));
        } else {
            let how = Drawn {
                pane: LIST,
                selection: Selection::Ground(Focus::Here),
                look: &(),
            };
            self.list.draw(p, list, COLUMNS, &how);
        }
        p.rule(area, rule);
        let sheet = without_last(from_column(sheet, 1), 1);
        if let Some(found) = self.list.selected() {
            p.lines(sheet, &self.sheet(found, usize::from(sheet.width)));
        }
        let text = shared.with_keys(&self.contexts(shared), self.hint());
        p.text(from_column(hint, 1), Role::Dim, &text);
    }

    fn about(&self) -> About {
        (
            "Fill the form from a record",
            "Type a record's id or words of it and press {accept}. What would change in the form is \
             shown first, and nothing is sent.",
        )
    }

    fn hints(&self) -> Option<&'static [Command]> {
        Some(&[Command::Accept, Command::PageDown, Command::Back])
    }

    fn title(&self, _shared: &Shared) -> String {
        let count = grouped(u64::try_from(self.list.len()).unwrap_or(u64::MAX));
        let found = match (self.list.is_empty(), &self.next) {
            (true, _) => String::new(),
            (false, None) => format!(" · {count}"),
            (false, Some(_)) => format!(" · first {count}"),
        };
        format!(
            "Fill the form from a record · {} of {}{found}",
            self.module, self.scope.profile
        )
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        (92, 28)
    }
}

const COLUMNS: &[Column<Found, ()>] = &[
    Column::new(
        "record",
        Width::share(45, (0, u16::MAX), 0),
        |found: &Found, ()| Cell::new(Role::Text, found.label.as_str()),
    ),
    Column::new("holds besides", Width::Rest, |found: &Found, ()| {
        let draft = &found.draft;
        let beside = [Field::Email, Field::Company, Field::Website]
            .map(|field| draft.value(field))
            .into_iter()
            .filter(|text| !text.is_empty() && *text != found.label);
        Cell::new(Role::Dim, beside.collect::<Vec<_>>().join(" · "))
    }),
    // Eight characters and a blank before the border.
    Column::new("id", Width::Fixed(9), |found: &Found, ()| {
        Cell::new(Role::Dim, short_id(&found.id))
    }),
];

/// Columns of what becomes of an input.
const WORD: usize = 12;
/// Columns of its name.
const LABEL: usize = 11;

impl Change {
    fn line(&self, width: usize) -> RichLine {
        let room = width.saturating_sub(WORD + LABEL);
        let new = fitted(&self.new, room);
        let half = room.saturating_sub(3) / 2;
        let (role, word, value, text) = match self.becomes {
            Becomes::Filled => (Role::Ok, "fills", Role::Text, new),
            Becomes::Same => (Role::Dim, "same", Role::Dim, new),
            Becomes::Overwritten => {
                let text = format!("{} → {}", fitted(&self.old, half), fitted(&self.new, half));
                (Role::Warning, "overwrites", Role::Text, text)
            }
        };
        RichLine::of(role, &format!("{word:<WORD$}"))
            .with(Role::Label, &format!("{:<LABEL$}", self.label))
            .with(value, &text)
    }
}

#[cfg(test)]
mod tests;
