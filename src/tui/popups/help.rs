//! A text that is scrolled: the help, or what a person must read to its end.
//!
//! The help says what a place is for, then the keys that work in it, what is nearest first. It names
//! no key by heart: a text that needs one asks the bindings, so that a changed configuration is told
//! as it is.

use ratatui::layout::Rect;

use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::app::cx::{About, Cx, Handled, Screen};
use crate::tui::app::shared::Shared;
use crate::tui::popups::contexts;
use crate::tui::ui::pager::Pager;
use crate::tui::ui::painter::{Painter, from_column, inside};
use crate::tui::ui::text::{RichLine, paragraphs};

/// Most columns of a text.
const COLUMNS: u16 = 100;
/// Columns for the keys in the help.
const KEY_COLUMNS: usize = 24;

/// The text.
pub struct TextPopup {
    what: What,
    pager: Pager,
}

enum What {
    /// The keys of these contexts, and what the place is for.
    Help(Vec<Context>, About),
    /// Must be read; only Esc closes it.
    Told(String),
}

impl TextPopup {
    pub fn help(contexts: Vec<Context>, about: About) -> Self {
        let (what, pager) = (What::Help(contexts, about), Pager::default());
        Self { what, pager }
    }

    pub fn told(text: String) -> Self {
        let (what, pager) = (What::Told(text), Pager::default());
        Self { what, pager }
    }

    fn lines(&self, shared: &Shared, columns: usize) -> Vec<RichLine> {
        match &self.what {
            What::Help(contexts, about) => help(shared, (contexts, *about), columns),
            // Each sentence begins a line of its own.
            What::Told(text) => {
                let sentences = text.split("; ").map(|text| (Role::Text, text));
                paragraphs(sentences, (columns, 2))
            }
        }
    }
}

impl Screen for TextPopup {
    fn contexts(&self, _shared: &Shared) -> Vec<Context> {
        contexts(None, false)
    }

    fn command(&mut self, command: Command, cx: &mut Cx<'_>) -> Handled {
        match (command, &self.what) {
            (Command::Accept, What::Help(..)) => cx.close(),
            // Whoever is typing when it appears must not close it unread.
            (Command::Accept | Command::ClosePopup, What::Told(_)) => {}
            (command, _) => return Handled::when(self.pager.on(command)),
        }
        Handled::Yes
    }

    fn fit(&mut self, area: Rect, shared: &Shared) {
        let columns = usize::from(area.width.saturating_sub(4));
        let size = (columns, usize::from(inside(area).height));
        let mut pager = std::mem::take(&mut self.pager);
        pager.fit(size, |columns| self.lines(shared, columns));
        self.pager = pager;
    }

    fn draw(&self, _shared: &Shared, p: &mut Painter<'_, '_>, area: Rect) {
        self.pager.draw(p, from_column(inside(area), 1));
        p.pane(area, "text");
    }

    fn about(&self) -> About {
        ("A text to read", "{back} closes it.")
    }

    fn hints(&self) -> Option<&'static [Command]> {
        Some(&[Command::Back, Command::PageDown, Command::PageUp])
    }

    fn title(&self, _shared: &Shared) -> String {
        let title = match self.what {
            What::Help(..) => "Keys that work here",
            What::Told(_) => "Read this before you go on",
        };
        title.to_owned()
    }

    fn size(&self, room: (u16, u16)) -> (u16, u16) {
        let rows = u16::try_from(self.pager.lines().len()).unwrap_or(u16::MAX);
        (COLUMNS.min(room.0), rows.saturating_add(2))
    }

    fn closes_by(&self, command: Command) -> bool {
        let is_help = matches!(self.what, What::Help(..));
        command == Command::Back || (command == Command::ClosePopup && is_help)
    }
}

fn help(
    shared: &Shared,
    (contexts, (title, text)): (&[Context], About),
    columns: usize,
) -> Vec<RichLine> {
    let mut lines = vec![RichLine::of(Role::Accent, title)];
    let text = shared.with_keys(contexts, text);
    lines.extend(paragraphs([(Role::Text, text)], (columns, 0)));
    let reachable = shared.settings.bindings.reachable(contexts);
    // Who asks for help wants to know the place first; how a cursor moves can wait.
    let mut nearest = contexts.to_vec();
    nearest.sort_by_key(|context| *context == Context::Text);
    for context in nearest {
        let is_own = |command: &Command| {
            let first = contexts.iter().find(|c| command.contexts().contains(c));
            first == Some(&context)
        };
        let own = reachable.iter().filter(|(command, _)| is_own(command));
        let mut own = own.peekable();
        if own.peek().is_none() {
            continue;
        }
        lines.push(RichLine::new());
        lines.push(RichLine::of(Role::Accent, context.title()));
        for (command, chords) in own {
            let chords: Vec<String> = chords.iter().map(ToString::to_string).collect();
            lines.extend(key_lines(*command, &chords, columns));
        }
    }
    lines
}

/// A command beside its keys; either side may need more than one line.
fn key_lines(command: Command, chords: &[String], columns: usize) -> Vec<RichLine> {
    let keys = RichLine::of(Role::Title, &chords.join("  "));
    let keys = keys.wrapped(KEY_COLUMNS - 2, 0);
    let sentence =
        RichLine::of(Role::Text, command.title()).with(Role::Dim, &format!(". {}", command.help()));
    let sentence = sentence.wrapped(columns.saturating_sub(KEY_COLUMNS), 0);
    let count = keys.len().max(sentence.len());
    let at = |lines: &[RichLine], index: usize| lines.get(index).cloned().unwrap_or_default();
    (0..count)
        .map(|index| {
            let keys = at(&keys, index).text();
            let keys = format!("{:<KEY_COLUMNS$}", keys.trim());
            let mut line = RichLine::of(Role::Title, &keys);
            line.pieces.extend(at(&sentence, index).pieces);
            line
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::keymap::Bindings;
    use crate::tui::app::msg::Msg;
    use crate::tui::testing::Harness;

    /// The help that is open, in lines of so many columns.
    fn help(harness: &Harness, columns: usize) -> Vec<RichLine> {
        let help = harness.app.popup::<TextPopup>().unwrap();
        help.lines(&harness.app.shared, columns)
    }

    #[rstest]
    #[case("", "Console, the form", "press F5")]
    #[case("F3", "Console, the live log", "F follows again")]
    #[case("F3 F3", "Console, the detail", "what its answer means")]
    #[case("F2", "Jobs", "Every job of the organisation")]
    #[case("F2 F2", "Runs", "n plans one")]
    #[case("F2 F2 F2", "Usage", "No reset is documented")]
    #[case("F2 F2 F2 F2", "Setup", "what stands in the way")]
    #[case("F3 /", "A search", "Esc shows everything again")]
    #[case("F3 f", "Filter the log", "Space changes")]
    #[case("Ctrl+P", "Find a command", "a few letters")]
    #[case("F2 F2 n", "Plan a run", "F5 reads it whole")]
    #[case("Alt+u", "Settle unknowns", "r compares them")]
    #[case("F8", "The set-up guide", "Five steps")]
    #[case(
        "F2 F2 F2 F2 x",
        "The question before a decision",
        "the key that asked does neither"
    )]
    fn every_place_says_what_it_is_for(
        #[case] keys: &str,
        #[case] title: &str,
        #[case] text: &str,
    ) {
        let mut harness = Harness::at_work(120, 40);
        harness.press(keys);

        harness.press("F1");

        let lines = help(&harness, 1_000);
        assert_eq!(lines[0].text(), title);
        let said = lines[1].text();
        assert!(said.contains(text) && !said.contains('{'), "{said}");
    }

    #[test]
    fn a_key_has_a_title_beside_it_and_never_runs_into_it() {
        let mut harness = Harness::at_work(80, 24);

        harness.press("F1 End");

        let shown = harness.text();
        assert!(
            shown.contains("Delete the word to the left. Up to the cursor."),
            "{shown}"
        );
        assert!(shown.contains("Ctrl+W  Alt+Backspace "), "{shown}");
    }

    #[test]
    fn a_command_with_many_keys_shows_all_of_them() {
        let mut harness = Harness::at_work(80, 24);
        let many: Vec<String> = (1..=12).map(|n| format!("Alt+F{n}")).collect();
        let changes = [("find_row", many.as_slice())];
        harness.app.shared.settings.bindings = Bindings::with_changes(changes).unwrap();
        harness.press("F2 F2 F1");

        let lines = help(&harness, 76);

        let pieces = lines.iter().filter_map(|line| line.pieces.first());
        let beside = pieces.filter(|(role, _)| *role == Role::Title);
        let keys: Vec<&str> = beside
            .map(|(_, keys)| {
                let (keys, gap) = keys.split_at(KEY_COLUMNS - 1);
                assert!(gap.starts_with(' '), "{keys}{gap}");
                keys
            })
            .collect();
        let keys = keys.concat();
        assert!(many.iter().all(|key| keys.contains(key.as_str())), "{keys}");
    }

    #[test]
    fn the_help_is_laid_out_anew_when_the_width_changes() {
        let mut harness = Harness::at_work(120, 40);
        harness.press("F1");

        harness.tell(Msg::Resize {
            width: 60,
            height: 15,
        });

        let shown = harness.text();
        assert!(!shown.contains('…'), "{shown}");
        assert!(shown.contains("Console, the form"), "{shown}");
    }
}
