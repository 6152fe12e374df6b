//! How a grant code is made, for somebody who has never made a client at Zoho.

use crate::keymap::Command;
use crate::theme::Role;
use crate::tui::app::shared::Shared;
use crate::tui::popups::contexts;
use crate::tui::ui::text::RichLine;

/// How much there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// All of it.
    Whole,
    /// The scopes by their number: the key copies them.
    Short,
}

/// How a grant code is made, where, and with which scopes.
pub fn code_lines(
    shared: &Shared,
    (url, scopes): (&str, &str),
    room: Room,
    width: usize,
) -> Vec<RichLine> {
    let reach = contexts(Some(crate::keymap::Context::GrantCode), true);
    let key = shared.key(&reach, Command::CopyScopes);
    let first = format!("1  In {url} open the Self Client's Generate Code tab.");
    let mut lines = said(&[(Role::Text, &first)], width);
    if room == Room::Short && !key.is_empty() {
        let count = scopes.split(',').count();
        let text = format!("2  Scope: {key} copies the {count} of them.");
        lines.extend(said(&[(Role::Text, &text)], width));
    } else {
        let copies = match key.as_str() {
            "" => "2  Scope:".to_owned(),
            key => format!("2  Scope, which {key} copies:"),
        };
        let list = format!("   {}", scopes.replace(' ', "").replace(',', ", "));
        lines.extend(said(&[(Role::Text, &copies), (Role::Accent, &list)], width));
    }
    let paste = "4  Paste the code here and press {accept}. It lives three minutes unless you chose more, works once, and spends no unit.";
    let paste = shared.with_keys(&reach, paste);
    lines.extend(said(
        &[
            (
                Role::Text,
                "3  Any duration and description, Create; then choose CRM and this organisation.",
            ),
            (Role::Text, &paste),
        ],
        width,
    ));
    lines
}

/// The scopes as Zoho's page takes them: a box on the screen cannot be marked and copied.
pub fn copied(scopes: &str) -> String {
    scopes.replace(' ', "")
}

pub fn said(texts: &[(Role, &str)], width: usize) -> Vec<RichLine> {
    let lines = texts
        .iter()
        .map(|(role, text)| RichLine::new().with(*role, text));
    lines.flat_map(|line| line.wrapped(width, 3)).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::tui::app::effect::Effect;
    use crate::tui::testing::Harness;
    use crate::tui::testing::setup::at_the_code;

    #[rstest]
    #[case(60, 15)]
    #[case(80, 24)]
    #[case(120, 40)]
    fn every_step_is_told_whole_at_every_size(#[case] width: u16, #[case] height: u16) {
        let mut harness = Harness::at_work(width, height);
        let tells = |harness: &Harness, text: &str| {
            let shown = harness.text();
            assert!(shown.contains(text), "{text}: {shown}");
        };
        harness.press("F8");
        tells(&harness, "zohocloud.ca");
        tells(&harness, "production");
        harness.press("Enter Enter");
        tells(&harness, "Self");
        tells(&harness, "begins with 1000.");

        let harness = at_the_code(width, height);

        tells(&harness, "Alt+c");
        tells(&harness, "3  Any duration");
        tells(&harness, "spends no unit");
    }

    #[test]
    fn the_scopes_are_copied_in_one_piece() {
        let mut harness = at_the_code(60, 15);
        harness.app.shared.settings.scopes = "A.b, C.d".to_owned();

        harness.press("Alt+c");

        let copied = Effect::Copy {
            text: "A.b,C.d".to_owned(),
            what: "the scopes",
        };
        assert_eq!(harness.effects, [copied]);
    }

    #[test]
    fn signing_in_again_tells_the_same_on_the_smallest_screen() {
        let mut harness = Harness::at_work(60, 15);
        harness.press("F2 F2 F2 F2 i");

        let text = harness.text();
        assert!(text.contains("Alt+c copies"), "{text}");
        assert!(text.contains("spends no unit"), "{text}");
        harness.press("Enter");
        assert!(harness.text().contains("paste the grant code first"));
        harness.effects.clear();
        harness.press("Alt+c");
        assert!(matches!(harness.effects.as_slice(), [Effect::Copy { .. }]));
    }
}
