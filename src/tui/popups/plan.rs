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
use crate::ops::bulk_look::{Column, Completion, FileLook, request_of};
use crate::ops::bulk_plan::{Include, Planned};
use crate::tui::app::cx::{About, Changed, Cx, Handled, Intent, Screen, ScreenId};
use crate::tui::app::notice::Failure;
use crate::tui::app::op::{Op, Payload, PlanRun, Reply};
use crate::tui::app::remote::Pending;
use crate::tui::app::shared::Shared;
use crate::tui::popups::{Progress, contexts};
use crate::tui::ui::field::TextField;
use crate::tui::ui::form::{Form, Kind, turned};
use crate::tui::ui::hits::Spot;
use crate::tui::ui::painter::{Painter, from_column, from_row, inside, stacked, without_last};

/// A row of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    File,
    Module,
    Reserve,
    Duplicates,
    Already,
    /// A column of the file.
    Column(usize),
}

/// The rows above the columns: the label, and what stands in an empty text field.
const OWN: [(Field, &str, &str); 5] = [
    (
        Field::File,
        "File",
        "CSV or JSONL, {next_part} completes; or crm: never-enriched",
    ),
    (Field::Module, "Module", "the profile's own"),
    (Field::Reserve, "Units to leave", "the profile's reserve"),
    (Field::Duplicates, "Duplicates", ""),
    (Field::Already, "Enriched before", ""),
];

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
    progress: Progress<Box<Planned>>,
    /// The order that is being carried out: a reply to an earlier one is nobody's.
    order: Option<PlanRun>,
}

/// Rows above the columns: those of the form and a blank one.
const ABOVE: u16 = 6;
/// Columns of the labels.
const LABEL: u16 = 18;
/// Its pane.
const LIST: &str = "plan";

impl PlanPopup {
    pub fn new(scope: Scope, module: &str) -> Self {
        let fields = OWN.map(|(field, ..)| match field {
            Field::Module => (field, Kind::Text(TextField::of(module))),
            Field::File | Field::Reserve => (field, Kind::Text(TextField::default())),
            Field::Duplicates | Field::Already | Field::Column(_) => {
                let words = ["[ ] left out", "[x] sent all the same"];
                (field, Kind::choice(words, 0))
            }
        });
        Self {
            scope,
            form: Form::new(fields.into()),
            look: None,
            is_mapped_by_hand: false,
            problem: None,
            names: Vec::new(),
            looking: Pending::default(),
            completing: Pending::default(),
            progress: Progress::Filling,
            order: None,
        }
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

    /// What is to be planned; else the field that is in the way, and why.
    fn ordered(&self, shared: &Shared) -> Result<PlanRun, (Field, String)> {
        if self.path().is_empty() {
            let text = "name the file first; {next_part} completes";
            let text = shared.with_keys(&self.contexts(shared), text);
            return Err((Field::File, text));
        }
        let reserve = self.form.text(Field::Reserve).trim();
        let reserve = match reserve.replace([',', ' '], "").as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| {
                let text = "the reserve is a number of units".to_owned();
                (Field::Reserve, text)
            })?),
        };
        let include = |field| match self.form.choice(field) {
            0 => Include::No,
            _ => Include::Yes,
        };
        Ok(PlanRun {
            profile: self.scope.profile.clone(),
            path: self.path().to_owned(),
            request: self.request(),
            reserve,
            duplicates: include(Field::Duplicates),
            already: include(Field::Already),
        })
    }

    /// What a column may lead to, in the order in which a key goes through it.
    fn targets(&self) -> Vec<Option<Target>> {
        let inputs = Input::of(self.scope.kind).iter();
        let inputs = inputs.map(|field| Target::Input(*field));
        let others = [Target::RecordId, Target::Module];
        let all = inputs.chain(others).map(Some);
        std::iter::once(None).chain(all).collect()
    }

    fn lead(&mut self, column: usize, target: Option<Target>, cx: &mut Cx<'_>) {
        let look = self.look.as_mut();
        if let Some(found) = look.and_then(|look| look.columns.get_mut(column)) {
            found.target = target;
        }
        self.is_mapped_by_hand = true;
        self.look(cx);
    }

    fn column(&self, column: usize) -> Option<&Column> {
        self.look.as_ref()?.columns.get(column)
    }

    fn changed(&mut self, field: Field) {
        self.progress = Progress::Filling;
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
        let columns = (0..columns).map(|column| (Field::Column(column), Kind::choice([""], 0)));
        self.form.extend_from(OWN.len(), columns.collect());
        self.look = look;
    }

    /// Reads the head of the file again.
    fn look(&mut self, cx: &mut Cx<'_>) {
        let path = self.path().to_owned();
        if path.is_empty() {
            return;
        }
        let op = Op::LookAtFile {
            profile: self.scope.profile.clone(),
            path,
            request: self.request(),
        };
        self.looking.anew(op, cx);
    }

    fn plan(&mut self, cx: &mut Cx<'_>) {
        match self.ordered(cx.shared) {
            Ok(order) => {
                self.problem = None;
                self.progress = Progress::Working;
                self.order = Some(order.clone());
                cx.act(Op::PlanRun(Box::new(order)));
            }
            Err((field, problem)) => {
                self.problem = Some(problem);
                self.form.go_to(field);
            }
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
        let has_none = completion.names.is_empty();
        self.problem = has_none.then(|| "no file begins like that".to_owned());
        self.names = completion.names;
        if let [_] = self.names.as_slice() {
            self.names.clear();
        }
    }
}

impl Screen for PlanPopup {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        let is_open = self.progress.is_open();
        let types_text = is_open && self.form.focused().is_some();
        contexts(is_open.then_some(Context::Plan), types_text)
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        if let Progress::Done(done) = &self.progress {
            if command == Command::Accept {
                cx.close();
                cx.go(ScreenId::Runs, Some(Intent::ShowRun(done.run)));
            }
            return Handled::when(command == Command::Accept);
        }
        if self.progress == Progress::Working {
            return Handled::Yes;
        }
        match (self.focus(), command) {
            (Field::File, Command::NextPart) => {
                let op = Op::CompletePath(self.form.text(Field::File).to_owned());
                self.completing.anew(op, cx);
            }
            (_, Command::PlanFile) => self.plan(cx),
            (Field::Column(column), Command::Accept) => {
                if let Some(found) = self.column(column) {
                    let targets = self.targets();
                    cx.open(lists::targets(column, &found.name, &targets, found.target));
                }
            }
            // These move the cursor in what is typed.
            (_, Command::Top | Command::PageUp) if self.form.focused().is_some() => {
                return Handled::No;
            }
            (_, command) => {
                let is_enter = command == Command::Accept;
                let command = if is_enter { Command::Down } else { command };
                let Some(left) = self.form.on(command, false) else {
                    return Handled::No;
                };
                if left == Field::Module || (left == Field::File && self.look.is_none()) {
                    self.look(cx);
                }
            }
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        let is_open = self.progress.is_open();
        self.form.focused_mut().filter(|_| is_open)
    }

    fn text_changed(&mut self, _cx: &mut Cx<'_>) {
        self.changed(self.focus());
    }

    fn typed(&mut self, c: char, cx: &mut Cx<'_>) -> Handled {
        if !self.progress.is_open() || !self.form.typed(c) {
            return Handled::No;
        }
        match self.focus() {
            Field::Column(column) => {
                if let Some(found) = self.column(column) {
                    let target = turned(&self.targets(), found.target, 1);
                    self.lead(column, target, cx);
                }
            }
            Field::Duplicates | Field::Already => {}
            field => self.changed(field),
        }
        Handled::Yes
    }

    fn hit(&mut self, spot: &Spot, _cx: &mut Cx<'_>) {
        if let Spot::Row(LIST, name) = spot
            && self.progress.is_open()
        {
            self.form.press(name);
        }
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        if let Op::PlanRun(order) = &*reply.op
            && self.order.as_ref() == Some(order)
        {
            self.order = None;
            self.progress = match reply.result.take() {
                Some(Ok(Payload::PlanRun(done))) => Progress::Done(Box::new(done)),
                Some(Err(failure)) => Progress::Failed(failure),
                Some(Ok(_)) | None => Progress::Filling,
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
        let Intent::Target(column, target) = intent else {
            return Some(intent);
        };
        self.lead(column, target, cx);
        None
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        p.pane(area, LIST);
        let area = without_last(from_column(inside(area), 1), 1);
        if let Progress::Done(done) = &self.progress {
            return draw::report(shared, p, done, area);
        }
        let size = (usize::from(area.height), usize::from(area.width));
        let below = self.below(shared, size);
        let told = u16::try_from(below.len() + 1).unwrap_or(u16::MAX);
        let room = area.height.saturating_sub(told);
        self.draw_own(shared, p, area);
        let [_, columns] = stacked(area, [ABOVE, room.saturating_sub(ABOVE)]);
        self.draw_columns(p, columns);
        p.lines(from_row(area, usize::from(room) + 1), &below);
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
        match self.progress {
            Progress::Done(_) => Some(&[Command::Accept, Command::Back]),
            Progress::Working => Some(&[Command::Back]),
            Progress::Filling | Progress::Failed(_) => None,
        }
    }

    fn title(&self, _shared: &Shared) -> String {
        let title = match self.progress {
            Progress::Filling | Progress::Failed(_) => "Plan a run · nothing is sent",
            Progress::Working => "Plan a run · reading the file into the ledger",
            Progress::Done(_) => "Planned · nothing is sent yet",
        };
        title.to_owned()
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        (112, 34)
    }
}

#[cfg(test)]
mod tests;
