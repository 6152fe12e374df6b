//! A grant code for a profile that is there, and how one is made, for somebody who has never made a
//! client at Zoho.

use ratatui::layout::Rect;

use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, Screen};
use crate::tui::app::notice::FailureKind;
use crate::tui::app::op::{Hidden, Op, Reply};
use crate::tui::app::shared::Shared;
use crate::tui::data::profile::ProfileFigures;
use crate::tui::popups::{Progress, contexts};
use crate::tui::ui::field::TextField;
use crate::tui::ui::hits::Spot;
use crate::tui::ui::painter::{Painter, from_column, from_row, inside, row, without_last};
use crate::tui::ui::text::{Room, paragraphs, roomy};

/// Fewest characters of a code.
const CODE_CHARS_MIN: usize = 10;

/// The code while it is typed.
pub struct GrantCode {
    profile: ProfileFigures,
    code: TextField,
    progress: Progress<()>,
}

impl GrantCode {
    pub fn new(profile: &ProfileFigures) -> Self {
        Self {
            profile: profile.clone(),
            code: TextField::secret(),
            progress: Progress::Filling,
        }
    }
}

impl Screen for GrantCode {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        let is_open = self.progress.is_open();
        contexts(is_open.then_some(Context::GrantCode), is_open)
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match command {
            Command::CopyScopes => cx.copy(copied(&self.profile.scopes), "the scopes"),
            Command::Accept if !self.progress.is_open() => {}
            Command::Accept if self.code.length() < CODE_CHARS_MIN => {
                cx.warn("paste the grant code first; nothing was asked");
            }
            Command::Accept => {
                self.progress = Progress::Working;
                cx.act(Op::SignInAgain {
                    profile: self.profile.name.clone(),
                    code: Hidden(self.code.reveal()),
                });
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        self.progress.is_open().then_some(&mut self.code)
    }

    /// There the keys of a list choose or go on, and nobody means that by a wheel.
    fn wheel(&mut self, _spot: &Spot, _command: Command, _cx: &mut Cx<'_>) {}

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        match &*reply.op {
            Op::SignInAgain { profile, .. } if *profile == self.profile.name => {}
            _ => return Changed::No,
        }
        self.progress = Progress::Filling;
        match reply.result.take_if(|result| result.is_err()) {
            Some(Err(failure)) if failure.kind == FailureKind::Full => cx.fail(&failure),
            Some(Err(failure)) => {
                // A grant code works once, whether the rest went well or not.
                self.code.clear();
                self.progress = Progress::Failed(failure);
            }
            Some(Ok(_)) | None => cx.close(),
        }
        Changed::Yes
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let area = without_last(from_column(inside(area), 2), 2);
        let line = row(area, 0);
        let working = "Exchanging the code; nothing is spent.";
        match self.progress.is_open() {
            true => p.field(line, &self.code),
            false => p.text(line, Role::Sending, working),
        }
        let below = from_row(area, 2);
        let (rows, width) = (usize::from(below.height), usize::from(below.width));
        let lines = roomy((rows, width), |room| {
            let profile = &self.profile;
            let from = (profile.data_center.console_url(), &*profile.scopes);
            let mut lines = match &self.progress {
                Progress::Failed(failure) => failure.lines(width),
                Progress::Filling | Progress::Working | Progress::Done(()) => Vec::new(),
            };
            lines.extend(paragraphs(code_lines(shared, from, room), (width, 3)));
            lines
        });
        p.lines(below, &lines);
    }

    fn about(&self) -> About {
        (
            "Sign in again",
            "A grant code is made in Zoho's API console and works once. Paste it; it is not shown, \
             and signing in spends nothing.",
        )
    }

    fn title(&self, _shared: &Shared) -> String {
        format!("Sign {} in again", self.profile.name)
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        (84, 16)
    }
}

/// How a grant code is made, where, and with which scopes.
pub(super) fn code_lines(
    shared: &Shared,
    (url, scopes): (&str, &str),
    room: Room,
) -> Vec<(Role, String)> {
    let reach = contexts(Some(Context::GrantCode), true);
    let count = scopes.split(',').count();
    let list = format!("   {}", copied(scopes).replace(',', ", "));
    let (says, list) = match (room, shared.key(&reach, Command::CopyScopes).as_str()) {
        (_, "") => ("2  Scope:".to_owned(), Some(list)),
        // By their number: the key copies them.
        (Room::Short, key) => (format!("2  Scope: {key} copies the {count} of them."), None),
        (Room::Whole, key) => (format!("2  Scope, which {key} copies:"), Some(list)),
    };
    let make = "3  Any duration and description, Create; then choose CRM and this organisation.";
    let paste = "4  Paste the code here and press {accept}. It lives three minutes unless you chose \
                 more, works once, and spends no unit.";
    let open = format!("1  In {url} open the Self Client's Generate Code tab.");
    let mut lines = vec![(Role::Text, open), (Role::Text, says)];
    lines.extend(list.map(|list| (Role::Accent, list)));
    lines.push((Role::Text, make.to_owned()));
    lines.push((Role::Text, shared.with_keys(&reach, paste)));
    lines
}

/// The scopes as Zoho's page takes them: a box on the screen cannot be marked and copied.
pub(super) fn copied(scopes: &str) -> String {
    scopes.replace(' ', "")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::tui::app::effect::Effect;
    use crate::tui::testing::Harness;
    use crate::tui::testing::setup::at_the_code;

    #[rstest]
    #[case(60, 15)]
    #[case(80, 24)]
    #[case(120, 40)]
    fn every_step_is_told_whole_at_every_size(#[case] width: u16, #[case] height: u16) {
        let mut harness = Harness::at_work(width, height);
        let tells = |harness: &Harness, text: &str| {
            let shown = harness.text();
            assert!(shown.contains(text), "{text}: {shown}");
        };
        harness.press("F8");
        tells(&harness, "zohocloud.ca");
        tells(&harness, "production");
        harness.press("Enter Enter");
        tells(&harness, "Self");
        tells(&harness, "begins with 1000.");

        let harness = at_the_code(width, height);

        tells(&harness, "Alt+c");
        tells(&harness, "3  Any duration");
        tells(&harness, "spends no unit");
    }

    #[test]
    fn the_scopes_are_copied_in_one_piece() {
        let mut harness = at_the_code(60, 15);
        harness.app.shared.settings.scopes = "A.b, C.d".to_owned();

        harness.press("Alt+c");

        let copied = Effect::Copy {
            text: "A.b,C.d".to_owned(),
            what: "the scopes",
        };
        assert_eq!(harness.effects, [copied]);
    }

    #[test]
    fn signing_in_again_tells_the_same_on_the_smallest_screen() {
        let mut harness = Harness::at_work(60, 15);
        harness.press("F2 F2 F2 F2 i");

        let text = harness.text();
        assert!(text.contains("Alt+c copies"), "{text}");
        assert!(text.contains("spends no unit"), "{text}");
        harness.press("Enter");
        assert!(harness.text().contains("paste the grant code first"));
        harness.effects.clear();
        harness.press("Alt+c");
        assert!(matches!(harness.effects.as_slice(), [Effect::Copy { .. }]));
    }
}
