//! The same screen in ASCII, for a terminal whose locale has nothing else.
//!
//! One pass over the finished cells, so that no part of the screen has to know of it. Each cell
//! keeps its column: glyphs of ours get a likeness, everything else that is not ASCII, such as a
//! name from the CRM, becomes `?`. Three glyphs take the blank cells beside them: `…`, `→` and `≠`.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

/// Rewrites every cell that is not ASCII.
pub(super) fn apply(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let at = Position::new(x, y);
            let Some(cell) = buffer.cell_mut(at) else {
                continue;
            };
            if cell.symbol().is_ascii() {
                continue;
            }
            match cell.symbol() {
                "…" => ellipsis(buffer, at),
                "→" => two(buffer, at, ("-", ">")),
                // Half a block ends a gauge; elsewhere it marks what is selected.
                "▌" => half(buffer, at),
                "≠" => two(buffer, at, ("!", "=")),
                symbol => {
                    let likeness = likeness(symbol);
                    cell.set_symbol(likeness);
                }
            }
        }
    }
}

/// Three dots where there are blanks beside it, of which one stays, or where a text was cut; fewer
/// where there is less room.
fn ellipsis(buffer: &mut Buffer, at: Position) {
    let left = |n: u16| at.x.checked_sub(n).map(|x| Position::new(x, at.y));
    let right = |n: u16| at.x.checked_add(n).map(|x| Position::new(x, at.y));
    put(buffer, Some(at), ".");
    let is_blank = |cell| is_blank(buffer, cell);
    let before = [1, 2, 3].into_iter().take_while(|n| is_blank(left(*n)));
    let cells = match before.count() {
        3 => [left(1), left(2)],
        2 => [left(1), None],
        _ if [1, 2, 3].into_iter().all(|n| is_blank(right(n))) => [right(1), right(2)],
        0 if is_letter(buffer, left(1)) && is_letter(buffer, left(2)) => [left(1), left(2)],
        _ => [None, None],
    };
    for cell in cells {
        put(buffer, cell, ".");
    }
}

/// Two characters, the first in the cell before where that is blank.
fn two(buffer: &mut Buffer, at: Position, (first, second): (&'static str, &'static str)) {
    let before = at.x.checked_sub(1).map(|x| Position::new(x, at.y));
    put(buffer, Some(at), second);
    if is_blank(buffer, before) {
        put(buffer, before, first);
    }
}

fn half(buffer: &mut Buffer, at: Position) {
    let before = at.x.checked_sub(1).map(|x| Position::new(x, at.y));
    let cell = before.and_then(|at| buffer.cell(at));
    let is_in_gauge = cell.is_some_and(|cell| cell.symbol() == "#");
    put(buffer, Some(at), if is_in_gauge { "=" } else { ">" });
}

fn put(buffer: &mut Buffer, at: Option<Position>, symbol: &'static str) {
    if let Some(cell) = at.and_then(|at| buffer.cell_mut(at)) {
        cell.set_symbol(symbol);
    }
}

fn is_blank(buffer: &Buffer, at: Option<Position>) -> bool {
    let cell = at.and_then(|at| buffer.cell(at));
    cell.is_some_and(|cell| cell.symbol() == " ")
}

fn is_letter(buffer: &Buffer, at: Option<Position>) -> bool {
    let cell = at.and_then(|at| buffer.cell(at));
    cell.is_some_and(|cell| {
        cell.symbol()
            .chars()
            .all(|c| c.is_ascii_graphic() && c != '|')
    })
}

fn likeness(symbol: &str) -> &'static str {
    match symbol {
        "●" | "▲" | "•" => "*",
        "○" => "o",
        "◐" => "~",
        "›" | "⟩" => ">",
        "⟨" => "<",
        "─" | "━" | "┄" | "–" | "·" | "←" => "-",
        "│" | "┃" => "|",
        "✓" => "+",
        "✗" => "x",
        "▾" | "▼" | "↓" => "v",
        "↑" => "^",
        "↵" | "⇥" => "$",
        // Bars of a gauge and of a plot; the empty part of a gauge stays apart from the full one.
        "█" | "▉" | "▊" | "▋" => "#",
        "▍" | "▎" | "▏" => "=",
        "░" => "-",
        "▇" | "▆" => "#",
        "▅" | "▄" => "=",
        "▃" | "▂" => "-",
        "▁" => "_",
        symbol => by_block(symbol),
    }
}

fn by_block(symbol: &str) -> &'static str {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        // Corners and crossings.
        (Some('\u{2500}'..='\u{257f}'), None) => "+",
        (Some('\u{2800}'), None) => " ",
        // Braille: a point of a curve.
        (Some('\u{2801}'..='\u{28ff}'), None) => "*",
        (Some('\u{2580}'..='\u{259f}'), None) => "#",
        _ => "?",
    }
}

#[cfg(test)]
mod tests;
