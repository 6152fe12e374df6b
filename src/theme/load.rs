//! Reads a theme: its parents first, then its palette, then its styles.

use std::fmt;
use std::path::PathBuf;

use ratatui::style::{Color, Modifier, Style};
use toml::{Table, Value};

use super::builtin::BUILT_IN;
use super::depth::{ColorDepth, contrast, keep_visible};
use super::role::Role;

/// Most themes in a line of `inherits`; more is a circle.
const PARENTS_MAX: usize = 8;
/// Most bytes of a theme's file.
const THEME_BYTES_MAX: u64 = 64 << 10;

/// Below this a colour is not legible at all; only the sixteen of a terminal come to that.
const CONTRAST_MIN: f64 = 2.3;

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
}

/// Something in a theme's file that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeWarning {
    /// The theme.
    pub theme: String,
    /// What and why, with the nearest valid name.
    pub text: String,
}

impl fmt::Display for ThemeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "theme {}: {}", self.theme, self.text)
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
    #[error("theme {name}: {reason}")]
    Syntax {
        /// The theme.
        name: String,
        /// What the parser says, with line and column.
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
            .filter(|name| !names.contains(name))
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
        let mut chain = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(current) = next {
            if chain.len() == PARENTS_MAX || chain.iter().any(|(seen, _)| *seen == current) {
                return Err(ThemeError::Circle(name.to_owned()));
            }
            let table: Table = self
                .text(&current)?
                .parse()
                .map_err(|error: toml::de::Error| ThemeError::Syntax {
                    name: current.clone(),
                    reason: error.to_string(),
                })?;
            next = table
                .get("inherits")
                .and_then(Value::as_str)
                .map(str::to_owned);
            chain.push((current, table));
        }
        let mut reader = Reader::default();
        for (current, table) in chain.iter().rev() {
            reader.read(current, table);
        }
        let styles = reader.finish(&chain);
        let theme = Theme {
            name: name.to_owned(),
            styles: reduced(&styles, depth),
        };
        Ok((theme, reader.warnings))
    }

    fn text(&self, name: &str) -> Result<String, ThemeError> {
        let safe = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if let Some(directory) = self.directory.as_ref().filter(|_| safe) {
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

fn reduced(styles: &[Style], depth: ColorDepth) -> Vec<Style> {
    let background = styles.first().map_or_else(Style::new, |s| depth.reduce(*s));
    Role::ALL
        .iter()
        .zip(styles)
        .map(|(role, style)| {
            let mut style = depth.reduce(*style);
            if !role.is_drawn() {
                style = readable(style, background);
            }
            match role {
                Role::Selection | Role::DataCenter => keep_visible(style, background),
                Role::SelectionIdle if style.bg.is_none() || style.bg == background.bg => {
                    style.add_modifier(Modifier::UNDERLINED)
                }
                _ => style,
            }
        })
        .collect()
}

/// A colour that the sixteen cannot show legibly on the theme's ground gives way to plain text.
fn readable(style: Style, background: Style) -> Style {
    let (Some(fg), Some(bg)) = (style.fg, style.bg.or(background.bg)) else {
        return style;
    };
    match contrast(fg, bg) {
        Some(found) if found < CONTRAST_MIN => Style {
            fg: background.fg,
            ..style
        },
        _ => style,
    }
}

#[derive(Default)]
struct Reader {
    palette: Vec<(String, Color)>,
    warnings: Vec<ThemeWarning>,
}

impl Reader {
    fn read(&mut self, theme: &str, table: &Table) {
        for key in table.keys() {
            let known = ["inherits", "palette", "styles", "description"];
            if !known.contains(&key.as_str()) {
                self.warn(theme, unknown("key", key, &known));
            }
        }
        for (name, value) in section(table, "palette") {
            match value.as_str().map(str::parse::<Color>) {
                Some(Ok(color)) => {
                    self.palette.retain(|(known, _)| known != name);
                    self.palette.push((name.clone(), color));
                }
                _ => self.warn(
                    theme,
                    format!("palette.{name}: {value} is not a colour such as \"#7cc4c9\""),
                ),
            }
        }
    }

    /// Styles come last, so that a child's palette recolours what its parent styled.
    fn finish(&mut self, chain: &[(String, Table)]) -> Vec<Style> {
        let mut styles = vec![Style::new(); Role::ALL.len()];
        for (theme, table) in chain.iter().rev() {
            for (name, value) in section(table, "styles") {
                let place = Role::ALL.iter().position(|role| role.name() == name);
                let Some(style) = place.and_then(|index| styles.get_mut(index)) else {
                    let names: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
                    self.warn(theme, unknown("style", name, &names));
                    continue;
                };
                *style = self.style(theme, name, value);
            }
        }
        styles
    }

    fn style(&mut self, theme: &str, name: &str, value: &Value) -> Style {
        let mut style = Style::new();
        let Value::Table(parts) = value else {
            if let Some(color) = value.as_str() {
                style.fg = self.color(theme, name, color);
            } else {
                self.warn(
                    theme,
                    format!("styles.{name}: a colour or a table is expected"),
                );
            }
            return style;
        };
        for (key, part) in parts {
            match (key.as_str(), part) {
                ("fg", Value::String(color)) => style.fg = self.color(theme, name, color),
                ("bg", Value::String(color)) => style.bg = self.color(theme, name, color),
                ("modifiers", Value::Array(words)) => {
                    for word in words {
                        match word.as_str().and_then(modifier) {
                            Some(modifier) => style = style.add_modifier(modifier),
                            None => self.warn(
                                theme,
                                format!(
                                    "styles.{name}: {word} is not bold, dim, italic, underlined, reversed or crossed_out"
                                ),
                            ),
                        }
                    }
                }
                _ => self.warn(
                    theme,
                    format!(
                        "styles.{name}.{}",
                        unknown("key", key, &["fg", "bg", "modifiers"])
                    ),
                ),
            }
        }
        style
    }

    fn color(&mut self, theme: &str, style: &str, text: &str) -> Option<Color> {
        let named = self.palette.iter().find(|(name, _)| name == text);
        if let Some((_, color)) = named {
            return Some(*color);
        }
        if let Ok(color) = text.parse() {
            return Some(color);
        }
        let names: Vec<&str> = self.palette.iter().map(|(name, _)| name.as_str()).collect();
        let text = format!("styles.{style}: {}", unknown("colour", text, &names));
        self.warn(theme, text);
        None
    }

    fn warn(&mut self, theme: &str, text: String) {
        self.warnings.push(ThemeWarning {
            theme: theme.to_owned(),
            text,
        });
    }
}

fn section<'a>(table: &'a Table, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    table
        .get(name)
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
}

fn modifier(word: &str) -> Option<Modifier> {
    Some(match word {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underlined" => Modifier::UNDERLINED,
        "reversed" => Modifier::REVERSED,
        "crossed_out" => Modifier::CROSSED_OUT,
        _ => return None,
    })
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, candidate)) => {
            format!("{name:?} is not a known {what}; did you mean {candidate:?}?")
        }
        None => format!("{name:?} is not a known {what}"),
    }
}

#[cfg(test)]
mod tests;
