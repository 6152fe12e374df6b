//! The columns of a list, as data: what stands above, how wide, and what of a row is in it.

use std::borrow::Cow;
use std::cmp::Ordering;

use ratatui::layout::Rect;

use super::painter::Painter;
use super::text::RichLine;
use crate::theme::Role;
use unicode_width::UnicodeWidthStr;

/// What stands in a cell.
pub enum Cell<'a> {
    Text(Role, Cow<'a, str>),
    /// Where one role is not enough.
    Rich(RichLine),
}

impl<'a> Cell<'a> {
    pub fn new(role: Role, text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(role, text.into())
    }
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    Fixed(u16),
    /// A share of what the fixed ones leave, in percent, within bounds; `spare` columns stay for the
    /// others in any case.
    Share {
        percent: u16,
        least: u16,
        most: u16,
        spare: u16,
    },
    /// What the others leave.
    Rest,
}

impl Width {
    pub const fn share(percent: u16, (least, most): (u16, u16), spare: u16) -> Self {
        Self::Share {
            percent,
            least,
            most,
            spare,
        }
    }
}

/// A column: `L` is what its cells need to know beside the row.
pub struct Column<T, L> {
    /// What stands above it.
    pub head: &'static str,
    pub width: Width,
    /// Blank columns behind it.
    pub gap: u16,
    pub is_right: bool,
    /// Shown in lists so wide and no wider.
    pub from: u16,
    pub until: u16,
    pub cell: for<'a> fn(&'a T, &'a L) -> Cell<'a>,
    /// How rows are sorted by it, where all of them are in memory: no index of the ledger serves
    /// another order than the one a list has.
    pub order: Option<fn(&T, &T) -> Ordering>,
}

impl<T, L> Column<T, L> {
    pub const fn new(
        head: &'static str,
        width: Width,
        cell: for<'a> fn(&'a T, &'a L) -> Cell<'a>,
    ) -> Self {
        Self {
            head,
            width,
            gap: 2,
            is_right: false,
            from: 0,
            until: u16::MAX,
            cell,
            order: None,
        }
    }

    #[must_use]
    pub const fn gap(mut self, gap: u16) -> Self {
        self.gap = gap;
        self
    }

    #[must_use]
    pub const fn sorted(mut self, order: fn(&T, &T) -> Ordering) -> Self {
        self.order = Some(order);
        self
    }

    #[must_use]
    pub const fn right(mut self) -> Self {
        self.is_right = true;
        self
    }

    /// Not shown in lists narrower than this.
    #[must_use]
    pub const fn from(mut self, columns: u16) -> Self {
        self.from = columns;
        self
    }

    /// Not shown in lists this wide or wider.
    #[must_use]
    pub const fn until(mut self, columns: u16) -> Self {
        self.until = columns;
        self
    }
}

/// The columns that are shown in a list of a width, each with its place.
pub fn placed<T, L>(columns: &[Column<T, L>], width: u16) -> Vec<(&Column<T, L>, u16, u16)> {
    let fits = |column: &&Column<T, L>| column.from <= width && width < column.until;
    let shown: Vec<_> = columns.iter().filter(fits).collect();
    let fixed = shown.iter().map(|column| match column.width {
        Width::Fixed(columns) => columns + column.gap,
        Width::Share { .. } | Width::Rest => column.gap,
    });
    // Nothing comes behind the last one.
    let last_gap = shown.last().map_or(0, |column| column.gap);
    let room = width.saturating_sub(fixed.sum::<u16>() - last_gap);
    let share = |column: &Column<T, L>| match column.width {
        Width::Share {
            percent,
            least,
            most,
            spare,
        } => {
            let wanted = u32::from(room) * u32::from(percent) / 100;
            let wanted = u16::try_from(wanted).unwrap_or(room);
            let least = least.min(room.saturating_sub(spare));
            wanted.max(least).min(most).min(room)
        }
        Width::Fixed(_) | Width::Rest => 0,
    };
    let shares = shown.iter().map(|column| share(column));
    let rest = room.saturating_sub(shares.sum());
    let mut at = 0;
    let placed = shown.into_iter().map(|column| {
        let columns = match column.width {
            Width::Fixed(columns) => columns,
            Width::Share { .. } => share(column),
            Width::Rest => rest,
        };
        let place = (column, at, columns);
        at += columns + column.gap;
        place
    });
    placed.collect()
}

/// By which column rows are sorted, and whether they fall.
pub type Sort = (&'static str, bool);

/// The next way to sort: each column that can be sorted by, rising and falling.
pub fn next_sort<T, L>(columns: &[Column<T, L>], sort: Option<Sort>) -> Option<Sort> {
    let sorted = columns.iter().filter(|column| column.order.is_some());
    let all: Vec<Sort> = sorted
        .flat_map(|column| [(column.head, false), (column.head, true)])
        .collect();
    let at = all.iter().position(|way| Some(*way) == sort);
    let next = at.map_or(0, |at| at + 1);
    all.get(next).or(all.first()).copied()
}

/// Draws what stands above columns; a word may reach into the gap behind its column.
pub fn draw_heads<T, L>(
    p: &mut Painter<'_, '_>,
    line: Rect,
    columns: &[(&Column<T, L>, u16, u16)],
    sort: Option<Sort>,
) {
    for (column, at, width) in columns {
        let mark = match sort {
            Some((head, falls)) if head == column.head => ["▲", "▼"][usize::from(falls)],
            _ => "",
        };
        let x = line.x.saturating_add(*at).min(line.right());
        let room = (line.right() - x).min(width + column.gap.saturating_sub(1));
        // The mark is seen, whatever it takes from the word.
        let letters = usize::from(room).saturating_sub(mark.width());
        let text = match mark {
            "" => column.head.to_owned(),
            mark => column
                .head
                .chars()
                .take(letters)
                .chain(mark.chars())
                .collect(),
        };
        let head = u16::try_from(text.width()).unwrap_or(u16::MAX);
        let blank = match column.is_right {
            true => width.saturating_sub(head),
            false => 0,
        };
        let place = Rect::new(x + blank.min(room), line.y, room.saturating_sub(blank), 1);
        p.put(place, Role::Dim, &text);
    }
}

/// Draws a cell where its column is.
pub fn draw_cell(p: &mut Painter<'_, '_>, area: Rect, cell: &Cell<'_>, is_right: bool) {
    let (role, text) = match cell {
        Cell::Rich(line) => return p.line(area, line),
        Cell::Text(role, text) => (*role, text),
    };
    let blank = match is_right {
        true => usize::from(area.width).saturating_sub(text.width()),
        false => 0,
    };
    let blank = u16::try_from(blank).unwrap_or(0);
    let area = Rect::new(area.x + blank, area.y, area.width - blank, area.height);
    p.put(area, role, text);
}
