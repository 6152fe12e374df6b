//! A grant code for a profile that is there.

use ratatui::layout::Rect;

use super::sign_in_words::{Room, code_lines, copied};
use crate::base::ProfileName;
use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, Screen};
use crate::tui::app::notice::{Failure, Notice};
use crate::tui::app::op::{Login, Op, Reply};
use crate::tui::app::shared::Shared;
use crate::tui::data::profile::ProfileFigures;
use crate::tui::popups::contexts;
use crate::tui::ui::field::TextField;
use crate::tui::ui::painter::{Painter, from_column, inside, row, without_last};
use crate::tui::ui::text::{RichLine, at_most};

/// Fewest characters of a code.
const CODE_CHARS_MIN: usize = 10;

/// The code while it is typed.
pub struct GrantCode {
    profile: ProfileName,
    /// Where the code is made.
    url: &'static str,
    /// The scopes that it needs.
    scopes: String,
    code: TextField,
    /// Whether it is being exchanged.
    is_working: bool,
    /// Why the last one did not work.
    failure: Option<Failure>,
}

impl GrantCode {
    pub fn new(profile: &ProfileFigures) -> Self {
        Self {
            profile: profile.name.clone(),
            url: profile.data_center.console_url(),
            scopes: profile.scopes.clone(),
            code: TextField::secret(),
            is_working: false,
            failure: None,
        }
    }
}

impl Screen for GrantCode {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        let own = (!self.is_working).then_some(Context::GrantCode);
        contexts(own, !self.is_working)
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match command {
            Command::CopyScopes => cx.copy(copied(&self.scopes), "the scopes"),
            Command::Accept if self.is_working => {}
            Command::Accept if self.code.length() < CODE_CHARS_MIN => {
                cx.warn("paste the grant code first; nothing was asked");
            }
            Command::Accept => {
                self.is_working = true;
                self.failure = None;
                cx.act(Op::SignInAgain(Login {
                    profile: self.profile.clone(),
                    code: self.code.reveal(),
                }));
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn text_field(&mut self) -> Option<&mut TextField> {
        (!self.is_working).then_some(&mut self.code)
    }

    /// There the keys of a list choose or go on, and nobody means that by a wheel.
    fn wheel(&mut self, _: &crate::tui::ui::hits::Spot, _: Command, _: &mut Cx<'_>) {}

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        let is_own =
            |op: &Op| matches!(op, Op::SignInAgain(login) if login.profile == self.profile);
        if !is_own(&reply.op) {
            return Changed::No;
        }
        self.is_working = false;
        if let Some(Err(failure)) = reply.result.take_if(|result| result.is_err()) {
            // A grant code works once, whether the rest went well or not.
            if failure.kind == crate::tui::app::notice::FailureKind::Full {
                cx.say(Notice::warning(failure.to_string()));
            } else {
                self.code.clear();
                self.failure = Some(failure);
            }
        } else {
            cx.close();
        }
        Changed::Yes
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let area = without_last(from_column(inside(area), 2), 2);
        let (width, room) = (usize::from(area.width), usize::from(area.height));
        let mut lines = Vec::new();
        if let Some(failure) = &self.failure {
            let line = RichLine::new()
                .with(Role::Error, "✗ ")
                .with(Role::Text, &failure.to_string());
            lines.extend(line.wrapped(width, 2));
        }
        let how = |room| code_lines(shared, (self.url, &self.scopes), room, width);
        let whole = how(Room::Whole);
        // The field and an empty row stand above.
        let room = room.saturating_sub(2);
        let is_roomy = lines.len() + whole.len() <= room;
        lines.extend(if is_roomy { whole } else { how(Room::Short) });
        let below = Rect::new(
            area.x,
            area.y + 2,
            area.width,
            area.height.saturating_sub(2),
        );
        p.lines(below, &at_most(lines, (room, width)));
        let line = row(area, 0);
        if self.is_working {
            let text = "Exchanging the code; nothing is spent.";
            return p.text(line, Role::Sending, text);
        }
        p.field(line, &self.code);
    }

    fn about(&self) -> About {
        (
            "Sign in again",
            "A grant code is made in Zoho's API console and works once. Paste it; it is not shown, \
             and signing in spends nothing.",
        )
    }

    fn title(&self, _shared: &Shared) -> String {
        format!("Sign {} in again", self.profile)
    }

    fn size(&self, _room: (u16, u16)) -> (u16, u16) {
        (84, 16)
    }
}
