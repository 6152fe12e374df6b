//! The help: what this place is for, then the keys that work in it, what is nearest first.
//!
//! It is laid out for the width there is and anew when that changes. It names no key by heart: a
//! text that needs one asks the bindings, so that a changed configuration is told as it is.

use crate::keymap::{Command, Context};
use crate::theme::Role;
use crate::tui::layout;
use crate::tui::model::jobs::JobsFocus;
use crate::tui::model::popup::{Help, HelpRow, Popup};
use crate::tui::model::runs::RunsFocus;
use crate::tui::model::{Model, Pane, Place};
use crate::tui::ui::text::RichLine;
use crate::tui::ui::viewport::Viewport;

/// What a place is called and what it is for; `{command}` stands for the command's key.
type About = (&'static str, &'static str);

/// Opens the help for what lies on top.
pub(super) fn open(model: &mut Model) {
    if matches!(model.popups.last(), Some(Popup::Help(_))) {
        return;
    }
    model.popups.push(Popup::Help(Help {
        told: None,
        rows: Vec::new(),
        view: Viewport::default(),
    }));
    lay_out(model);
}

/// Lays the help out for the width there is.
pub(super) fn lay_out(model: &mut Model) {
    let is_help = |popup: &Popup| matches!(popup, Popup::Help(help) if help.told.is_none());
    let Some(place) = model.popups.iter().rposition(is_help) else {
        return;
    };
    // The help is about what lies below it.
    let above = model.popups.split_off(place);
    let rows = rows(model);
    model.popups.extend(above);
    if let Some(Popup::Help(help)) = model.popups.get_mut(place) {
        help.rows = rows;
    }
    let seen = layout::popup_rows(model);
    if let Some(Popup::Help(help)) = model.popups.get_mut(place) {
        let count = help.rows.len();
        help.view.scroll_by(0, count, seen);
    }
}

fn rows(model: &Model) -> Vec<HelpRow> {
    let contexts = model.contexts();
    let (title, text) = about(model);
    let mut rows = vec![HelpRow::Heading(title)];
    let text = with_keys(model, &contexts, text);
    let lines = RichLine::new().with(Role::Text, &text);
    let lines = lines.wrapped(layout::text_columns(model), 0);
    rows.extend(lines.iter().map(|line| HelpRow::Line(line.text())));

    let reachable = model.shared.settings.bindings.reachable(&contexts);
    // Who asks for help wants to know the place first; how a cursor moves can wait.
    let (editing, near): (Vec<_>, Vec<_>) = contexts
        .iter()
        .copied()
        .partition(|context| *context == Context::Text);
    for context in near.into_iter().chain(editing) {
        let own: Vec<_> = reachable
            .iter()
            .filter(|(command, _)| {
                let first = contexts.iter().find(|c| command.contexts().contains(c));
                first == Some(&context)
            })
            .collect();
        if own.is_empty() {
            continue;
        }
        rows.push(HelpRow::Blank);
        rows.push(HelpRow::Heading(context.title()));
        for (command, chords) in own {
            let chords: Vec<String> = chords.iter().map(ToString::to_string).collect();
            rows.extend(key_rows(model, *command, &chords));
        }
    }
    rows
}

/// A command beside its keys; either side may need more than one row.
fn key_rows(model: &Model, command: Command, chords: &[String]) -> Vec<HelpRow> {
    let keys = RichLine::new().with(Role::Title, &chords.join("  "));
    let keys = keys.wrapped(usize::from(layout::HELP_KEY_COLUMNS - 2), 0);
    let sentence = RichLine::new()
        .with(Role::Text, command.title())
        .with(Role::Dim, &format!(". {}", command.help()));
    let sentence = sentence.wrapped(layout::help_columns(model), 0);
    let count = keys.len().max(sentence.len());
    let keys = keys.into_iter().map(|line| line.text().trim().to_owned());
    let keys = keys.chain(std::iter::repeat(String::new()));
    let sentence = sentence
        .into_iter()
        .chain(std::iter::repeat(RichLine::new()));
    keys.zip(sentence)
        .take(count)
        .map(|(keys, text)| HelpRow::Keys(keys, text))
        .collect()
}

/// Puts the keys of commands into a text.
fn with_keys(model: &Model, contexts: &[Context], text: &str) -> String {
    let mut said = String::new();
    for (index, part) in text.split(['{', '}']).enumerate() {
        let command = Command::ALL.iter().find(|command| command.name() == part);
        match command.filter(|_| index % 2 == 1) {
            Some(command) => {
                let bindings = &model.shared.settings.bindings;
                let chord = bindings
                    .shown(contexts, *command)
                    .or_else(|| bindings.chords(*command).first().copied());
                match chord {
                    Some(chord) => said.push_str(&chord.to_string()),
                    None => said.push_str(command.title()),
                }
            }
            None => said.push_str(part),
        }
    }
    said
}

/// What lies on top, and what it is for.
fn about(model: &Model) -> About {
    if let Some(popup) = model.popups.last() {
        return about_popup(popup);
    }
    if model.is_searching() {
        return (
            "A search",
            "Type what to look for: the list follows. {accept} keeps what was found and leaves \
             the line, {back} shows everything again.",
        );
    }
    if model.shared.is_first_run() {
        return (
            "The first start",
            "Nothing is set up yet. The demo plays Zoho on this machine: everything can be tried \
             there and nothing is spent. To work with an organisation, set up a profile.",
        );
    }
    match (model.place, model.pane) {
        (Place::Console, Pane::Compose) => (
            "Console, the form",
            "Fill in what is known and press {send}. The lines below the fields say what the \
             server would answer and what it would cost before anything is sent. Neither Enter \
             nor a paste sends.",
        ),
        (Place::Console, Pane::Log) => (
            "Console, the live log",
            "Every attempt of this profile, newest first, also those that others of this host \
             send. It follows the newest until you move; {follow} follows again.",
        ),
        (Place::Console, Pane::Detail) => (
            "Console, the detail",
            "The selected attempt: what its answer means and what to do, then the request, the \
             response, the headers and the job. What came from Zoho is shown as it came.",
        ),
        (Place::Jobs, _) if model.jobs.focus == JobsFocus::Data => (
            "Jobs, one job",
            "What was asked stands on the left, what Zia found on the right.",
        ),
        (Place::Jobs, _) => (
            "Jobs",
            "Every job of the organisation as the server lists it, also those of others. What \
             has not ended is asked for again by itself while this screen is open; that spends \
             nothing.",
        ),
        (Place::Runs, _) if model.runs.focus == RunsFocus::Rows => (
            "Runs, the rows",
            "Each row of the file with its state. A row is sent once; only you can let one that \
             is absent wait again.",
        ),
        (Place::Runs, _) => (
            "Runs",
            "A run sends the rows of a file. {plan_run} plans one and reports what it would \
             cost; nothing is sent before you start it. A run that was stopped by anything goes \
             on where it was.",
        ),
        (Place::Usage, _) => (
            "Usage",
            "How much of the organisation's limit is spent, from where that is known and how \
             old it is. Unknown attempts count as spent until they are settled. No reset is \
             documented.",
        ),
        (Place::Setup, _) => (
            "Setup",
            "The data centres with their profiles; the sheet beside them says what stands in \
             the way of a send and what to do about it.",
        ),
    }
}

fn about_popup(popup: &Popup) -> About {
    match popup {
        Popup::Help(_) => ("A text to read", "{back} closes it."),
        Popup::Pick(picker) if picker.title == Command::ChooseTheme.title() => (
            "Switch theme",
            "The screen shows each theme as the selection moves. {accept} keeps it, also in the \
             configuration; {back} goes back to the one before.",
        ),
        Popup::Pick(picker) => (
            picker.title,
            "Type a few letters, not necessarily neighbours, and the list narrows to what has \
             them in that order. {accept} takes the selected row, {back} takes none.",
        ),
        Popup::Filter(_) => (
            "Filter the log",
            "Space changes the selected row. Since takes 30m, 2h, 3d or a date; no outcome \
             chosen means all of them. {accept} applies, {back} leaves the log as it is.",
        ),
        Popup::Confirm(confirm) if confirm.typed.is_some() => (
            "The question before a request",
            "Read why it is asked and what it would spend. Type the word, then {accept} sends; \
             {back} sends nothing.",
        ),
        Popup::Confirm(_) => (
            "The question before a request",
            "Read why it is asked and what it would spend. {send_anyway} sends, {back} sends \
             nothing; the key that asked does neither.",
        ),
        Popup::Decide(decide) if decide.typed.is_some() => (
            "The question before a decision",
            "It names what will be different. Type what it asks for, then {accept} does it; \
             {back} changes nothing.",
        ),
        Popup::Decide(_) => (
            "The question before a decision",
            "It names what will be different. {send_anyway} does it, {back} changes nothing; \
             the key that asked does neither.",
        ),
        Popup::Prompt(_) => (
            "One line",
            "{accept} takes what is typed, {back} takes nothing.",
        ),
        Popup::GrantCode(_) => (
            "Sign in again",
            "A grant code is made in Zoho's API console and works once. Paste it; it is not \
             shown, and signing in spends nothing.",
        ),
        Popup::Plan(_) => (
            "Plan a run",
            "Name a CSV or JSONL file. {plan_file} reads it whole and reports which rows are \
             ready, which would be rejected and what the run would leave of the limit. Columns \
             are found by their names, and any of them can be led elsewhere.",
        ),
        Popup::Unknowns(_) => (
            "Settle unknowns",
            "The answers to these attempts were lost, so each counts as spent. {reconcile_now} \
             compares them with the server's jobs and settles what is certain; the rest is \
             yours to decide, with the candidates beside it.",
        ),
        Popup::Records(_) => (
            "Fill the form from a record",
            "Type a record's id or words of it and press {accept}. What would change in the \
             form is shown first, and nothing is sent.",
        ),
        Popup::Guide(_) => (
            "The set-up guide",
            "Five steps from nothing to a profile that works; each says where to find what it \
             asks for. What was typed stays when you close it. Secrets are never shown, and \
             nothing is spent.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::keymap::Bindings;
    use crate::tui::testing::Bench;

    fn at_work(width: u16, height: u16) -> Bench {
        Bench::at_work(width, height)
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
        #[case] title: &'static str,
        #[case] text: &str,
    ) {
        let mut bench = at_work(120, 40);
        bench.press(keys);

        bench.press("F1");

        let Some(Popup::Help(help)) = bench.model.popups.last() else {
            panic!("no help");
        };
        assert_eq!(help.rows.first(), Some(&HelpRow::Heading(title)));
        let said = help.rows.iter().filter_map(|row| match row {
            HelpRow::Line(text) => Some(text.as_str()),
            HelpRow::Heading(_) | HelpRow::Keys(..) | HelpRow::Blank => None,
        });
        let said = said.collect::<String>();
        assert!(said.contains(text) && !said.contains('{'), "{said}");
    }

    #[test]
    fn a_key_has_a_title_beside_it_and_never_runs_into_it() {
        let mut bench = at_work(80, 24);

        bench.press("F1 End");

        let shown = bench.text();
        assert!(
            shown.contains("Delete the word to the left. Up to the cursor."),
            "{shown}"
        );
        assert!(shown.contains("Ctrl+W  Alt+Backspace "), "{shown}");
    }

    #[test]
    fn a_command_with_many_keys_shows_all_of_them() {
        let mut bench = at_work(80, 24);
        let many: Vec<String> = (1..=12).map(|n| format!("Alt+F{n}")).collect();
        let changes = [("find_row", many.as_slice())];
        bench.model.shared.settings.bindings = Bindings::with_changes(changes).unwrap();
        bench.press("F2 F2 F1");

        let Some(Popup::Help(help)) = bench.model.popups.last() else {
            panic!("no help");
        };

        let keys: String = help
            .rows
            .iter()
            .filter_map(|row| match row {
                HelpRow::Keys(keys, _) => Some(format!("{keys} ")),
                _ => None,
            })
            .collect();
        assert!(many.iter().all(|key| keys.contains(key.as_str())), "{keys}");
        let widest = help.rows.iter().filter_map(|row| match row {
            HelpRow::Keys(keys, _) => Some(keys.chars().count()),
            _ => None,
        });
        assert!(widest.max() < Some(usize::from(layout::HELP_KEY_COLUMNS)));
    }

    #[test]
    fn the_help_is_laid_out_anew_when_the_width_changes() {
        let mut bench = at_work(120, 40);
        bench.press("F1");

        bench.tell(crate::tui::msg::Msg::Resize {
            width: 60,
            height: 15,
        });

        let shown = bench.text();
        assert!(!shown.contains('…'), "{shown}");
        assert!(shown.contains("Console, the form"), "{shown}");
    }
}
