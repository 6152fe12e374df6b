//! The Usage screen: the figures from the ledger, laid out, and when the server is asked. Nothing is
//! asked while another screen is shown.

mod panes;
mod text;

use std::time::Duration;

use ratatui::layout::Rect;

use self::panes::{Panes, Span, panes};
use self::text::{Text, text};
use crate::base::Scope;
use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Changed, Cx, Handled, Out, Screen, ScreenId};
use crate::tui::app::op::{Freshness, Op, Reply};
use crate::tui::app::poll::{Brought, Poll, PollInterval};
use crate::tui::app::remote::Remote;
use crate::tui::app::shared::Shared;
use crate::tui::data::usage::UsageSheet;
use crate::tui::ui::painter::{Focus, Painter, from_column, inside, row};
use crate::tui::ui::text::RichLine;
use crate::tui::ui::viewport::Viewport;

/// The server is asked for usage at most once a minute, at least every ten while it is shown.
const INTERVAL: PollInterval = PollInterval {
    least: Duration::from_secs(60),
    most: Duration::from_secs(600),
};
/// Its pane.
const PANE: &str = "usage";
const EMPTY: &str = "not known yet";

/// The Usage screen.
pub struct UsageScreen {
    /// Whose usage is held; another profile or kind on screen invalidates everything here.
    of: Option<Scope>,
    sheet: Remote<UsageSheet>,
    span: Span,
    /// The server.
    poll: Poll,
    /// The text and the panes that it is laid out for.
    text: Text,
    laid_out: Option<Panes>,
    /// Which lines are seen: of who spent what, or of everything on a small screen.
    view: Viewport,
}

impl Default for UsageScreen {
    fn default() -> Self {
        Self {
            of: None,
            sheet: Remote::default(),
            span: Span::Month,
            poll: Poll::new(INTERVAL),
            text: Text::default(),
            laid_out: None,
            view: Viewport::default(),
        }
    }
}

impl UsageScreen {
    fn ask(&mut self, cx: &mut Cx<'_>) {
        if let Some(scope) = self.of.clone() {
            self.sheet.again(Op::LoadUsageSheet(scope), cx);
        }
    }

    /// Lines that scroll.
    fn scrolled(&self) -> &[RichLine] {
        match self.laid_out {
            Some(Panes::Five { .. }) => &self.text.who,
            Some(Panes::One(_)) | None => &self.text.head,
        }
    }

    fn rows(&self) -> usize {
        let area = match self.laid_out {
            Some(Panes::One(area)) => area,
            Some(Panes::Five { who, .. }) => who,
            None => return 1,
        };
        usize::from(inside(area).height)
    }

    /// A pane whose lines all fit.
    fn fixed(&self, p: &mut Painter<'_, '_>, area: Rect, title: &str, what: (&[RichLine], &str)) {
        let (lines, right) = what;
        p.titles(
            area,
            &RichLine::new().with(Role::Title, &format!(" {title} ")),
            &RichLine::new().with(Role::Dim, right),
        );
        p.lines(from_column(inside(area), 1), lines);
    }

    /// The pane that scrolls.
    fn scrolling(&self, p: &mut Painter<'_, '_>, area: Rect, title: &str, lines: &[RichLine]) {
        let inner = from_column(inside(area), 1);
        let rows = usize::from(inner.height);
        let seen = self.view.seen(lines.len(), rows);
        let mut right = RichLine::new();
        if lines.len() > rows {
            let text = format!(" {}–{} of {} ", seen.start + 1, seen.end, lines.len());
            right.push(Role::Dim, &text);
        }
        let title = RichLine::new().with(Role::Title, &format!(" {title} "));
        p.titles(area, &title, &right);
        if self.sheet.value.is_none() {
            p.text(row(inner, 0), Role::Dim, EMPTY);
        }
        p.lines(inner, lines.get(seen).unwrap_or_default());
        p.pane(area, PANE);
    }
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
                self.span = self.span.other();
                self.laid_out = None;
            }
            Command::Back => cx.go(ScreenId::Console, None),
            command => {
                let size = (self.scrolled().len(), self.rows());
                return Handled::when(self.view.scroll_on(command, size));
            }
        }
        Handled::Yes
    }

    fn fit(&mut self, area: Rect, shared: &Shared) {
        let panes = panes(area);
        if self.laid_out != Some(panes) {
            let sheet = self.sheet.value.as_ref();
            let laid_out = sheet.map(|sheet| text(sheet, &panes, (self.span, shared.now)));
            self.text = laid_out.unwrap_or_default();
            self.laid_out = Some(panes);
        }
        let (count, rows) = (self.scrolled().len(), self.rows());
        self.view.scroll_by(0, count, rows);
    }

    fn draw(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let span = self.span.days();
        let mut name = format!("Usage · {}", shared.kind.as_str());
        if let Some(profile) = shared.profile() {
            name.push_str(&format!(" · {}", profile.data_center.code()));
        }
        match panes(area) {
            Panes::One(area) => {
                p.border(area, Focus::Here);
                self.scrolling(p, area, &name, &self.text.head);
            }
            Panes::Five {
                head,
                days,
                burn,
                outcomes,
                who,
            } => {
                let elsewhere = [head, days, burn, outcomes];
                let mut boxes = elsewhere
                    .map(|area| (Some(area), Focus::Elsewhere))
                    .to_vec();
                boxes.push((Some(who), Focus::Here));
                p.borders(&boxes);
                let doing = match shared.is_usage_asked() {
                    true => " asking the server ",
                    false => "",
                };
                self.fixed(p, head, &name, (&self.text.head, doing));
                if self.text.head.is_empty() {
                    let line = row(from_column(inside(head), 1), 0);
                    p.text(line, Role::Dim, EMPTY);
                }
                let title = format!("Units per day · {span} days, UTC");
                self.fixed(p, days, &title, (&self.text.days, ""));
                self.fixed(p, burn, "Used so far", (&self.text.burn, ""));
                let title = format!("Outcomes · {span} days");
                self.fixed(p, outcomes, &title, (&self.text.outcomes, ""));
                self.scrolling(p, who, "Who spent what", &self.text.who);
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
            self.laid_out = None;
            self.view = Viewport::default();
        }
        let at = cx.shared.usage().and_then(|figures| figures.usage.at);
        let age = at.and_then(|at| Duration::try_from(cx.env.now.duration_since(at)).ok());
        // Figures of this minute serve until the next one.
        let fresh_for = age.map_or(Duration::ZERO, |age| INTERVAL.least.saturating_sub(age));
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
        self.laid_out = None;
        Changed::Yes
    }

    fn usage_told(&mut self, scope: &Scope, brought: Brought, cx: &mut Cx<'_>) {
        if self.of.as_ref() == Some(scope) {
            self.poll.answered(cx.env.uptime, brought);
        }
    }

    fn minute(&mut self) {
        self.laid_out = None;
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
