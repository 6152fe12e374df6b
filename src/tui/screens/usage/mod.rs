//! The Usage screen: the figures from the ledger, laid out, and when the server is asked. Nothing is
//! asked while another screen is shown.

mod text;

use std::time::Duration;

use ratatui::layout::Rect;

use self::text::{MONTH, Part, Text};
use crate::base::Scope;
use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, HoldsPeople, Out, Screen, ScreenId};
use crate::tui::app::op::{Freshness, Op, Reply};
use crate::tui::app::poll::{Brought, Poll};
use crate::tui::app::remote::Remote;
use crate::tui::app::shared::Shared;
use crate::tui::data::usage::{DAYS, UsageSheet};
use crate::tui::layout::{beside, is_wide, split};
use crate::tui::ui::pager::Pager;
use crate::tui::ui::painter::{Focus, Painter, from_column, inside};
use crate::tui::ui::text::RichLine;

/// The server is asked for usage at most once a minute, at least every ten while it is shown.
type ServerPoll = Poll<60, 600>;
/// Its pane.
const PANE: &str = "usage";
/// Rows of the figures with their border.
const HEAD_ROWS: u16 = 7;

/// The Usage screen.
pub struct UsageScreen {
    /// Whose usage is held; another profile or kind on screen invalidates everything here.
    of: Option<Scope>,
    sheet: Remote<UsageSheet>,
    /// Days that the plots show.
    days: usize,
    /// The server.
    poll: ServerPoll,
    /// What scrolls: who spent what, or everything on a small screen.
    pager: Pager,
}

impl Default for UsageScreen {
    fn default() -> Self {
        Self {
            of: None,
            sheet: Remote::default(),
            days: MONTH,
            poll: ServerPoll::default(),
            pager: Pager::default(),
        }
    }
}

/// What stands where, each with its border. The last one scrolls.
fn panes(body: Rect) -> Vec<(Part, Rect)> {
    if !is_wide(body) {
        return vec![(Part::All, body)];
    }
    let (head, rest) = split(body, HEAD_ROWS);
    let (plots, lists) = split(rest, (rest.height * 56 / 100).max(7));
    let (days, burn) = beside(plots, body.width / 2);
    let (outcomes, who) = beside(lists, body.width / 2);
    vec![
        (Part::Head, head),
        (Part::Days, days),
        (Part::Burn, burn),
        (Part::Outcomes, outcomes),
        (Part::Who, who),
    ]
}

/// Columns and rows for the text of a pane.
fn size(area: Rect) -> (usize, usize) {
    let inner = inside(area);
    let columns = usize::from(inner.width.saturating_sub(2));
    (columns, usize::from(inner.height))
}

impl UsageScreen {
    fn ask(&mut self, cx: &mut Cx<'_>) {
        if let Some(scope) = self.of.clone() {
            self.sheet.again(Op::LoadUsageSheet(scope), cx);
        }
    }
}

/// Nobody: it names operators alone.
impl HoldsPeople for UsageScreen {
    fn forget_people(&mut self) {}
}

impl Screen for UsageScreen {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        vec![
            Context::Usage,
            Context::List,
            Context::Screen,
            Context::Always,
        ]
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match command {
            Command::PlotDays => {
                self.days = if self.days == DAYS { MONTH } else { DAYS };
                self.pager.outdate();
            }
            Command::Back => cx.go(ScreenId::Console, None),
            command => return Handled::when(self.pager.on(command)),
        }
        Handled::Yes
    }

    fn fit(&mut self, area: Rect, shared: &Shared) {
        let (span, now) = (self.days, shared.now);
        let sheet = self.sheet.value.as_ref();
        let text = sheet.map(|sheet| Text { sheet, span, now });
        if let Some((part, area)) = panes(area).pop() {
            let lines = |width| part.lines(text, (width, 0));
            self.pager.fit(size(area), lines);
        }
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let (span, now) = (self.days, shared.now);
        let sheet = self.sheet.value.as_ref();
        let text = sheet.map(|sheet| Text { sheet, span, now });
        let panes = panes(area);
        let scrolls = |part: Part| matches!(part, Part::All | Part::Who);
        let boxes = panes.iter();
        let boxes = boxes.map(|(part, area)| (Some(*area), Focus::when(scrolls(*part))));
        p.borders(&boxes.collect::<Vec<_>>());
        for (part, area) in panes {
            let title = part.title(span).unwrap_or_else(|| shared.place("Usage"));
            let right = match part {
                part if scrolls(part) => self.pager.seen(),
                Part::Head if shared.is_usage_asked() => {
                    RichLine::of(Role::Dim, " asking the server ")
                }
                _ => RichLine::new(),
            };
            p.titles(
                area,
                &RichLine::of(Role::Title, &format!(" {title} ")),
                &right,
            );
            let inner = from_column(inside(area), 1);
            if scrolls(part) {
                self.pager.draw(p, inner);
                p.pane(area, PANE);
            } else {
                p.lines(inner, &part.lines(text, size(area)));
            }
        }
    }

    fn about(&self) -> About {
        (
            "Usage",
            "How much of the organisation's limit is spent, from where that is known and how old it \
             is. Unknown attempts count as spent until they are settled. No reset is documented.",
        )
    }

    /// The usage of the profile and kind on screen.
    fn shown(&mut self, cx: &mut Cx<'_>) {
        let of = cx.shared.scope();
        if self.of != of {
            self.of = of;
            self.poll.stop();
            self.sheet.forget();
            self.pager.restart();
        }
        let at = cx.shared.usage().and_then(|figures| figures.usage.at);
        let age = at.and_then(|at| Duration::try_from(cx.env.now.duration_since(at)).ok());
        // Figures of this minute serve until the next one.
        let fresh_for = age.map_or(Duration::ZERO, |age| ServerPoll::LEAST.saturating_sub(age));
        self.poll.schedule(cx.env.uptime + fresh_for);
        self.ask(cx);
    }

    fn scope_changed(&mut self, cx: &mut Cx<'_>) {
        self.shown(cx);
    }

    fn ledger_changed(&mut self, cx: &mut Cx<'_>) {
        self.ask(cx);
    }

    fn reply(&mut self, reply: &mut Reply, cx: &mut Cx<'_>) -> Changed {
        if !self.sheet.take(reply, cx) {
            return Changed::No;
        }
        if let Some(failure) = &self.sheet.error {
            cx.fail(failure);
        }
        self.pager.outdate();
        Changed::Yes
    }

    fn usage_told(&mut self, scope: &Scope, brought: Brought, cx: &mut Cx<'_>) {
        if self.of.as_ref() == Some(scope) {
            self.poll.answered(cx.env.uptime, brought);
        }
    }

    fn minute(&mut self) {
        self.pager.outdate();
    }

    fn due(&self, shared: &Shared) -> Option<Duration> {
        let is_held = self.of.is_some() && shared.can_ask();
        self.poll.due().filter(|_| is_held)
    }

    fn tick(&mut self, cx: &mut Cx<'_>) {
        if self.due(cx.shared).is_some_and(|at| at <= cx.env.uptime) {
            self.poll.asked(cx.env.uptime);
            cx.out.push(Out::AskUsage(Freshness::Server));
        }
    }
}

#[cfg(test)]
mod tests;
