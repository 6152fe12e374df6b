//! How many colours the terminal gets, and what a colour becomes when there are fewer.

use ratatui::style::{Color, Modifier, Style};

/// The colours that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// None; bold, dim, underline and reverse remain.
    Mono,
    /// The terminal's own sixteen.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// Red, green and blue, eight bits each.
    TrueColor,
}

impl ColorDepth {
    /// Decides from the environment. `NO_COLOR` wins over everything but `CLICOLOR_FORCE`;
    /// GNU screen passes COLORTERM on without being able to show it.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        if set("NO_COLOR").is_some() && !forced {
            return Self::Mono;
        }
        let term = set("TERM").unwrap_or_default();
        let truecolor = set("COLORTERM").is_some_and(|v| v == "truecolor" || v == "24bit");
        if term.starts_with("vt") || term == "dumb" || term.ends_with("-m") {
            return if forced { Self::Ansi16 } else { Self::Mono };
        }
        if term.ends_with("-direct") || (truecolor && !term.starts_with("screen")) {
            Self::TrueColor
        } else if term.contains("256color") || truecolor {
            Self::Ansi256
        } else {
            Self::Ansi16
        }
    }

    /// The style with the colours that this depth has.
    pub fn reduce(self, style: Style) -> Style {
        Style {
            fg: style.fg.and_then(|color| self.color(color)),
            bg: style.bg.and_then(|color| self.color(color)),
            underline_color: None,
            ..style
        }
    }

    fn color(self, color: Color) -> Option<Color> {
        match self {
            Self::Mono => None,
            Self::TrueColor => Some(color),
            Self::Ansi256 => Some(match color {
                Color::Rgb(r, g, b) => Color::Indexed(nearest_256([r, g, b])),
                other => other,
            }),
            Self::Ansi16 => Some(match rgb(color) {
                Some(wanted) if !is_ansi16(color) => ANSI16[nearest_16(wanted)].0,
                _ => color,
            }),
        }
    }
}

/// The selection must be seen without its colours: reversed where the background got lost.
pub(super) fn keep_visible(style: Style, background: Style) -> Style {
    if style.bg.is_none() || style.bg == background.bg {
        style.add_modifier(Modifier::REVERSED)
    } else {
        style
    }
}

/// The contrast of two colours after WCAG 2, from 1 to 21; None where one is the terminal's own.
pub fn contrast(one: Color, other: Color) -> Option<f64> {
    let (a, b) = (luminance(rgb(one)?), luminance(rgb(other)?));
    Some((a.max(b) + 0.05) / (a.min(b) + 0.05))
}

// The sixteen colours as xterm has them; terminals differ, so these serve to choose, not to show.
const ANSI16: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn is_ansi16(color: Color) -> bool {
    ANSI16.iter().any(|(known, _)| *known == color)
}

fn rgb(color: Color) -> Option<[u8; 3]> {
    match color {
        Color::Rgb(r, g, b) => Some([r, g, b]),
        Color::Indexed(index) => Some(indexed(index)),
        Color::Reset => None,
        named => ANSI16
            .iter()
            .find(|(known, _)| *known == named)
            .map(|(_, rgb)| *rgb),
    }
}

fn indexed(index: u8) -> [u8; 3] {
    let level = |n: u8| LEVELS.get(usize::from(n % 6)).copied().unwrap_or(0);
    match index {
        0..=15 => ANSI16
            .get(usize::from(index))
            .map_or([0; 3], |(_, rgb)| *rgb),
        16..=231 => {
            let n = index - 16;
            [level(n / 36), level(n / 6), level(n)]
        }
        232..=255 => [8 + 10 * (index - 232); 3],
    }
}

fn nearest_256(wanted: [u8; 3]) -> u8 {
    (16..=255)
        .min_by_key(|index| distance(wanted, indexed(*index)))
        .unwrap_or(15)
}

/// Hue counts for more than lightness: a pale green must stay green, a grey must stay grey.
fn nearest_16(wanted: [u8; 3]) -> usize {
    let [r, g, b] = wanted.map(i32::from);
    let (high, low) = (r.max(g).max(b), r.min(g).min(b));
    let light = luminance(wanted);
    if high - low < 40 {
        return match light {
            l if l < 0.05 => 0,
            l if l < 0.30 => 8,
            l if l < 0.75 => 7,
            _ => 15,
        };
    }
    let middle = low + (high - low) * 45 / 100;
    let hue = usize::from(r > middle) | usize::from(g > middle) << 1 | usize::from(b > middle) << 2;
    if light > 0.22 { hue + 8 } else { hue }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> i32 {
    let [r, g, bl] = [0, 1, 2].map(|i: usize| {
        i32::from(a.get(i).copied().unwrap_or(0)) - i32::from(b.get(i).copied().unwrap_or(0))
    });
    3 * r * r + 6 * g * g + 2 * bl * bl
}

fn luminance(color: [u8; 3]) -> f64 {
    let [r, g, b] = color.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[("TERM", "xterm-256color")], ColorDepth::Ansi256)]
    #[case(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], ColorDepth::TrueColor)]
    #[case(&[("TERM", "screen-256color"), ("COLORTERM", "truecolor")], ColorDepth::Ansi256)]
    #[case(&[("TERM", "xterm")], ColorDepth::Ansi16)]
    #[case(&[("TERM", "linux")], ColorDepth::Ansi16)]
    #[case(&[("TERM", "vt220")], ColorDepth::Mono)]
    #[case(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")], ColorDepth::Mono)]
    #[case(&[("TERM", "xterm-256color"), ("NO_COLOR", "")], ColorDepth::Ansi256)]
    #[case(&[("TERM", "xterm"), ("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], ColorDepth::Ansi16)]
    fn the_environment_decides(#[case] set: &[(&str, &str)], #[case] expected: ColorDepth) {
        let depth = ColorDepth::detect(|name| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        });

        assert_eq!(depth, expected);
    }

    #[rstest]
    #[case(Color::Rgb(255, 0, 0), Color::Indexed(196))]
    #[case(Color::Rgb(8, 8, 8), Color::Indexed(232))]
    #[case(Color::Blue, Color::Blue)]
    fn a_colour_becomes_one_of_256(#[case] from: Color, #[case] to: Color) {
        assert_eq!(ColorDepth::Ansi256.color(from), Some(to));
    }

    #[rstest]
    #[case(Color::Rgb(0x93, 0xc7, 0x94), Color::LightGreen)]
    #[case(Color::Rgb(0x17, 0x1b, 0x22), Color::Black)]
    #[case(Color::Rgb(0xd0, 0xd5, 0xdd), Color::Gray)]
    #[case(Color::Rgb(0xb0, 0x20, 0x20), Color::Red)]
    fn a_colour_keeps_its_hue_in_16(#[case] from: Color, #[case] to: Color) {
        assert_eq!(ColorDepth::Ansi16.color(from), Some(to));
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let most = contrast(Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)).unwrap();

        assert!((most - 21.0).abs() < 0.01);
        assert_eq!(contrast(Color::Reset, Color::Black), None);
    }
}
