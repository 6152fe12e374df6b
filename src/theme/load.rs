//! Reads a theme: its parents first, then its palette, then its styles.

use std::fmt;
use std::path::PathBuf;

use ratatui::style::{Color, Modifier, Style};

use super::builtin::BUILT_IN;
use super::depth::{ColorDepth, contrast, keep_visible};
use super::read::{Sheet, Styled, styles_of};
use super::role::Role;

/// Most themes in a line of `inherits`; more is a circle.
const PARENTS_MAX: usize = 8;
/// Most bytes of a theme's file.
const THEME_BYTES_MAX: u64 = 64 << 10;

/// Below this a colour is not legible at all and gives way to one that is.
pub const CONTRAST_MIN: f64 = 2.3;

/// A style for every role, in the colours of the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    name: String,
    styles: Vec<Style>,
}

/// Where themes come from: the built-in ones, and a directory whose files go before them.
#[derive(Debug, Clone, Default)]
pub struct Themes {
    /// The directory, such as `~/.config/ziadeck/themes`.
    pub directory: Option<PathBuf>,
    /// What of a theme marks the selected row of a list.
    pub selected: SelectedRow,
}

/// What marks the selected row of a list besides the sign at its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SelectedRow {
    /// The theme's ground for it.
    #[default]
    Ground,
    /// Nothing.
    Bare,
}

/// Something in a theme's file that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeWarning {
    /// The theme.
    pub theme: String,
    /// The line of its file, from 1.
    pub line: usize,
    /// What and why, with the nearest valid name.
    pub text: String,
}

impl fmt::Display for ThemeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "theme {}, line {}: {}", self.theme, self.line, self.text)
    }
}

/// Why there is no such theme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// No file and no built-in theme has the name.
    #[error("there is no theme {name:?}; the themes are {known}")]
    NotFound {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The file cannot be read.
    #[error("cannot read {path}: {reason}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// The file is not TOML.
    #[error("theme {name}, line {line}, column {column}: {reason}")]
    Syntax {
        /// The theme.
        name: String,
        /// The line of its file, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// `inherits` leads round in a circle.
    #[error("theme {0}: inherits leads round in a circle")]
    Circle(String),
}

impl Theme {
    /// The theme's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn bare(&mut self, role: Role) {
        if let Some(style) = self.styles.get_mut(role as usize) {
            *style = Style::new();
        }
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        // A role's number is its place in `Role::ALL`: both come from one macro.
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

impl Themes {
    /// The names of all themes, built-in ones first.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = BUILT_IN
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        let entries = self
            .directory
            .as_ref()
            .and_then(|directory| std::fs::read_dir(directory).ok());
        let mut found: Vec<String> = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|file| file.strip_suffix(".toml").map(str::to_owned))
            .filter(|name| is_name(name) && !names.contains(name))
            .collect();
        found.sort();
        names.append(&mut found);
        names
    }

    /// Reads a theme for a terminal with so many colours.
    ///
    /// # Errors
    /// When there is no such theme or its file cannot be understood at all. Single keys that mean
    /// nothing are warnings.
    pub fn load(
        &self,
        name: &str,
        depth: ColorDepth,
    ) -> Result<(Theme, Vec<ThemeWarning>), ThemeError> {
        self.parse(name, &self.text(name)?, depth)
    }

    /// Reads a text as if it stood in the theme's file.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn parse(
        &self,
        name: &str,
        text: &str,
        depth: ColorDepth,
    ) -> Result<(Theme, Vec<ThemeWarning>), ThemeError> {
        let mut texts = vec![(name.to_owned(), text.to_owned())];
        while let Some((name, text)) = texts.last() {
            let Some(parent) = Sheet::parse(name, text)?.inherits().map(str::to_owned) else {
                break;
            };
            if texts.len() == PARENTS_MAX || texts.iter().any(|(seen, _)| *seen == parent) {
                let (child, _) = texts.swap_remove(0);
                return Err(ThemeError::Circle(child));
            }
            let text = self.text(&parent)?;
            texts.push((parent, text));
        }
        // The oldest first: a child changes what its parents say.
        let sheets = texts
            .iter()
            .rev()
            .map(|(name, text)| Sheet::parse(name, text))
            .collect::<Result<Vec<_>, _>>()?;
        let (written, mut warnings) = styles_of(&sheets);
        let names: Vec<&str> = texts.iter().rev().map(|(name, _)| name.as_str()).collect();
        warnings.extend(super::faint::warnings(&written, &names));
        let styles: Vec<Style> = written.iter().map(Styled::style).collect();
        let mut theme = Theme {
            name: name.to_owned(),
            styles: reduced(&styles, depth),
        };
        if self.selected == SelectedRow::Bare {
            theme.bare(Role::Selection);
            theme.bare(Role::SelectionIdle);
        }
        Ok((theme, warnings))
    }

    fn text(&self, name: &str) -> Result<String, ThemeError> {
        if let Some(directory) = self.directory.as_ref().filter(|_| is_name(name)) {
            let path = directory.join(format!("{name}.toml"));
            match std::fs::metadata(&path) {
                Ok(about) if about.is_file() && about.len() <= THEME_BYTES_MAX => {
                    return std::fs::read_to_string(&path).map_err(|error| ThemeError::Read {
                        path: path.display().to_string(),
                        reason: error.to_string(),
                    });
                }
                Ok(_) => {
                    return Err(ThemeError::Read {
                        path: path.display().to_string(),
                        reason: format!("not a file of at most {THEME_BYTES_MAX} bytes"),
                    });
                }
                Err(_) => {}
            }
        }
        BUILT_IN
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| ThemeError::NotFound {
                name: name.chars().take(64).collect(),
                known: self.names().join(", "),
            })
    }
}

/// The built-in theme for when nothing else can be read.
impl Default for Theme {
    fn default() -> Self {
        Themes::default()
            .load("default-dark", ColorDepth::TrueColor)
            .map_or_else(
                |_| Self {
                    name: "none".to_owned(),
                    styles: Vec::new(),
                },
                |(theme, _)| theme,
            )
    }
}

/// What a theme may be called: nothing that leads out of the directory or steers a terminal.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn reduced(styles: &[Style], depth: ColorDepth) -> Vec<Style> {
    let ground = styles.first().map_or_else(Style::new, |s| depth.reduce(*s));
    let ground = legible(ground, Style::new(), depth);
    Role::ALL
        .iter()
        .zip(styles)
        .map(|(role, style)| {
            let mut style = depth.reduce(*style);
            if !role.is_drawn() {
                style = legible(style, ground, depth);
            }
            match role {
                Role::Selection | Role::DataCenter => keep_visible(style, ground),
                Role::SelectionIdle if style.bg.is_none() || style.bg == ground.bg => {
                    style.add_modifier(Modifier::UNDERLINED)
                }
                _ => style,
            }
        })
        .collect()
}

/// The style with a colour that can be read: where its own cannot on what lies below it, that of
/// plain text, or black or white. A colour of the terminal's own is taken as it is.
fn legible(style: Style, ground: Style, depth: ColorDepth) -> Style {
    let (Some(fg), Some(bg)) = (style.fg.or(ground.fg), style.bg.or(ground.bg)) else {
        return style;
    };
    let is_low = |fg: Color| contrast(fg, bg).is_some_and(|found| found < CONTRAST_MIN);
    if !is_low(fg) {
        return style;
    }
    let [black, white] = [Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)]
        .map(|color| depth.reduce(Style::new().fg(color)).fg);
    let extreme = if contrast(Color::Rgb(0, 0, 0), bg) > contrast(Color::Rgb(255, 255, 255), bg) {
        black
    } else {
        white
    };
    Style {
        fg: ground.fg.filter(|plain| !is_low(*plain)).or(extreme),
        ..style
    }
}

#[cfg(test)]
mod tests;
