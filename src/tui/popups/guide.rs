//! The set-up guide: from nothing to a profile that can send.
//!
//! ```text
//!  Where ─► Name ─► Client ─► Secret ─► Code ─► working ─► done
//!                                        ▲         └─► failed: back to the code, with the reason
//! ```
//! Secrets stay in fields that show nothing; a grant code that was used is forgotten, because it
//! works once.

use ratatui::layout::Rect;

use super::sign_in_words::{Room, code_lines, copied, said};
use crate::base::{DataCenter, Environment, ProfileName};
use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, Out, Screen};
use crate::tui::app::notice::{Failure, FailureKind};
use crate::tui::app::op::{Op, Payload, Reply, SignIn};
use crate::tui::app::shared::Shared;
use crate::tui::data::profile::SignedIn;
use crate::tui::popups::contexts;
use crate::tui::ui::field::TextField;
use crate::tui::ui::form::{Form, Kind};
use crate::tui::ui::hits::Spot;
use crate::tui::ui::painter::{Painter, from_column, inside, row, without_last};
use crate::tui::ui::text::{RichLine, at_most};

macro_rules! steps {
    ($($name:ident $label:literal;)*) => {
        /// A step of the guide.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Step { $($name,)* }

        impl Step {
            /// All steps in their order.
            const ALL: &'static [Self] = &[$(Self::$name,)*];

            fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
        }
    };
}

steps! {
    Where "Data centre";
    Name "Profile name";
    Client "Client id";
    Secret "Client secret";
    Code "Grant code";
}

/// How far the last step is.
#[derive(Debug, Clone, PartialEq)]
enum Progress {
    Filling,
    /// The code is being exchanged and a test call made.
    Working,
    Failed(Failure),
    /// The profile is saved and works.
    Done(SignedIn),
}

/// The guide.
pub struct Guide {
    form: Form<Step>,
    data_center: DataCenter,
    environment: Environment,
    /// Names of profiles that are there.
    taken: Vec<ProfileName>,
    /// What is wrong with the step that has the focus.
    problem: Option<String>,
    progress: Progress,
}

/// Fewest characters of a secret.
const SECRET_CHARS_MIN: usize = 10;

impl Guide {
    /// A guide for a data centre.
    pub fn new(data_center: DataCenter) -> Self {
        let kind = |step: &Step| match step {
            Step::Where => Kind::Toggle(false),
            Step::Name | Step::Client => Kind::Text(TextField::default()),
            Step::Secret | Step::Code => Kind::Text(TextField::secret()),
        };
        let mut guide = Self {
            form: Form::new(Step::ALL.iter().map(|step| (*step, kind(step))).collect()),
            data_center,
            environment: Environment::Production,
            taken: Vec::new(),
            problem: None,
            progress: Progress::Filling,
        };
        guide.propose_name();
        guide
    }

    pub fn data_center(&self) -> DataCenter {
        self.data_center
    }

    /// Whether it was closed before its end, so that what was typed is kept.
    pub fn is_unfinished(&self) -> bool {
        !matches!(self.progress, Progress::Done(_))
    }

    /// It is opened, perhaps once more.
    pub fn opened(&mut self, shared: &Shared) {
        let all = shared.all_profiles();
        self.taken = all.map(|profile| profile.name.clone()).collect();
        if self.form.text(Step::Client).is_empty() {
            self.propose_name();
        }
    }

    /// Proposes a name that no profile has, such as `us-prod`.
    fn propose_name(&mut self) {
        let environment = match self.environment {
            Environment::Production => "prod",
            Environment::Sandbox => "sandbox",
            Environment::Developer => "dev",
        };
        let stem = format!("{}-{environment}", self.data_center.code().to_lowercase());
        let is_free = |name: &str| !self.taken.iter().any(|known| known.as_str() == name);
        let name = std::iter::once(stem.clone())
            .chain((2..100).map(|number| format!("{stem}-{number}")))
            .find(|name| is_free(name))
            .unwrap_or(stem);
        self.form.set(Step::Name, &name);
    }

    fn step(&self) -> Step {
        self.form.focus().unwrap_or(Step::Where)
    }

    fn is_open(&self) -> bool {
        matches!(self.progress, Progress::Filling | Progress::Failed(_))
    }

    /// Whether the step with the focus takes text.
    fn types_text(&self) -> bool {
        self.is_open() && self.step() != Step::Where
    }

    /// What is wrong with a step, in a sentence.
    fn problem_of(&self, step: Step) -> Option<String> {
        let length = self.form.field(step).map_or(0, TextField::length);
        let text = self.form.text(step).trim();
        match step {
            Step::Where => None,
            Step::Name => {
                let error = text.parse::<ProfileName>().err();
                error.map(|error| error.to_string())
            }
            Step::Client => {
                let is_plausible =
                    text.starts_with("1000.") && text.len() > 10 && !text.contains(' ');
                (!is_plausible)
                    .then(|| "a client id begins with 1000. and has no spaces".to_owned())
            }
            Step::Secret => {
                (length < SECRET_CHARS_MIN).then(|| "paste the client secret".to_owned())
            }
            Step::Code => (length < SECRET_CHARS_MIN).then(|| "paste the grant code".to_owned()),
        }
    }

    /// Goes to the next step, or starts the work after the last one. This spends nothing.
    fn advance(&mut self, cx: &mut Cx<'_>) {
        self.problem = self.problem_of(self.step());
        if self.problem.is_some() {
            return;
        }
        if self.step() != Step::Code {
            self.form.move_by(1, false);
            return;
        }
        let mut all = Step::ALL.iter();
        if let Some(step) = all.find(|step| self.problem_of(**step).is_some()) {
            self.problem = self.problem_of(*step);
            self.form.go_to(*step);
            return;
        }
        let Ok(profile) = self.form.text(Step::Name).trim().parse() else {
            return;
        };
        let secret = |step| self.form.field(step).map(TextField::reveal);
        let (Some(client_secret), Some(code)) = (secret(Step::Secret), secret(Step::Code)) else {
            return;
        };
        self.progress = Progress::Working;
        cx.act(Op::SetUpProfile(Box::new(SignIn {
            profile,
            data_center: self.data_center,
            environment: self.environment,
            client_id: self.form.text(Step::Client).trim().to_owned(),
            client_secret,
            code,
        })));
    }

    fn next_data_center(&mut self, step: isize) {
        let all = DataCenter::ALL;
        let here = all.iter().position(|dc| *dc == self.data_center);
        let next = (here.unwrap_or(0) + all.len()).saturating_add_signed(step) % all.len();
        if let Some(next) = all.get(next) {
            self.data_center = *next;
            self.propose_name();
        }
    }

    fn clear(&mut self, step: Step) {
        if let Some(field) = self.form.field_mut(step) {
            field.clear();
        }
    }

    fn filling(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match (command, self.step()) {
            (Command::Down, Step::Where) => self.next_data_center(1),
            (Command::Up, Step::Where) => self.next_data_center(-1),
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
        match self.types_text() {
            true => self.form.focused_mut(),
            false => None,
        }
    }

    fn text_changed(&mut self, _cx: &mut Cx<'_>) {
        self.problem = None;
    }

    fn typed(&mut self, c: char, _cx: &mut Cx<'_>) -> Handled {
        if !self.is_open() {
            return Handled::No;
        }
        self.problem = None;
        if self.step() == Step::Where {
            if c == ' ' {
                let all = Environment::ALL;
                let here = all.iter().position(|it| *it == self.environment);
                let next = (here.unwrap_or(0) + 1) % all.len();
                self.environment = all.get(next).copied().unwrap_or(self.environment);
                self.propose_name();
            }
            return Handled::when(c == ' ');
        }
        let field = self.form.focused_mut();
        Handled::when(field.is_some_and(|field| field.insert(c)))
    }

    /// There the keys of a list choose or go on, and nobody means that by a wheel.
    fn wheel(&mut self, _spot: &Spot, _command: Command, _cx: &mut Cx<'_>) {}

    fn reply(&mut self, reply: &mut Reply, _cx: &mut Cx<'_>) -> Changed {
        if !matches!(&*reply.op, Op::SetUpProfile(_)) {
            return Changed::No;
        }
        match &reply.result {
            Some(Ok(Payload::SetUpProfile(done))) => {
                self.clear(Step::Secret);
                self.clear(Step::Code);
                self.progress = Progress::Done(done.clone());
            }
            Some(Err(failure)) if failure.kind == FailureKind::Full => {
                self.progress = Progress::Filling;
            }
            Some(Err(_)) => {
                // A grant code works once, whether the rest went well or not.
                self.clear(Step::Code);
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
        let rows = usize::from(area.height);
        let all = self.explanation(shared, Room::Whole, width);
        let is_low = all.len() + Step::ALL.len() + 1 > rows;
        // Where all of it has no room, the step with the focus is enough, and then the scopes in short.
        let focus = [self.step()];
        let steps: &[Step] = if is_low { &focus } else { Step::ALL };
        let room = rows.saturating_sub(steps.len() + 1);
        let lines = if all.len() > room {
            self.explanation(shared, Room::Short, width)
        } else {
            all
        };
        for (index, step) in steps.iter().enumerate() {
            self.step_row(p, *step, row(area, index));
        }
        for (index, line) in at_most(lines, (room, width)).iter().enumerate() {
            p.line(row(area, steps.len() + 1 + index), line);
        }
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
    fn step_row(&self, p: &mut Painter<'_, '_>, step: Step, line: Rect) {
        let has_focus = self.is_open() && self.step() == step;
        let (mark, role) = match (has_focus, self.problem_of(step).is_none()) {
            (true, _) => ("›", Role::LabelFocus),
            (false, true) => ("✓", Role::Ok),
            (false, false) => ("·", Role::Label),
        };
        p.text(line, role, &format!("{mark} {}", step.label()));
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

    /// What is said at the step with the focus, in lines of a width.
    fn explanation(&self, shared: &Shared, room: Room, width: usize) -> Vec<RichLine> {
        let mut lines = Vec::new();
        match &self.progress {
            Progress::Working => {
                let text = "Exchanging the code and making a test call; nothing is spent.";
                return said(&[(Role::Sending, text)], width);
            }
            Progress::Done(done) => return finished(shared, done, width),
            Progress::Failed(failure) => {
                let text = format!("✗ {}", failure.plain);
                lines.extend(said(&[(Role::Error, &text)], width));
                if !failure.next_step.is_empty() {
                    let text = format!("  do  {}", failure.next_step);
                    lines.extend(said(&[(Role::Text, &text)], width));
                }
            }
            Progress::Filling => {}
        }
        if let Some(problem) = &self.problem {
            lines.extend(said(&[(Role::Warning, &format!("! {problem}"))], width));
        }
        let url = self.data_center.console_url();
        let reach = self.contexts(shared);
        lines.extend(match self.step() {
            Step::Where => said(
                &[
                    (Role::Text, &shared.with_keys(&reach, "{up} and {down} choose the data centre of your Zoho account, Space the environment, {accept} goes on.")),
                    (Role::Text, "The address of your CRM tells which one: crm.zoho.com is US, .in IN, .com.au AU, .sa SA, and crm.zohocloud.ca CA. Others have no people enrichment."),
                    (Role::Dim, "A token of one data centre or environment does not work in another; each needs a profile of its own."),
                ],
                width,
            ),
            Step::Name => said(
                &[
                    (Role::Text, "The name by which you will know this profile, here and in scripts."),
                    (Role::Dim, &shared.with_keys(&reach, "Letters, digits, - and _. {accept} takes what is proposed.")),
                ],
                width,
            ),
            Step::Client => said(
                &[
                    (Role::Text, &format!("1  Open {url} and sign in as a user of this CRM.")),
                    (Role::Text, "2  Get Started or Add Client, then Self Client, Create Now, OK. Where there is a Self Client already, open it."),
                    (Role::Text, "3  Copy the Client ID from its Client Secret tab and paste it here; it begins with 1000."),
                    (Role::Dim, "A self client needs no web address and costs nothing."),
                ],
                width,
            ),
            Step::Secret => said(
                &[
                    (Role::Text, "The Client Secret stands below the Client ID, in the same tab. Paste it; a line break at its end does no harm."),
                    (Role::Dim, "It is not shown here, is never an argument and goes into a file that only you can read."),
                ],
                width,
            ),
            Step::Code => code_lines(shared, (url, &shared.settings.scopes), room, width),
        });
        lines
    }
}

fn finished(shared: &Shared, done: &SignedIn, width: usize) -> Vec<RichLine> {
    let organisation = done.organisation.as_deref().unwrap_or("not named");
    let mut lines = said(
        &[
            (Role::Ok, &format!("✓ {} is saved and works.", done.profile)),
            (Role::Text, &format!("  organisation  {organisation}")),
        ],
        width,
    );
    if let Some(user) = &done.user {
        let text = format!("  signed in as  {user}");
        lines.extend(said(&[(Role::Text, &text)], width));
    }
    for one in &done.missing {
        let text = format!("  missing scope  {}: {}", one.scope, one.without);
        lines.extend(said(&[(Role::Warning, &text)], width));
    }
    lines.push(RichLine::new());
    let text = "{accept} goes to the console; {show_setup} there, Setup, checks everything else.";
    let text = shared.with_keys(&contexts(None, false), text);
    lines.extend(said(&[(Role::Dim, &text)], width));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proposed_name_is_free_and_valid() {
        let mut guide = Guide::new(DataCenter::Ca);
        guide.environment = Environment::Sandbox;
        guide.taken = vec!["ca-sandbox".parse().unwrap()];

        guide.propose_name();

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
