//! What the terminal writes with: colours and attributes, and the fewest bytes from one to another.
//!
//! Invariant: after the bytes of [`SgrState::turn_to`] the terminal writes as was asked, whatever it
//! wrote with before.

use ratatui::style::{Color, Modifier};

/// How the first sixteen colours are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Palette {
    /// By their own short codes.
    Sixteen,
    /// As numbers of the 256.
    Any,
}

/// Attributes that are seen on a blank.
const SEEN_ON_BLANKS: Modifier = Modifier::UNDERLINED
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT);

/// An attribute, the code that switches it on and the one that switches it off.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// What a text is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Look {
    pub(super) text: Color,
    pub(super) background: Color,
    pub(super) attributes: Modifier,
}

impl Look {
    /// As a terminal that was reset writes.
    const BARE: Self = Self {
        text: Color::Reset,
        background: Color::Reset,
        attributes: Modifier::empty(),
    };

    /// Whether a blank of it shows nothing but its background.
    pub(super) fn hides_on_blanks(self) -> bool {
        !self.attributes.intersects(SEEN_ON_BLANKS)
    }
}

/// What is about to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellStyle {
    /// Text.
    Text(Look),
    /// Blanks, of which only the background is seen.
    Blank(Color),
}

/// What the terminal writes with now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SgrState {
    palette: Palette,
    /// Attributes that this terminal shows as what they are.
    able: Modifier,
    /// Nobody knows while it is `None`.
    now: Option<Look>,
}

impl SgrState {
    pub(super) fn new(palette: Palette, able: Modifier) -> Self {
        Self {
            palette,
            able,
            now: None,
        }
    }

    /// Another program had the terminal, or something was written past it.
    pub(super) fn forget(&mut self) {
        self.now = None;
    }

    /// Writes the change to `style`, if there is one.
    pub(super) fn turn_to(&mut self, style: CellStyle, out: &mut Vec<u8>) {
        let wanted = match (style, self.now) {
            (CellStyle::Text(look), _) => Look {
                attributes: look.attributes.intersection(self.able),
                ..look
            },
            (CellStyle::Blank(background), now) => {
                let now = now.unwrap_or(Look::BARE);
                let attributes = now.attributes.difference(SEEN_ON_BLANKS);
                Look {
                    background,
                    attributes,
                    ..now
                }
            }
        };
        if self.now == Some(wanted) {
            return;
        }
        let anew = self.anew(wanted);
        let change = self.now.map(|now| self.change(now, wanted));
        let shorter = change.filter(|change| change.len() <= anew.len());
        let codes = shorter.unwrap_or(anew);
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(&codes);
        out.push(b'm');
        self.now = Some(wanted);
    }

    fn anew(self, wanted: Look) -> Vec<u8> {
        let change = self.change(Look::BARE, wanted);
        if change.is_empty() {
            return b"0".to_vec();
        }
        [b"0;".as_slice(), &change].concat()
    }

    fn change(self, now: Look, wanted: Look) -> Vec<u8> {
        let mut codes = Codes::default();
        let mut set = now.attributes;
        for (attribute, _, off) in ATTRIBUTES {
            if set.contains(attribute) && !wanted.attributes.contains(attribute) {
                codes.push(&[off]);
                // One code may switch two of them off.
                for (other, _, its_off) in ATTRIBUTES {
                    if its_off == off {
                        set.remove(other);
                    }
                }
            }
        }
        for (attribute, on, _) in ATTRIBUTES {
            if wanted.attributes.contains(attribute) && !set.contains(attribute) {
                codes.push(&[on]);
            }
        }
        if now.text != wanted.text {
            self.color(&mut codes, wanted.text, 30);
        }
        if now.background != wanted.background {
            self.color(&mut codes, wanted.background, 40);
        }
        codes.0
    }

    /// A colour; `layer` is 30 for text and 40 for the background.
    fn color(self, codes: &mut Codes, color: Color, layer: u8) {
        let index = match color {
            Color::Reset => return codes.push(&[layer + 9]),
            Color::Rgb(r, g, b) => return codes.push(&[layer + 8, 2, r, g, b]),
            Color::Indexed(index) => index,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 8,
            Color::LightRed => 9,
            Color::LightGreen => 10,
            Color::LightYellow => 11,
            Color::LightBlue => 12,
            Color::LightMagenta => 13,
            Color::LightCyan => 14,
            Color::White => 15,
        };
        match (self.palette, index) {
            (Palette::Sixteen, 0..8) => codes.push(&[layer + index]),
            (Palette::Sixteen, 8..16) => codes.push(&[layer + 60 + index - 8]),
            _ => codes.push(&[layer + 8, 5, index]),
        }
    }
}

/// Numbers with semicolons between them.
#[derive(Debug, Default)]
struct Codes(Vec<u8>);

impl Codes {
    fn push(&mut self, numbers: &[u8]) {
        for number in numbers {
            if !self.0.is_empty() {
                self.0.push(b';');
            }
            self.0.extend_from_slice(number.to_string().as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn look(text: Color, background: Color, attributes: Modifier) -> Look {
        Look {
            text,
            background,
            attributes,
        }
    }

    fn written(palette: Palette, styles: &[CellStyle]) -> String {
        let mut sgr = SgrState::new(palette, Modifier::all());
        let mut out = Vec::new();
        for style in styles {
            sgr.turn_to(*style, &mut out);
        }
        String::from_utf8(out).unwrap().replace('\u{1b}', "^")
    }

    #[rstest]
    #[case(Palette::Sixteen, Color::Red, "^[0;31m")]
    #[case(Palette::Sixteen, Color::Indexed(12), "^[0;94m")]
    #[case(Palette::Sixteen, Color::Indexed(200), "^[0;38;5;200m")]
    #[case(Palette::Any, Color::LightRed, "^[0;38;5;9m")]
    #[case(Palette::Any, Color::Rgb(1, 2, 3), "^[0;38;2;1;2;3m")]
    #[case(Palette::Any, Color::Reset, "^[0m")]
    fn a_colour_is_said_as_the_palette_has_it(
        #[case] palette: Palette,
        #[case] color: Color,
        #[case] expected: &str,
    ) {
        let style = CellStyle::Text(look(color, Color::Reset, Modifier::empty()));

        assert_eq!(written(palette, &[style]), expected);
    }

    #[test]
    fn only_what_changes_is_said() {
        let plain = look(Color::Blue, Color::Black, Modifier::empty());
        let bold = look(Color::Blue, Color::Black, Modifier::BOLD);
        let dim = look(
            Color::Blue,
            Color::Black,
            Modifier::DIM | Modifier::UNDERLINED,
        );

        let styles = [plain, plain, bold, dim, plain].map(CellStyle::Text);

        assert_eq!(
            written(Palette::Sixteen, &styles),
            "^[0;34;40m^[1m^[22;2;4m^[22;24m"
        );
    }

    #[test]
    fn a_blank_needs_its_ground_and_nothing_that_would_be_seen_on_it() {
        let link = look(Color::Blue, Color::Black, Modifier::UNDERLINED);

        let styles = [
            CellStyle::Text(link),
            CellStyle::Blank(Color::Black),
            CellStyle::Blank(Color::Red),
        ];

        assert_eq!(written(Palette::Sixteen, &styles), "^[0;4;34;40m^[24m^[41m");
    }

    #[test]
    fn an_attribute_that_the_terminal_shows_as_another_is_left_out() {
        let look = look(
            Color::Reset,
            Color::Reset,
            Modifier::ITALIC | Modifier::BOLD,
        );
        let mut sgr = SgrState::new(Palette::Any, Modifier::ITALIC.complement());

        let mut out = Vec::new();
        sgr.turn_to(CellStyle::Text(look), &mut out);

        assert_eq!(out, b"\x1b[0;1m");
    }

    #[test]
    fn after_another_program_everything_is_said_again() {
        let style = CellStyle::Text(look(Color::Blue, Color::Reset, Modifier::BOLD));
        let mut sgr = SgrState::new(Palette::Sixteen, Modifier::all());
        sgr.turn_to(style, &mut Vec::new());

        sgr.forget();
        let mut out = Vec::new();
        sgr.turn_to(style, &mut out);

        assert_eq!(out, b"\x1b[0;1;34m");
    }
}
