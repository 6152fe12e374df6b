//! The set-up guide: from nothing to a profile that can send.
//!
//! ```text
//!  Where ─► Name ─► Client ─► Secret ─► Code ─► working ─► done
//!                                        ▲         └─► failed: back to the code, with the reason
//! ```
//! Secrets stay in fields that show nothing; a grant code that was used is forgotten, because it
//! works once.

use ratatui::layout::Rect;

use super::grant_code::{code_lines, copied};
use crate::base::{DataCenter, Environment, ProfileName};
use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, Out, Screen};
use crate::tui::app::notice::FailureKind;
use crate::tui::app::op::{Hidden, Op, Payload, Reply, SignIn};
use crate::tui::app::shared::Shared;
use crate::tui::data::profile::SignedIn;
use crate::tui::popups::{Progress, contexts};
use crate::tui::ui::field::TextField;
use crate::tui::ui::form::{Form, Kind, turned};
use crate::tui::ui::hits::Spot;
use crate::tui::ui::painter::{Painter, from_column, from_row, inside, row, without_last};
use crate::tui::ui::text::{RichLine, Room, paragraphs, roomy};

/// A step of the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Where,
    Name,
    Client,
    Secret,
    Code,
}

/// All steps in their order, with their labels.
const STEPS: [(Step, &str); 5] = [
    (Step::Where, "Data centre"),
    (Step::Name, "Profile name"),
    (Step::Client, "Client id"),
    (Step::Secret, "Client secret"),
    (Step::Code, "Grant code"),
];

/// The guide.
pub struct Guide {
    form: Form<Step>,
    pub data_center: DataCenter,
    environment: Environment,
    /// What is wrong with the step that has the focus.
    problem: Option<String>,
    progress: Progress<SignedIn>,
}

/// Fewest characters of a secret.
const SECRET_CHARS_MIN: usize = 10;

impl Guide {
    /// A guide for a data centre.
    pub fn new(data_center: DataCenter) -> Self {
        let fields = STEPS.map(|(step, _)| match step {
            Step::Where => (step, Kind::choice([""], 0)),
            Step::Name | Step::Client => (step, Kind::Text(TextField::default())),
            Step::Secret | Step::Code => (step, Kind::Text(TextField::secret())),
        });
        Self {
            form: Form::new(fields.into()),
            data_center,
            environment: Environment::Production,
            problem: None,
            progress: Progress::Filling,
        }
    }

    /// Whether it was closed before its end, so that what was typed is kept.
    pub fn is_unfinished(&self) -> bool {
        !matches!(self.progress, Progress::Done(_))
    }

    /// It is opened, perhaps once more.
    pub fn opened(&mut self, shared: &Shared) {
        if self.form.text(Step::Client).is_empty() {
            self.propose_name(shared);
        }
    }

    /// Proposes a name that no profile has, such as `us-prod`.
    fn propose_name(&mut self, shared: &Shared) {
        let environment = match self.environment {
            Environment::Production => "prod",
            Environment::Sandbox => "sandbox",
            Environment::Developer => "dev",
        };
        let stem = format!("{}-{environment}", self.data_center.code().to_lowercase());
        let is_free = |name: &str| {
            shared
                .all_profiles()
                .all(|known| known.name.as_str() != name)
        };
        let name = std::iter::once(stem.clone())
            .chain((2..100).map(|number| format!("{stem}-{number}")))
            .find(|name| is_free(name))
            .unwrap_or(stem);
        self.form.set(Step::Name, &name);
    }

    fn step(&self) -> Step {
        self.form.focus().unwrap_or(Step::Where)
    }

    /// Whether the step with the focus takes text.
    fn types_text(&self) -> bool {
        self.progress.is_open() && self.step() != Step::Where
    }

    /// What is wrong with a step, in a sentence.
    fn problem_of(&self, step: Step) -> Option<String> {
        let length = self.form.field(step).map_or(0, TextField::length);
        let text = self.form.text(step).trim();
        let (is_wrong, problem) = match step {
            Step::Where => return None,
            Step::Name => return Some(text.parse::<ProfileName>().err()?.to_string()),
            Step::Client => (
                !text.starts_with("1000.") || text.len() <= 10 || text.contains(' '),
                "a client id begins with 1000. and has no spaces",
            ),
            Step::Secret => (length < SECRET_CHARS_MIN, "paste the client secret"),
            Step::Code => (length < SECRET_CHARS_MIN, "paste the grant code"),
        };
        is_wrong.then(|| problem.to_owned())
    }

    /// Goes to the next step, or starts the work after the last one. This spends nothing.
    fn advance(&mut self, cx: &mut Cx<'_>) {
        let here = self.step();
        let all = STEPS.into_iter().map(|(step, _)| step);
        let all = all.filter(|_| here == Step::Code);
        for step in std::iter::once(here).chain(all) {
            self.problem = self.problem_of(step);
            if self.problem.is_some() {
                self.form.go_to(step);
                return;
            }
        }
        if here != Step::Code {
            self.form.move_by(1, false);
            return;
        }
        let secret = |step| self.form.field(step).map(TextField::reveal);
        let (Ok(profile), Some(client_secret), Some(code)) = (
            self.form.text(Step::Name).trim().parse(),
            secret(Step::Secret),
            secret(Step::Code),
        ) else {
            return;
        };
        self.progress = Progress::Working;
        cx.act(Op::SetUpProfile(Box::new(SignIn {
            profile,
            data_center: self.data_center,
            environment: self.environment,
            client_id: self.form.text(Step::Client).trim().to_owned(),
            client_secret: Hidden(client_secret),
            code: Hidden(code),
        })));
    }

    fn next_data_center(&mut self, by: isize, shared: &Shared) {
        self.data_center = turned(&DataCenter::ALL, self.data_center, by);
        self.propose_name(shared);
    }

    fn filling(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match (command, self.step()) {
            (Command::Down, Step::Where) => self.next_data_center(1, cx.shared),
            (Command::Up, Step::Where) => self.next_data_center(-1, cx.shared),
            // The last step exchanges the code, and that is what Enter is for.
            (Command::NextPart | Command::Down, Step::Code) => {}
            (Command::Accept | Command::NextPart | Command::Down, _) => self.advance(cx),
            (Command::PreviousPart | Command::Up, _) => {
                self.problem = None;
                self.form.move_by(-1, false);
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }
}

impl Screen for Guide {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        let is_at_code = self.types_text() && self.step() == Step::Code;
        contexts(is_at_code.then_some(Context::GrantCode), self.types_text())
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match (&self.progress, command) {
            (Progress::Working, _) => Handled::Yes,
            (Progress::Done(done), Command::Accept) => {
                cx.close();
                cx.out.push(Out::Switch(done.profile.clone()));
                Handled::Yes
            }
            (Progress::Done(_), _) => Handled::No,
            (_, Command::CopyScopes) => {
                cx.copy(copied(&cx.shared.settings.scopes), "the scopes");
                Handled::Yes
            }
            (Progress::Filling | Progress::Failed(_), command) => self.filling(command, cx),
        }
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        let types_text = self.types_text();
        self.form.focused_mut().filter(|_| types_text)
    }

    fn text_changed(&mut self, _cx: &mut Cx<'_>) {
        self.problem = None;
    }

    fn typed(&mut self, c: char, cx: &mut Cx<'_>) -> Handled {
        if !self.progress.is_open() {
            return Handled::No;
        }
        self.problem = None;
        let is_taken = self.form.typed(c);
        if is_taken && self.step() == Step::Where {
            self.environment = turned(&Environment::ALL, self.environment, 1);
            self.propose_name(cx.shared);
        }
        Handled::when(is_taken)
    }

    /// There the keys of a list choose or go on, and nobody means that by a wheel.
    fn wheel(&mut self, _spot: &Spot, _command: Command, _cx: &mut Cx<'_>) {}

    fn reply(&mut self, reply: &mut Reply, _cx: &mut Cx<'_>) -> Changed {
        if !matches!(&*reply.op, Op::SetUpProfile(_)) {
            return Changed::No;
        }
        match &reply.result {
            Some(Ok(Payload::SetUpProfile(done))) => {
                self.form.set(Step::Secret, "");
                self.form.set(Step::Code, "");
                self.progress = Progress::Done(done.clone());
            }
            Some(Err(failure)) if failure.kind == FailureKind::Full => {
                self.progress = Progress::Filling;
            }
            Some(Err(_)) => {
                // A grant code works once, whether the rest went well or not.
                self.form.set(Step::Code, "");
                self.form.go_to(Step::Code);
                if let Some(Err(failure)) = reply.result.take() {
                    self.progress = Progress::Failed(failure);
                }
            }
            Some(Ok(_)) | None => {}
        }
        Changed::Yes
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let area = from_column(inside(area), 1);
        let width = usize::from(area.width.saturating_sub(1));
        let told = |room| paragraphs(self.explanation(shared, room), (width, 3));
        let needed = told(Room::Whole).len() + STEPS.len() + 1;
        // Where all of it has no room, the step with the focus is enough, and then the scopes in short.
        let is_low = needed > usize::from(area.height);
        let steps = STEPS.iter();
        let steps = steps.filter(|(step, _)| !is_low || *step == self.step());
        let mut used = 0;
        for (step, label) in steps {
            self.step_row(p, (*step, label), row(area, used));
            used += 1;
        }
        let below = from_row(area, used + 1);
        p.lines(below, &roomy((usize::from(below.height), width), told));
    }

    fn about(&self) -> About {
        (
            "The set-up guide",
            "Five steps from nothing to a profile that works; each says where to find what it asks \
             for. What was typed stays when you close it. Secrets are never shown, and nothing is \
             spent.",
        )
    }

    fn hints(&self) -> Option<&'static [Command]> {
        Some(&[
            Command::Accept,
            Command::CopyScopes,
            Command::NextPart,
            Command::PreviousPart,
            Command::Back,
        ])
    }

    fn title(&self, _shared: &Shared) -> String {
        "Set up a profile".to_owned()
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        (76, 20)
    }
}

impl Guide {
    fn step_row(&self, p: &mut Painter<'_, '_>, (step, label): (Step, &str), line: Rect) {
        let has_focus = self.progress.is_open() && self.step() == step;
        let (mark, role) = match (has_focus, self.problem_of(step).is_none()) {
            (true, _) => ("›", Role::LabelFocus),
            (false, true) => ("✓", Role::Ok),
            (false, false) => ("·", Role::Label),
        };
        p.text(line, role, &format!("{mark} {label}"));
        let value = without_last(from_column(line, 18), 1);
        match self.form.field(step) {
            None => self.where_row(p, value),
            Some(field) if has_focus => p.field(value, field),
            Some(field) => p.text(value, Role::Text, &field.window(usize::from(value.width)).0),
        }
    }

    fn where_row(&self, p: &mut Painter<'_, '_>, area: Rect) {
        let mut line = RichLine::new();
        for data_center in DataCenter::ALL {
            if data_center == self.data_center {
                line.push(Role::TabOpen, &format!("[{data_center}]"));
            } else {
                line.push(Role::Tab, &format!(" {data_center} "));
            }
        }
        let environment = self.environment.as_str();
        let country = self.data_center.country();
        line.push(Role::Dim, "  ");
        if line.width() + country.len() + environment.len() + 3 <= usize::from(area.width) {
            line.push(Role::Text, country);
            line.push(Role::Dim, " · ");
        }
        line.push(Role::Text, environment);
        p.line(area, &line);
    }

    /// What is said at the step with the focus.
    fn explanation(&self, shared: &Shared, room: Room) -> Vec<(Role, String)> {
        let mut told = Vec::new();
        match &self.progress {
            Progress::Working => {
                let text = "Exchanging the code and making a test call; nothing is spent.";
                return vec![(Role::Sending, text.to_owned())];
            }
            Progress::Done(done) => return finished(shared, done),
            Progress::Failed(failure) => {
                told.push((Role::Error, format!("✗ {}", failure.plain)));
                if !failure.next_step.is_empty() {
                    told.push((Role::Text, format!("  do  {}", failure.next_step)));
                }
            }
            Progress::Filling => {}
        }
        let problem = self.problem.iter();
        told.extend(problem.map(|problem| (Role::Warning, format!("! {problem}"))));
        let url = self.data_center.console_url();
        let reach = self.contexts(shared);
        let page = page(self.step());
        told.extend(page.iter().map(|text| {
            let is_last = page.last() == Some(text);
            let role = if is_last { Role::Dim } else { Role::Text };
            (role, shared.with_keys(&reach, &text.replace("{url}", url)))
        }));
        if self.step() == Step::Code {
            told.extend(code_lines(shared, (url, &shared.settings.scopes), room));
        }
        told
    }
}

/// What is said at a step before the last one; `{url}` is where the client is made. The
/// last one is good to know.
fn page(step: Step) -> &'static [&'static str] {
    match step {
        Step::Where => &[
            "{up} and {down} choose the data centre of your Zoho account, Space the environment, \
                 {accept} goes on.",
            "The address of your CRM tells which one: crm.zoho.com is US, .in IN, .com.au AU, \
                 .sa SA, and crm.zohocloud.ca CA. Others have no people enrichment.",
            "A token of one data centre or environment does not work in another; each needs a \
                 profile of its own.",
        ],
        Step::Name => &[
            "The name by which you will know this profile, here and in scripts.",
            "Letters, digits, - and _. {accept} takes what is proposed.",
        ],
        Step::Client => &[
            "1  Open {url} and sign in as a user of this CRM.",
            "2  Get Started or Add Client, then Self Client, Create Now, OK. Where there is a \
                 Self Client already, open it.",
            "3  Copy the Client ID from its Client Secret tab and paste it here; it begins with \
                 1000.",
            "A self client needs no web address and costs nothing.",
        ],
        Step::Secret => &[
            "The Client Secret stands below the Client ID, in the same tab. Paste it; a line \
                 break at its end does no harm.",
            "It is not shown here, is never an argument and goes into a file that only you can \
                 read.",
        ],
        Step::Code => &[],
    }
}

fn finished(shared: &Shared, done: &SignedIn) -> Vec<(Role, String)> {
    let organisation = done.organisation.as_deref().unwrap_or("not named");
    let mut told = vec![
        (Role::Ok, format!("✓ {} is saved and works.", done.profile)),
        (Role::Text, format!("  organisation  {organisation}")),
    ];
    let user = done.user.iter();
    told.extend(user.map(|user| (Role::Text, format!("  signed in as  {user}"))));
    told.extend(done.missing.iter().map(|one| {
        let text = format!("  missing scope  {}: {}", one.scope, one.without);
        (Role::Warning, text)
    }));
    told.push((Role::Text, String::new()));
    let text = "{accept} goes to the console; {show_setup} there, Setup, checks everything else.";
    let text = shared.with_keys(&contexts(None, false), text);
    told.push((Role::Dim, text));
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::app::shared::Settings;
    use crate::tui::data::profile::ProfileState;
    use crate::tui::testing::{now, profile};

    #[test]
    fn the_proposed_name_is_free_and_valid() {
        let mut guide = Guide::new(DataCenter::Ca);
        guide.environment = Environment::Sandbox;
        let mut shared = Shared::new(Settings::default(), now());
        let taken = profile("ca-sandbox", DataCenter::Ca, ProfileState::Ready);
        shared.profiles = Some(vec![taken]);

        guide.propose_name(&shared);

        assert_eq!(guide.form.text(Step::Name), "ca-sandbox-2");
        assert_eq!(guide.problem_of(Step::Name), None);
    }

    #[test]
    fn each_step_says_what_it_wants() {
        let guide = Guide::new(DataCenter::Us);

        for step in [Step::Client, Step::Secret, Step::Code] {
            assert!(guide.problem_of(step).is_some(), "{step:?}");
        }
    }
}
