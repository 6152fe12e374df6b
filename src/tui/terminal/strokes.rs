//! Changed cells into the fewest bytes that a terminal needs to show them.
//!
//! ```text
//!  cells ─► strokes (one row, one look) ─┬─► in reading order ──────┐
//!                                        └─► all of one look first ─┴─► the shorter is written
//! ```
//! In true colour a change of colour is 15 bytes and more and a move of the cursor 6 to 8, so a full
//! screen is a third shorter when each look is taken up once; a few letters are shorter in reading
//! order. Blanks are erased where that is shorter, and a cleared screen needs none of its ground.

use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use super::pen::{Ink, Look, Pen};

/// What erasing leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Erasing {
    /// Blanks on the ground that is set.
    FillsGround,
    /// Blanks on the terminal's own ground, as GNU screen does it.
    Bare,
}

/// From so many blanks on, erasing them is shorter than writing them.
const ERASE_FROM: u16 = 9;
/// So many blanks between two texts are written rather than jumped over.
const BLANKS_BETWEEN: u16 = 4;

/// Cells side by side in one row that are written alike.
#[derive(Debug, Clone)]
struct Stroke {
    x: u16,
    y: u16,
    width: u16,
    ink: Ink,
    /// Empty for blanks.
    text: String,
    /// Whether each character is known to take one column.
    is_even: bool,
}

impl Stroke {
    fn end(&self) -> u16 {
        self.x.saturating_add(self.width)
    }

    fn follows(&self, before: &Self) -> bool {
        self.y == before.y && self.x == before.end()
    }
}

/// Rows that show a character of two columns, or did since the screen was cleared. What becomes of
/// its other half when one is overwritten or erased differs among terminals: such a row is written
/// in reading order, cell by cell.
#[derive(Debug, Clone, Default)]
pub(super) struct WideRows(Vec<u16>);

impl WideRows {
    fn note(&mut self, cells: &[(u16, u16, &Cell)]) {
        for (_, y, cell) in cells {
            if columns_of(cell.symbol()) > 1 && !self.0.contains(y) {
                self.0.push(*y);
            }
        }
    }

    fn has(&self, stroke: &Stroke) -> bool {
        self.0.contains(&stroke.y)
    }
}

/// The bytes for cells that changed on a screen that shows the others already.
pub(super) fn update(
    cells: &[(u16, u16, &Cell)],
    erasing: Erasing,
    (columns, pen, wide): (u16, &mut Pen, &mut WideRows),
) -> Vec<u8> {
    let strokes = joined(strokes(cells), None);
    let brush = Brush {
        erasing,
        pen: *pen,
        wide,
    };
    let (out, after) = brush.shorter(strokes, columns);
    *pen = after;
    wide.note(cells);
    out
}

/// The bytes for a whole screen of which nothing is known.
pub(super) fn repaint(
    cells: &[(u16, u16, &Cell)],
    erasing: Erasing,
    (size, pen, wide): (Size, &mut Pen, &mut WideRows),
) -> Vec<u8> {
    pen.forget();
    *wide = WideRows::default();
    let ground = match erasing {
        Erasing::FillsGround => common_ground(cells),
        Erasing::Bare => Color::Reset,
    };
    let mut out = Vec::new();
    pen.turn_to(Ink::Blank(ground), &mut out);
    out.extend_from_slice(b"\x1b[2J");
    let mut strokes = strokes(cells);
    if ground != Color::Reset {
        strokes.extend(untouched(cells, size));
        strokes.sort_by_key(|stroke| (stroke.y, stroke.x));
    }
    let strokes = joined(strokes, Some(ground));
    let brush = Brush {
        erasing,
        pen: *pen,
        wide,
    };
    let (rest, after) = brush.shorter(strokes, size.width);
    out.extend(rest);
    *pen = after;
    wide.note(cells);
    out
}

/// The ground that most cells have.
fn common_ground(cells: &[(u16, u16, &Cell)]) -> Color {
    let mut counts: Vec<(Color, usize)> = Vec::new();
    for (_, _, cell) in cells {
        match counts.iter_mut().find(|(color, _)| *color == cell.bg) {
            Some((_, count)) => *count += 1,
            None => counts.push((cell.bg, 1)),
        }
    }
    let most = counts.iter().max_by_key(|(_, count)| *count);
    most.map_or(Color::Reset, |(color, _)| *color)
}

/// Cells that were not told because they are bare: on a coloured screen they must be said.
fn untouched(cells: &[(u16, u16, &Cell)], size: Size) -> Vec<Stroke> {
    let (width, height) = (usize::from(size.width), usize::from(size.height));
    let mut is_told = vec![false; width * height];
    for (x, y, cell) in cells {
        let at = usize::from(*y) * width + usize::from(*x);
        let end = at + usize::from(columns_of(cell.symbol())).max(1);
        for told in is_told.get_mut(at..end).into_iter().flatten() {
            *told = true;
        }
    }
    let bare = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    bare.zip(is_told)
        .filter(|(_, told)| !told)
        .map(|((x, y), _)| Stroke {
            x,
            y,
            width: 1,
            ink: Ink::Blank(Color::Reset),
            text: String::new(),
            is_even: true,
        })
        .collect()
}

fn columns_of(symbol: &str) -> u16 {
    u16::try_from(symbol.width()).unwrap_or(1)
}

fn strokes(cells: &[(u16, u16, &Cell)]) -> Vec<Stroke> {
    let mut strokes: Vec<Stroke> = Vec::new();
    for (x, y, cell) in cells {
        let look = Look {
            text: cell.fg,
            ground: cell.bg,
            attributes: cell.modifier,
        };
        let symbol = cell.symbol();
        let is_blank = symbol == " " && look.hides_on_blanks();
        let width = columns_of(symbol).max(1);
        let next = Stroke {
            x: *x,
            y: *y,
            width,
            ink: if is_blank {
                Ink::Blank(cell.bg)
            } else {
                Ink::Text(look)
            },
            text: if is_blank {
                String::new()
            } else {
                symbol.to_owned()
            },
            is_even: width == 1,
        };
        match strokes.last_mut() {
            // After a wide character some terminals stand one column further than others.
            Some(last) if last.is_even && next.follows(last) && next.ink == last.ink => {
                last.width = last.width.saturating_add(width);
                last.text.push_str(&next.text);
                last.is_even = next.is_even;
            }
            _ => strokes.push(next),
        }
    }
    strokes
}

/// Joins what is written in one go: text, a few blanks of its ground, and text. On a screen that
/// was cleared with `cleared`, other blanks of that ground are there already.
fn joined(strokes: Vec<Stroke>, cleared: Option<Color>) -> Vec<Stroke> {
    let mut joined: Vec<Stroke> = Vec::with_capacity(strokes.len());
    let mut strokes = strokes.into_iter().peekable();
    while let Some(stroke) = strokes.next() {
        let Ink::Blank(ground) = stroke.ink else {
            match joined.last_mut() {
                Some(last) if stroke.ink == last.ink && last.is_even && stroke.follows(last) => {
                    last.width = last.width.saturating_add(stroke.width);
                    last.text.push_str(&stroke.text);
                    last.is_even = stroke.is_even;
                }
                _ => joined.push(stroke),
            }
            continue;
        };
        let is_there = cleared == Some(ground);
        let mut goes_on = |last: &Stroke| {
            strokes
                .peek()
                .is_some_and(|next| next.ink == last.ink && next.follows(&stroke))
        };
        match joined.last_mut() {
            Some(last)
                if last.is_even
                    && stroke.follows(last)
                    && takes_blanks(last.ink, ground)
                    && stroke.width <= BLANKS_BETWEEN
                    && (!is_there || goes_on(last)) =>
            {
                last.width = last.width.saturating_add(stroke.width);
                last.text.push_str(&" ".repeat(usize::from(stroke.width)));
            }
            _ if is_there => {}
            _ => joined.push(stroke),
        }
    }
    joined
}

fn takes_blanks(ink: Ink, ground: Color) -> bool {
    matches!(ink, Ink::Text(look) if look.ground == ground && look.hides_on_blanks())
}

/// How the terminal is written to.
#[derive(Clone, Copy)]
struct Brush<'a> {
    erasing: Erasing,
    pen: Pen,
    wide: &'a WideRows,
}

fn place<T: PartialEq>(known: &mut Vec<T>, value: T) -> usize {
    match known.iter().position(|one| *one == value) {
        Some(at) => at,
        None => {
            known.push(value);
            known.len() - 1
        }
    }
}

impl Brush<'_> {
    fn shorter(self, strokes: Vec<Stroke>, columns: u16) -> (Vec<u8>, Pen) {
        let reading = self.write(&strokes, columns);
        let by_look = self.write(&self.grouped(strokes), columns);
        if by_look.0.len() < reading.0.len() {
            by_look
        } else {
            reading
        }
    }

    /// The strokes of each look together, looks in the order in which they are first met.
    fn grouped(self, strokes: Vec<Stroke>) -> Vec<Stroke> {
        let mut grounds = Vec::new();
        let mut inks = Vec::new();
        let mut keyed: Vec<((usize, usize), Stroke)> = strokes
            .into_iter()
            .map(|stroke| {
                let ground = match stroke.ink {
                    Ink::Text(look) => look.ground,
                    Ink::Blank(ground) => ground,
                };
                let key = if self.wide.has(&stroke) {
                    (usize::MAX, 0)
                } else {
                    (place(&mut grounds, ground), place(&mut inks, stroke.ink))
                };
                (key, stroke)
            })
            .collect();
        keyed.sort_by_key(|(key, _)| *key);
        keyed.into_iter().map(|(_, stroke)| stroke).collect()
    }

    fn write(self, strokes: &[Stroke], columns: u16) -> (Vec<u8>, Pen) {
        let mut pen = self.pen;
        let mut out = Vec::new();
        // Where the cursor stands, while that is sure.
        let mut cursor: Option<Position> = None;
        for stroke in strokes {
            let at = Position::new(stroke.x, stroke.y);
            move_to(at, cursor, &mut out);
            pen.turn_to(stroke.ink, &mut out);
            let is_erased = stroke.text.is_empty()
                && stroke.width >= ERASE_FROM
                && !self.wide.has(stroke)
                && (self.erasing == Erasing::FillsGround || stroke.ink == Ink::Blank(Color::Reset));
            if is_erased {
                out.extend_from_slice(format!("\x1b[{}X", stroke.width).as_bytes());
                cursor = Some(at);
                continue;
            }
            if stroke.text.is_empty() {
                out.resize(out.len() + usize::from(stroke.width), b' ');
            } else {
                out.extend_from_slice(stroke.text.as_bytes());
            }
            // At the end of a row the cursor stands on or behind the last column.
            let is_sure = stroke.is_even && stroke.end() < columns;
            cursor = is_sure.then(|| Position::new(stroke.end(), stroke.y));
        }
        (out, pen)
    }
}

/// Moves the cursor in as few bytes as can be.
fn move_to(to: Position, from: Option<Position>, out: &mut Vec<u8>) {
    let absolute = format!("\x1b[{};{}H", to.y + 1, to.x + 1);
    let near = from.and_then(|from| match (to.y == from.y, to.x.checked_sub(from.x)) {
        (true, Some(0)) => Some(String::new()),
        (true, Some(1)) => Some("\x1b[C".to_owned()),
        (true, Some(right)) => Some(format!("\x1b[{right}C")),
        (true, None) => Some(format!("\x1b[{}G", to.x + 1)),
        (false, Some(0)) => Some(format!("\x1b[{}d", to.y + 1)),
        (false, _) => None,
    });
    let shortest = match near {
        Some(near) if near.len() < absolute.len() => near,
        _ => absolute,
    };
    out.extend_from_slice(shortest.as_bytes());
}
