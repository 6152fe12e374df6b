//! A screen as SVG: cells of a fixed size in the frame of a window. No font is embedded; every run
//! of text is given the width of its cells, so that any monospaced font falls into place.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;
use ziadeck::theme::{Role, Theme};

use super::glyph::{Shape, shape};

/// Width of a cell in pixels: six tenths of the font's size, as monospaced fonts have it.
pub(crate) const CELL_WIDTH: u16 = 9;
/// Height of a cell in pixels.
pub(crate) const CELL_HEIGHT: u16 = 19;
const FONT_SIZE: u16 = 15;
const BASELINE: u16 = 14;
const MARGIN: u32 = 12;
/// How far a line's ground reaches into the margin: up to the frame.
const BLEED: i64 = 11;
const BAR_HEIGHT: u32 = 32;
const FONTS: &str = "ui-monospace,'Cascadia Mono','JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace";

/// A screen and where its cursor is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Screen {
    pub(crate) buffer: Buffer,
    pub(crate) cursor: Option<Position>,
}

/// A screen that is shown for a while, with a sentence on what is seen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Still {
    pub(crate) screen: Screen,
    pub(crate) caption: String,
}

/// The colours around and below the cells.
struct Colours {
    ground: String,
    plain: String,
    bar: String,
    line: String,
    quiet: String,
    cursor: String,
}

impl Colours {
    fn of(theme: &Theme) -> Self {
        let background = theme.style(Role::Background);
        let ground = hex(background.bg, "#101418");
        let plain = hex(background.fg, "#d8dee4");
        Self {
            bar: hex(theme.style(Role::Header).bg, &ground),
            line: hex(theme.style(Role::Border).fg, &plain),
            quiet: hex(theme.style(Role::Dim).fg, &plain),
            cursor: hex(theme.style(Role::Accent).fg, &plain),
            ground,
            plain,
        }
    }
}

/// One screen.
pub(crate) fn still(theme: &Theme, still: &Still) -> String {
    let colours = Colours::of(theme);
    let mut body = String::new();
    for (y, row) in rows(&colours, &still.screen).into_iter().enumerate() {
        let _ = writeln!(body, "<g transform=\"translate(0 {})\">{row}</g>", top(y));
    }
    let body = format!("{}{body}", title(&colours, &still.screen, &still.caption));
    document(&colours, &still.screen, (&still.caption, ""), &body)
}

/// Screens one after the other, each for the same time, over and over. Rows that two screens
/// share are written once. Whoever asked
/// for less motion, and whatever cannot move, sees the first screen.
pub(crate) fn film(theme: &Theme, stills: &[Still], seconds: u32) -> String {
    let colours = Colours::of(theme);
    let Some(first) = stills.first() else {
        return String::new();
    };
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut shared = String::new();
    let mut scenes = String::new();
    for (index, still) in stills.iter().enumerate() {
        let _ = write!(scenes, "<g class=\"k k{index}\">");
        scenes.push_str(&title(&colours, &still.screen, &still.caption));
        for (y, row) in rows(&colours, &still.screen).into_iter().enumerate() {
            let next = known.len();
            let id = *known.entry(row.clone()).or_insert_with(|| {
                let _ = writeln!(shared, "<g id=\"r{next}\">{row}</g>");
                next
            });
            let _ = write!(scenes, "<use href=\"#r{id}\" y=\"{}\"/>", top(y));
        }
        scenes.push_str("</g>\n");
    }
    let body = format!("<defs>\n{shared}</defs>\n{scenes}");
    let style = film_style(stills.len(), seconds);
    document(&colours, &first.screen, (&first.caption, &style), &body)
}

fn film_style(count: usize, seconds: u32) -> String {
    let count = u32::try_from(count).unwrap_or(1).max(1);
    let share = 100.0 / f64::from(count);
    let mut style = format!(
        ".k{{visibility:hidden;animation:k {}s infinite}}\n@keyframes k{{0%{{visibility:visible}}{share:.3}%,to{{visibility:hidden}}}}\n",
        count * seconds
    );
    for index in 0..count {
        let _ = writeln!(style, ".k{index}{{animation-delay:{}s}}", index * seconds);
    }
    style.push_str(".k0{visibility:visible}\n");
    style.push_str("@media (prefers-reduced-motion:reduce){.k{animation:none}}\n");
    style
}

fn top(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(0) * u32::from(CELL_HEIGHT)
}

fn document(
    colours: &Colours,
    screen: &Screen,
    (caption, style): (&str, &str),
    body: &str,
) -> String {
    let area = screen.buffer.area;
    let width = u32::from(area.width) * u32::from(CELL_WIDTH) + MARGIN * 2;
    let height = u32::from(area.height) * u32::from(CELL_HEIGHT) + BAR_HEIGHT + MARGIN;
    let Colours {
        ground, bar, line, ..
    } = colours;
    let mut dots = String::new();
    for dot in 0..3 {
        let _ = write!(
            dots,
            "<circle cx=\"{}\" cy=\"16\" r=\"5\" fill=\"{line}\"/>",
            18 + dot * 18
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{caption}\">\n\
         <title>{caption}</title>\n\
         <style>\ntext{{font:{FONT_SIZE}px {FONTS};fill:{plain}}}\n.b{{font-weight:700}}.i{{font-style:italic}}.d{{opacity:.65}}.m{{text-anchor:middle}}\n.g{{shape-rendering:crispEdges}}\n{style}</style>\n\
         <rect x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"9.5\" fill=\"{ground}\" stroke=\"{line}\"/>\n\
         <path d=\"M1 {BAR_HEIGHT}V10a9 9 0 0 1 9-9H{}a9 9 0 0 1 9 9V{BAR_HEIGHT}z\" fill=\"{bar}\"/>\n{dots}\n\
         <g transform=\"translate({MARGIN} {BAR_HEIGHT})\">\n{body}</g>\n</svg>\n",
        width - 1,
        height - 1,
        width - 10,
        caption = escaped(caption),
        plain = colours.plain,
    )
}

/// What stands in the window's bar.
fn title(colours: &Colours, screen: &Screen, caption: &str) -> String {
    let middle = u32::from(screen.buffer.area.width) * u32::from(CELL_WIDTH) / 2;
    format!(
        "<text class=\"m\" x=\"{middle}\" y=\"-11\" style=\"font-size:13px;fill:{}\">{}</text>\n",
        colours.quiet,
        escaped(caption)
    )
}

/// How a cell's glyph is painted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Ink {
    colour: String,
    modifier: u16,
}

/// Each row of the screen, from its left end.
fn rows(colours: &Colours, screen: &Screen) -> Vec<String> {
    let area = screen.buffer.area;
    (0..area.height)
        .map(|y| {
            let cells: Vec<&Cell> = (0..area.width).map(|x| &screen.buffer[(x, y)]).collect();
            let mut row = grounds(colours, &cells);
            row.push_str(&shapes(colours, &cells));
            row.push_str(&texts(colours, &cells));
            if let Some(cursor) = screen.cursor.filter(|cursor| cursor.y == y) {
                let _ = write!(
                    row,
                    "<rect x=\"{}\" y=\"1\" width=\"2\" height=\"17\" fill=\"{}\"/>",
                    cursor.x * CELL_WIDTH,
                    colours.cursor
                );
            }
            row
        })
        .collect()
}

fn ink(colours: &Colours, cell: &Cell) -> Ink {
    let colour = if cell.modifier.contains(Modifier::REVERSED) {
        hex(Some(cell.bg), &colours.ground)
    } else {
        hex(Some(cell.fg), &colours.plain)
    };
    Ink {
        colour,
        modifier: (cell.modifier - Modifier::REVERSED).bits(),
    }
}

/// What lies below the glyphs, where it is not the screen's own ground.
fn grounds(colours: &Colours, cells: &[&Cell]) -> String {
    let mut out = String::new();
    let ground = |cell: &Cell| {
        if cell.modifier.contains(Modifier::REVERSED) {
            hex(Some(cell.fg), &colours.plain)
        } else {
            hex(Some(cell.bg), &colours.ground)
        }
    };
    let mut x = 0;
    for run in cells.chunk_by(|a, b| ground(a) == ground(b)) {
        let colour = run.first().map(|cell| ground(cell)).unwrap_or_default();
        if colour != colours.ground {
            // The first and the last line run to the window's edge.
            let is_first = x == 0;
            let is_last = x + run.len() == cells.len();
            let left = if is_first {
                -BLEED
            } else {
                i64::from(across(x))
            };
            let right = across(x + run.len());
            let right = i64::from(right) + if is_last { BLEED } else { 0 };
            let _ = write!(
                out,
                "<rect class=\"g\" x=\"{left}\" width=\"{}\" height=\"{CELL_HEIGHT}\" fill=\"{colour}\"/>",
                right - left,
            );
        }
        x += run.len();
    }
    out
}

fn across(cells: usize) -> u32 {
    u32::try_from(cells).unwrap_or(0) * u32::from(CELL_WIDTH)
}

/// Lines and blocks, one path for each colour and manner, and the lines through and below text.
fn shapes(colours: &Colours, cells: &[&Cell]) -> String {
    let mut paths: BTreeMap<(u8, Ink), String> = BTreeMap::new();
    for (index, cell) in cells.iter().enumerate() {
        let x = across(index);
        let mut ink = ink(colours, cell);
        for (modifier, y) in [(Modifier::UNDERLINED, 16.5), (Modifier::CROSSED_OUT, 9.5)] {
            if cell.modifier.contains(modifier) && !cell.symbol().trim().is_empty() {
                ink.modifier = 0;
                let line = format!("M{x} {y}h{CELL_WIDTH}");
                paths.entry((0, ink.clone())).or_default().push_str(&line);
            }
        }
        ink.modifier = (cell.modifier & Modifier::DIM).bits();
        let (manner, path) = match shape(cell.symbol(), x) {
            Some(Shape::Stroke(path)) => (0, path),
            Some(Shape::Fill(path)) => (1, path),
            Some(Shape::Shade(path)) => (2, path),
            None => continue,
        };
        paths.entry((manner, ink)).or_default().push_str(&path);
    }
    let mut out = String::new();
    for ((manner, ink), path) in paths {
        let colour = &ink.colour;
        let how = match manner {
            0 => format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.2\""),
            1 => format!("fill=\"{colour}\""),
            _ => format!("fill=\"{colour}\" fill-opacity=\".45\""),
        };
        let class = if ink.modifier == 0 {
            ""
        } else {
            " class=\"d\""
        };
        let _ = write!(out, "<path{class} {how} d=\"{path}\"/>");
    }
    out
}

/// A piece of text of one style without a wide gap.
struct Run {
    start: usize,
    cells: usize,
    text: String,
    ink: Ink,
    is_plain: bool,
}

fn texts(colours: &Colours, cells: &[&Cell]) -> String {
    let mut runs: Vec<Run> = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        let symbol = cell.symbol();
        if symbol.trim().is_empty() || shape(symbol, 0).is_some() {
            continue;
        }
        let (ink, is_plain) = (ink(colours, cell), symbol.is_ascii());
        let cells_wide = symbol.width().max(1);
        if let Some(run) = runs.last_mut()
            && run.ink == ink
            && run.is_plain
            && is_plain
            && index - (run.start + run.cells) <= 1
        {
            if index > run.start + run.cells {
                run.text.push(' ');
            }
            run.cells = index + 1 - run.start;
            run.text.push_str(symbol);
            continue;
        }
        runs.push(Run {
            start: index,
            cells: cells_wide,
            text: symbol.to_owned(),
            ink,
            is_plain,
        });
    }
    runs.iter().map(|run| text(colours, run)).collect()
}

fn text(colours: &Colours, run: &Run) -> String {
    let modifier = Modifier::from_bits_truncate(run.ink.modifier);
    let mut class = String::new();
    for (has, name) in [
        (modifier.contains(Modifier::BOLD), 'b'),
        (modifier.contains(Modifier::ITALIC), 'i'),
        (modifier.contains(Modifier::DIM), 'd'),
        (!run.is_plain, 'm'),
    ] {
        if has {
            if !class.is_empty() {
                class.push(' ');
            }
            class.push(name);
        }
    }
    let class = if class.is_empty() {
        class
    } else {
        format!(" class=\"{class}\"")
    };
    let fill = if run.ink.colour == colours.plain {
        String::new()
    } else {
        format!(" style=\"fill:{}\"", run.ink.colour)
    };
    let (place, width) = if run.is_plain {
        let width = format!(" textLength=\"{}\"", across(run.cells));
        (f64::from(across(run.start)), width)
    } else {
        let middle = f64::from(across(run.start)) + f64::from(across(run.cells)) / 2.0;
        (middle, String::new())
    };
    format!(
        "<text{class} x=\"{place}\" y=\"{BASELINE}\"{width}{fill}>{}</text>",
        escaped(&run.text)
    )
}

fn hex(colour: Option<Color>, otherwise: &str) -> String {
    match colour {
        Some(Color::Rgb(red, green, blue)) => format!("#{red:02x}{green:02x}{blue:02x}"),
        _ => otherwise.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
