//! JSON laid out for reading, in roles. Text that is not JSON is shown as it came.

use serde_json::Value;

use crate::theme::Role;
use crate::tui::ui::text::RichLine;

/// Most lines that are laid out; nobody reads further, and memory stays bounded.
const LINES_MAX: usize = 4_000;
/// Longest text that is drawn whole; a base64 logo has several KB (OAS26).
const TEXT_CHARS_MAX: usize = 2_000;
/// Deepest nesting that is laid out.
const DEPTH_MAX: usize = 64;
/// Longest body that is parsed on the loop's thread.
const PARSED_BYTES_MAX: usize = 256 << 10;

/// The lines of a body.
pub(super) fn lines(body: &str) -> Vec<RichLine> {
    let parsed = if body.len() <= PARSED_BYTES_MAX {
        serde_json::from_str::<Value>(body).ok()
    } else {
        None
    };
    match parsed {
        Some(value) => {
            let mut writer = Writer::default();
            writer.value(&value, 0);
            writer.end();
            writer.lines
        }
        None => body
            .lines()
            .take(LINES_MAX)
            .map(|line| {
                let cut: String = line.chars().take(TEXT_CHARS_MAX).collect();
                RichLine::new().with(Role::Text, &cut)
            })
            .collect(),
    }
}

#[derive(Default)]
struct Writer {
    lines: Vec<RichLine>,
    line: RichLine,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(map) if map.is_empty() => self.line.push(Role::Dim, "{}"),
            Value::Array(items) if items.is_empty() => self.line.push(Role::Dim, "[]"),
            Value::Object(_) | Value::Array(_) if depth >= DEPTH_MAX => {
                self.line.push(Role::Dim, "…");
            }
            Value::Object(map) => {
                self.line.push(Role::Dim, "{");
                self.end();
                for (index, (key, value)) in map.iter().enumerate() {
                    self.indent(depth + 1);
                    self.line.push(Role::JsonKey, &quoted(key));
                    self.line.push(Role::Dim, ": ");
                    self.member(value, depth, index + 1 == map.len());
                }
                self.indent(depth);
                self.line.push(Role::Dim, "}");
            }
            Value::Array(items) => {
                self.line.push(Role::Dim, "[");
                self.end();
                for (index, value) in items.iter().enumerate() {
                    self.indent(depth + 1);
                    self.member(value, depth, index + 1 == items.len());
                }
                self.indent(depth);
                self.line.push(Role::Dim, "]");
            }
            Value::String(text) => self.line.push(Role::JsonText, &quoted(text)),
            Value::Number(number) => self.line.push(Role::JsonNumber, &number.to_string()),
            Value::Bool(_) | Value::Null => self.line.push(Role::JsonWord, &value.to_string()),
        }
    }

    fn member(&mut self, value: &Value, depth: usize, is_last: bool) {
        self.value(value, depth + 1);
        if !is_last {
            self.line.push(Role::Dim, ",");
        }
        self.end();
    }

    fn indent(&mut self, depth: usize) {
        self.line.push(Role::Text, &"  ".repeat(depth));
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        if self.lines.len() < LINES_MAX {
            self.lines.push(line);
        } else if self.lines.len() == LINES_MAX {
            self.lines
                .push(RichLine::new().with(Role::Dim, "… cut here"));
        }
    }
}

fn quoted(text: &str) -> String {
    let count = text.chars().count();
    if count > TEXT_CHARS_MAX {
        return format!("\"…\" ({count} characters)");
    }
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
