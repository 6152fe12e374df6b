//! Lines, blocks and dots as shapes. A font would leave gaps between cells, or lack the glyph.

use super::svg::{CELL_HEIGHT, CELL_WIDTH};

/// A glyph that is drawn and not written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// A path that is stroked, from the cell's corner.
    Stroke(String),
    /// A path that is filled.
    Fill(String),
    /// A path that is filled lightly.
    Shade(String),
}

const W: f32 = CELL_WIDTH as f32;
const H: f32 = CELL_HEIGHT as f32;
const MIDDLE_X: f32 = W / 2.0;
const MIDDLE_Y: f32 = H / 2.0;

/// The shape of a glyph whose cell begins at `x`, if it is one that is drawn.
pub(crate) fn shape(symbol: &str, x: u32) -> Option<Shape> {
    let mut chars = symbol.chars();
    let (c, None) = (chars.next()?, chars.next()) else {
        return None;
    };
    let left = x as f32;
    if let Some(arms) = arms(c) {
        return Some(Shape::Stroke(
            arms.iter().map(|arm| arm.path(left)).collect(),
        ));
    }
    if let Some(corner) = corner(c, left) {
        return Some(Shape::Stroke(corner));
    }
    let eighth = |n: u32| n as f32 / 8.0;
    let below = |part: f32| bar(left, H - H * part, W, H * part);
    let beside = |part: f32| bar(left, 0.0, W * part, H);
    Some(match c {
        '▁'..='█' => Shape::Fill(below(eighth(u32::from(c) - u32::from('▁') + 1))),
        '▉'..='▏' => Shape::Fill(beside(eighth(u32::from('▏') - u32::from(c) + 1))),
        '▐' => Shape::Fill(bar(left + MIDDLE_X, 0.0, MIDDLE_X, H)),
        '▀' => Shape::Fill(bar(left, 0.0, W, MIDDLE_Y)),
        '░' | '▒' | '▓' => Shape::Shade(beside(1.0)),
        '\u{2801}'..='\u{28ff}' => Shape::Fill(braille(c, left)),
        '●' => Shape::Fill(circle(left, 3.6)),
        '○' => Shape::Stroke(circle(left, 3.3)),
        '◐' => Shape::Fill(half_disc(left)),
        _ => return None,
    })
}

/// One straight piece from the middle of the cell to an edge.
#[derive(Clone, Copy)]
enum Arm {
    Left,
    Right,
    Up,
    Down,
}

impl Arm {
    fn path(&self, left: f32) -> String {
        let (x, y) = (left + MIDDLE_X, MIDDLE_Y);
        match self {
            Self::Left => format!("M{x} {y}h-{MIDDLE_X}"),
            Self::Right => format!("M{x} {y}h{MIDDLE_X}"),
            Self::Up => format!("M{x} {y}v-{MIDDLE_Y}"),
            Self::Down => format!("M{x} {y}v{MIDDLE_Y}"),
        }
    }
}

fn arms(c: char) -> Option<&'static [Arm]> {
    use Arm::{Down, Left, Right, Up};
    Some(match c {
        '─' => &[Left, Right],
        '│' => &[Up, Down],
        '┌' => &[Right, Down],
        '┐' => &[Left, Down],
        '└' => &[Right, Up],
        '┘' => &[Left, Up],
        '├' => &[Up, Down, Right],
        '┤' => &[Up, Down, Left],
        '┬' => &[Left, Right, Down],
        '┴' => &[Left, Right, Up],
        '┼' => &[Left, Right, Up, Down],
        _ => return None,
    })
}

/// A rounded corner.
fn corner(c: char, left: f32) -> Option<String> {
    let (x, y) = (left + MIDDLE_X, MIDDLE_Y);
    let (rest_x, rest_y) = (MIDDLE_X - 4.0, MIDDLE_Y - 4.0);
    Some(match c {
        '╭' => format!("M{} {y}h-{rest_x}a4 4 0 0 0-4 4v{rest_y}", left + W),
        '╮' => format!("M{left} {y}h{rest_x}a4 4 0 0 1 4 4v{rest_y}"),
        '╰' => format!("M{x} 0v{rest_y}a4 4 0 0 0 4 4h{rest_x}"),
        '╯' => format!("M{x} 0v{rest_y}a4 4 0 0 1-4 4h-{rest_x}"),
        _ => return None,
    })
}

fn bar(x: f32, y: f32, width: f32, height: f32) -> String {
    format!("M{x} {y}h{width}v{height}h-{width}z")
}

fn circle(left: f32, radius: f32) -> String {
    let (x, y) = (left + MIDDLE_X - radius, MIDDLE_Y);
    let across = radius * 2.0;
    format!("M{x} {y}a{radius} {radius} 0 1 0 {across} 0a{radius} {radius} 0 1 0-{across} 0z")
}

/// A disc with a hole in its right half: the hole runs the other way round.
fn half_disc(left: f32) -> String {
    let (x, y) = (left + MIDDLE_X, MIDDLE_Y - 2.7);
    format!("{}M{x} {y}a2.7 2.7 0 0 1 0 5.4z", circle(left, 3.9))
}

/// The dots of a braille pattern, as plots use them.
fn braille(c: char, left: f32) -> String {
    const DOTS: [(f32, f32); 8] = [
        (0.0, 0.0),
        (0.0, 1.0),
        (0.0, 2.0),
        (1.0, 0.0),
        (1.0, 1.0),
        (1.0, 2.0),
        (0.0, 3.0),
        (1.0, 3.0),
    ];
    let pattern = u32::from(c) - 0x2800;
    (0_u32..)
        .zip(DOTS)
        .filter(|(bit, _)| pattern & (1 << bit) != 0)
        .map(|(_, (column, row))| {
            let x = left + W * (1.0 + 2.0 * column) / 4.0 - 1.0;
            let y = H * (1.0 + 2.0 * row) / 8.0 - 1.0;
            bar(x, y, 2.0, 2.0)
        })
        .collect()
}
