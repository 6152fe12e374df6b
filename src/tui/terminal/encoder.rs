//! Changed cells into the fewest bytes that a terminal needs to show them.
//!
//! ```text
//!  cells ─► runs (one row, one look) ─┬─► in reading order ──────┐
//!                                        └─► all of one look first ─┴─► the shorter is written
//! ```
//! In true colour a change of colour is 15 bytes and more and a move of the cursor 6 to 8, so a full
//! screen is a third shorter when each look is taken up once; a few letters are shorter in reading
//! order. Blanks are erased where that is shorter, and a cleared screen needs none of its background.

use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use super::sgr::{CellStyle, Look, SgrState};

/// What erasing leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Erasing {
    /// Blanks on the background that is set.
    FillsBackground,
    /// Blanks on the terminal's own background, as GNU screen does it.
    Bare,
}

/// From so many blanks on, erasing them is shorter than writing them.
const ERASE_FROM: u16 = 9;
/// So many blanks between two texts are written rather than jumped over.
const BLANKS_BETWEEN: u16 = 4;

/// Cells side by side in one row that are written alike.
#[derive(Debug, Clone)]
struct CellRun {
    x: u16,
    y: u16,
    width: u16,
    style: CellStyle,
    /// Empty for blanks.
    text: String,
    /// Whether each character is known to take one column.
    is_even: bool,
}

impl CellRun {
    fn end(&self) -> u16 {
        self.x.saturating_add(self.width)
    }

    /// Goes on with what follows it.
    fn append(&mut self, next: &Self) {
        self.width = self.width.saturating_add(next.width);
        self.text.push_str(&next.text);
        self.is_even = next.is_even;
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

    fn has(&self, run: &CellRun) -> bool {
        self.0.contains(&run.y)
    }
}

/// The bytes for cells that changed on a screen that shows the others already.
pub(super) fn update(
    cells: &[(u16, u16, &Cell)],
    erasing: Erasing,
    (columns, sgr, wide): (u16, &mut SgrState, &mut WideRows),
) -> Vec<u8> {
    let runs = joined(runs(cells), None);
    let out = shorter(runs, erasing, (columns, sgr, wide));
    wide.note(cells);
    out
}

/// The bytes for a whole screen of which nothing is known.
pub(super) fn repaint(
    cells: &[(u16, u16, &Cell)],
    erasing: Erasing,
    (size, sgr, wide): (Size, &mut SgrState, &mut WideRows),
) -> Vec<u8> {
    sgr.forget();
    *wide = WideRows::default();
    let background = match erasing {
        Erasing::FillsBackground => common_ground(cells),
        Erasing::Bare => Color::Reset,
    };
    let mut out = Vec::new();
    sgr.turn_to(CellStyle::Blank(background), &mut out);
    out.extend_from_slice(b"\x1b[2J");
    let bare = Cell::EMPTY;
    let mut all = cells.to_vec();
    if background != Color::Reset {
        all.extend(untouched(cells, size).map(|(x, y)| (x, y, &bare)));
        all.sort_by_key(|(x, y, _)| (*y, *x));
    }
    let runs = joined(runs(&all), Some(background));
    out.extend(shorter(runs, erasing, (size.width, sgr, wide)));
    wide.note(cells);
    out
}

/// The background that most cells have.
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
fn untouched(cells: &[(u16, u16, &Cell)], size: Size) -> impl Iterator<Item = (u16, u16)> {
    let (width, height) = (usize::from(size.width), usize::from(size.height));
    let mut is_told = vec![false; width * height];
    for (x, y, cell) in cells {
        let at = usize::from(*y) * width + usize::from(*x);
        let end = at + usize::from(columns_of(cell.symbol())).max(1);
        for told in is_told.get_mut(at..end).into_iter().flatten() {
            *told = true;
        }
    }
    let bare = (0..size.height).flat_map(move |y| (0..size.width).map(move |x| (x, y)));
    bare.zip(is_told)
        .filter_map(|(at, is_told)| (!is_told).then_some(at))
}

fn columns_of(symbol: &str) -> u16 {
    u16::try_from(symbol.width()).unwrap_or(1)
}

fn runs(cells: &[(u16, u16, &Cell)]) -> Vec<CellRun> {
    let mut runs: Vec<CellRun> = Vec::new();
    for (x, y, cell) in cells {
        let look = Look {
            text: cell.fg,
            background: cell.bg,
            attributes: cell.modifier,
        };
        let symbol = cell.symbol();
        let is_blank = symbol == " " && look.hides_on_blanks();
        let width = columns_of(symbol).max(1);
        let (style, text) = if is_blank {
            (CellStyle::Blank(cell.bg), String::new())
        } else {
            (CellStyle::Text(look), symbol.to_owned())
        };
        let next = CellRun {
            x: *x,
            y: *y,
            width,
            style,
            text,
            is_even: width == 1,
        };
        match runs.last_mut() {
            // After a wide character some terminals stand one column further than others.
            Some(last) if last.is_even && next.follows(last) && next.style == last.style => {
                last.append(&next);
            }
            _ => runs.push(next),
        }
    }
    runs
}

/// Joins what is written in one go: text, a few blanks of its background, and text. On a screen that
/// was cleared with `cleared`, other blanks of that background are there already.
fn joined(runs: Vec<CellRun>, cleared: Option<Color>) -> Vec<CellRun> {
    let mut joined: Vec<CellRun> = Vec::with_capacity(runs.len());
    let mut runs = runs.into_iter().peekable();
    while let Some(run) = runs.next() {
        let CellStyle::Blank(background) = run.style else {
            match joined.last_mut() {
                Some(last) if run.style == last.style && last.is_even && run.follows(last) => {
                    last.append(&run);
                }
                _ => joined.push(run),
            }
            continue;
        };
        let is_there = cleared == Some(background);
        let mut goes_on = |last: &CellRun| {
            runs.peek()
                .is_some_and(|next| next.style == last.style && next.follows(&run))
        };
        match joined.last_mut() {
            Some(last)
                if last.is_even
                    && run.follows(last)
                    && takes_blanks(last.style, background)
                    && run.width <= BLANKS_BETWEEN
                    && (!is_there || goes_on(last)) =>
            {
                last.width = last.width.saturating_add(run.width);
                last.text.push_str(&" ".repeat(usize::from(run.width)));
            }
            _ if is_there => {}
            _ => joined.push(run),
        }
    }
    joined
}

fn takes_blanks(style: CellStyle, background: Color) -> bool {
    matches!(style, CellStyle::Text(look) if look.background == background && look.hides_on_blanks())
}

/// How the terminal is written to.
#[derive(Clone, Copy)]
struct Encoder<'a> {
    erasing: Erasing,
    sgr: SgrState,
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

/// The runs in the order that takes fewer bytes.
fn shorter(
    runs: Vec<CellRun>,
    erasing: Erasing,
    (columns, sgr, wide): (u16, &mut SgrState, &WideRows),
) -> Vec<u8> {
    let encoder = Encoder {
        erasing,
        sgr: *sgr,
        wide,
    };
    let reading = encoder.write(&runs, columns);
    let by_look = encoder.write(&encoder.grouped(runs), columns);
    let is_shorter = by_look.0.len() < reading.0.len();
    let (out, after) = if is_shorter { by_look } else { reading };
    *sgr = after;
    out
}

impl Encoder<'_> {
    /// The runs of each look together, looks in the order in which they are first met.
    fn grouped(self, runs: Vec<CellRun>) -> Vec<CellRun> {
        let mut grounds = Vec::new();
        let mut styles = Vec::new();
        let mut keyed: Vec<((usize, usize), CellRun)> = runs
            .into_iter()
            .map(|run| {
                let background = match run.style {
                    CellStyle::Text(look) => look.background,
                    CellStyle::Blank(background) => background,
                };
                let key = if self.wide.has(&run) {
                    (usize::MAX, 0)
                } else {
                    (
                        place(&mut grounds, background),
                        place(&mut styles, run.style),
                    )
                };
                (key, run)
            })
            .collect();
        keyed.sort_by_key(|(key, _)| *key);
        keyed.into_iter().map(|(_, run)| run).collect()
    }

    fn write(self, runs: &[CellRun], columns: u16) -> (Vec<u8>, SgrState) {
        let mut sgr = self.sgr;
        let mut out = Vec::new();
        // Where the cursor stands, while that is sure.
        let mut cursor: Option<Position> = None;
        for run in runs {
            let at = Position::new(run.x, run.y);
            move_to(at, cursor, &mut out);
            sgr.turn_to(run.style, &mut out);
            let is_erased = run.text.is_empty()
                && run.width >= ERASE_FROM
                && !self.wide.has(run)
                && (self.erasing == Erasing::FillsBackground
                    || run.style == CellStyle::Blank(Color::Reset));
            if is_erased {
                out.extend_from_slice(format!("\x1b[{}X", run.width).as_bytes());
                cursor = Some(at);
                continue;
            }
            if run.text.is_empty() {
                out.resize(out.len() + usize::from(run.width), b' ');
            } else {
                out.extend_from_slice(run.text.as_bytes());
            }
            // At the end of a row the cursor stands on or behind the last column.
            let is_sure = run.is_even && run.end() < columns;
            cursor = is_sure.then(|| Position::new(run.end(), run.y));
        }
        (out, sgr)
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
