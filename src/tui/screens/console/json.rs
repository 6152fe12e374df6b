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
    let is_short = body.len() <= PARSED_BYTES_MAX;
    let parsed = is_short.then(|| serde_json::from_str::<Value>(body).ok());
    if let Some(Some(value)) = parsed {
        let mut writer = Writer::default();
        writer.value(&value, 0);
        writer.end();
        return writer.lines;
    }
    let cut = |line: &str| line.chars().take(TEXT_CHARS_MAX).collect::<String>();
    let lines = body.lines().take(LINES_MAX);
    lines
        .map(|line| RichLine::of(Role::Text, &cut(line)))
        .collect()
}

#[derive(Default)]
struct Writer {
    lines: Vec<RichLine>,
    line: RichLine,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(map) => {
                let members = map.iter().map(|(key, value)| (Some(key), value));
                self.members(("{", "}"), members, depth);
            }
            Value::Array(items) => {
                self.members(("[", "]"), items.iter().map(|value| (None, value)), depth);
            }
            Value::String(text) => self.line.push(Role::JsonText, &quoted(text)),
            Value::Number(number) => self.line.push(Role::JsonNumber, &number.to_string()),
            Value::Bool(_) | Value::Null => self.line.push(Role::JsonWord, &value.to_string()),
        }
    }

    fn members<'a>(
        &mut self,
        (open, close): (&str, &str),
        members: impl ExactSizeIterator<Item = (Option<&'a String>, &'a Value)>,
        depth: usize,
    ) {
        let count = members.len();
        if count == 0 || depth >= DEPTH_MAX {
            let text = if count == 0 {
                [open, close].concat()
            } else {
                "…".to_owned()
            };
            return self.line.push(Role::Dim, &text);
        }
        self.line.push(Role::Dim, open);
        self.end();
        for (index, (key, value)) in members.enumerate() {
            self.indent(depth + 1);
            if let Some(key) = key {
                self.line.push(Role::JsonKey, &quoted(key));
                self.line.push(Role::Dim, ": ");
            }
            self.value(value, depth + 1);
            if index + 1 < count {
                self.line.push(Role::Dim, ",");
            }
            self.end();
        }
        self.indent(depth);
        self.line.push(Role::Dim, close);
    }

    fn indent(&mut self, depth: usize) {
        self.line.push(Role::Text, &"  ".repeat(depth));
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        if self.lines.len() < LINES_MAX {
            self.lines.push(line);
        } else if self.lines.len() == LINES_MAX {
            self.lines.push(RichLine::of(Role::Dim, "… cut here"));
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
