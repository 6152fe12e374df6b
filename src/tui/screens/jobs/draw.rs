//! The panes of the Jobs screen as cells.

use ratatui::layout::Rect;

use super::list::{COLUMNS, Look};
use super::{DATA, Jobs, LIST};
use crate::ledger::JobsOf;
use crate::theme::Role;
use crate::tui::app::cx::Screen;
use crate::tui::app::shared::Shared;
use crate::tui::ui::list::{Drawn, Selection};
use crate::tui::ui::painter::{Focus, Painter, from_column, inside};
use crate::tui::ui::text::{RichLine, age, fitted, grouped};

impl Jobs {
    pub(super) fn draw_list(&self, shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        let mut text = format!(" Jobs · {}", shared.kind.as_str());
        if let Some(profile) = shared.profile() {
            text.push_str(&format!(" · {}", profile.data_center.code()));
        }
        if self.total() > 0 {
            text.push_str(&format!(" · {}", grouped(self.total())));
        }
        let summary = || self.summary(shared);
        self.search.titles(p, area, (&text, "id"), summary);
        p.pane(area, LIST);
        let inner = inside(area);
        if self.list.is_empty() {
            return p.blank(inner, &self.empty(shared));
        }
        let look = Look {
            now: shared.now,
            zone: shared.settings.zone.clone(),
            kind: shared.kind,
        };
        let how = Drawn {
            pane: LIST,
            selection: Selection::Ground(Focus::when(!self.is_in_data)),
            look: &look,
        };
        self.list.draw(p, inner, COLUMNS, &how);
    }

    /// What narrows the list, or how fresh it is.
    fn summary(&self, shared: &Shared) -> RichLine {
        let filter = &self.filter;
        let mut parts: Vec<String> = Vec::new();
        parts.extend(filter.status.iter().map(|status| fitted(status, 20)));
        match filter.whose {
            JobsOf::All => {}
            JobsOf::Mine => parts.push("mine".to_owned()),
            JobsOf::Others => parts.push("others'".to_owned()),
        }
        parts.extend(
            filter
                .id_part
                .iter()
                .map(|id| format!("id {}", fitted(id, 20))),
        );
        let said = |role, text: &str| RichLine::of(role, text);
        if !parts.is_empty() {
            let text = format!(" only {} ", parts.join(", "));
            return said(Role::Warning, &text);
        }
        if self.list_poll.is_asked() {
            return said(Role::Dim, " asking the server ");
        }
        if let Some(failure) = &self.failure {
            let text = format!(" {} ", fitted(failure, usize::from(shared.width / 2)));
            return said(Role::Warning, &text);
        }
        if self.list.newer > 0 {
            let text = format!(" {} newer · {{top}} shows them ", self.list.newer);
            let text = shared.with_keys(&self.contexts(shared), &text);
            return said(Role::Dim, &text);
        }
        let text = match (self.moving(), self.listed_at) {
            (0, Some(at)) => format!(" list read {} ", age(at, shared.now)),
            (0, None) => " the server was not asked yet ".to_owned(),
            (n, _) => format!(" {} not final ", grouped(n)),
        };
        said(Role::Dim, &text)
    }

    fn empty(&self, shared: &Shared) -> String {
        let text = if self.newest.is_open() {
            "reading the ledger"
        } else if self.is_filtered() {
            return shared.with_keys(
                &self.contexts(shared),
                "no job passes the filter; {back} shows all again",
            );
        } else if shared.profile().is_none() {
            "set up a profile to see its jobs"
        } else if self.list_poll.is_asked() {
            "asking the server"
        } else {
            "no job yet; each accepted request makes one"
        };
        text.to_owned()
    }

    pub(super) fn draw_found(
        &self,
        shared: &Shared,
        p: &mut Painter<'_, '_>,
        area: Rect,
        is_beside_asked: bool,
    ) {
        // Without a pane of its own, what was asked stands here too.
        let word = if is_beside_asked { "Found" } else { "Job" };
        let title = match &self.sheet.figures {
            None => format!(" {word} "),
            Some(figures) => {
                let at = figures.at.to_zoned_datetime(shared.settings.zone.clone());
                format!(" {word} · as of {} ", at.strftime("%d %b %H:%M:%S"))
            }
        };
        let right = match self.sheet_poll.is_asked() {
            true => RichLine::of(Role::Dim, " asking the server "),
            false => self.found.seen(),
        };
        p.titles(area, &RichLine::of(Role::Title, &title), &right);
        self.found.draw(p, from_column(inside(area), 1));
        p.pane(area, DATA);
    }
}
