//! What the set-up guide says at each step, for somebody who has never made a client at Zoho.

use crate::keymap::{Bindings, Command, Context};
use crate::theme::Role;
use crate::tui::model::Model;
use crate::tui::model::guide::{Guide, Progress, Step};
use crate::tui::ui::text::RichLine;

/// How much there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui::view) enum Detail {
    /// All of it.
    Whole,
    /// The scopes by their number: the key copies them.
    Short,
}

/// Reaches the key that copies the scopes.
const AT_THE_CODE: &[Context] = &[
    Context::GrantCode,
    Context::Popup,
    Context::Text,
    Context::Always,
];

/// What is said at the step with the focus, in lines of a width.
pub(super) fn explanation(
    model: &Model,
    guide: &Guide,
    detail: Detail,
    width: usize,
) -> Vec<RichLine> {
    let mut lines = Vec::new();
    match &guide.progress {
        Progress::Working => {
            let text = "Exchanging the code and making a test call; nothing is spent.";
            return said(&[(Role::Sending, text)], width);
        }
        Progress::Done(done) => return finished(done, width),
        Progress::Failed(failure) => {
            lines.extend(said(
                &[(Role::Error, &format!("✗ {}", failure.plain))],
                width,
            ));
            if !failure.next_step.is_empty() {
                let text = format!("  do  {}", failure.next_step);
                lines.extend(said(&[(Role::Text, &text)], width));
            }
        }
        Progress::Filling => {}
    }
    if let Some(problem) = &guide.problem {
        lines.extend(said(&[(Role::Warning, &format!("! {problem}"))], width));
    }
    lines.extend(match guide.step {
        Step::Where => said(
            &[
                (Role::Text, "Up and Down choose the data centre of your Zoho account, Space the environment, Enter goes on."),
                (Role::Text, "The address of your CRM tells which one: crm.zoho.com is US, .in IN, .com.au AU, .sa SA, and crm.zohocloud.ca CA. Others have no people enrichment."),
                (Role::Dim, "A token of one data centre or environment does not work in another; each needs a profile of its own."),
            ],
            width,
        ),
        Step::Name => said(
            &[
                (Role::Text, "The name by which you will know this profile, here and in scripts."),
                (Role::Dim, "Letters, digits, - and _. Enter takes what is proposed."),
            ],
            width,
        ),
        Step::Client => said(
            &[
                (Role::Text, &format!("1  Open {} and sign in as a user of this CRM.", guide.data_center.console_url())),
                (Role::Text, "2  Get Started or Add Client, then Self Client, Create Now, OK. Where there is a Self Client already, open it."),
                (Role::Text, "3  Copy the Client ID from its Client Secret tab and paste it here; it begins with 1000."),
                (Role::Dim, "A self client needs no web address and costs nothing."),
            ],
            width,
        ),
        Step::Secret => said(
            &[
                (Role::Text, "The Client Secret stands below the Client ID, in the same tab. Paste it; a line break at its end does no harm."),
                (Role::Dim, "It is not shown here, is never an argument and goes into a file that only you can read."),
            ],
            width,
        ),
        Step::Code => code_lines(
            &model.shared.settings.bindings,
            (guide.data_center.console_url(), &model.shared.settings.scopes),
            detail,
            width,
        ),
    });
    lines
}

/// How a grant code is made, where, and with which scopes.
pub(in crate::tui::view) fn code_lines(
    bindings: &Bindings,
    (url, scopes): (&str, &str),
    detail: Detail,
    width: usize,
) -> Vec<RichLine> {
    let key = bindings.shown(AT_THE_CODE, Command::CopyScopes);
    let key = key.map(|chord| chord.to_string());
    let mut lines = said(
        &[(
            Role::Text,
            &format!("1  In {url} open the Self Client's Generate Code tab."),
        )],
        width,
    );
    let copies = match (&key, detail) {
        (Some(key), _) => format!("2  Scope, which {key} copies:"),
        (None, _) => "2  Scope:".to_owned(),
    };
    match (detail, &key) {
        (Detail::Short, Some(key)) => {
            let count = scopes.split(',').count();
            let text = format!("2  Scope: {key} copies the {count} of them.");
            lines.extend(said(&[(Role::Text, &text)], width));
        }
        (Detail::Whole, _) | (Detail::Short, None) => {
            let list = format!("   {}", scopes.replace(' ', "").replace(',', ", "));
            lines.extend(said(&[(Role::Text, &copies), (Role::Accent, &list)], width));
        }
    }
    lines.extend(said(
        &[
            (Role::Text, "3  Any duration and description, Create; then choose CRM and this organisation."),
            (Role::Text, "4  Paste the code here and press Enter. It lives three minutes unless you chose more, works once, and spends no unit."),
        ],
        width,
    ));
    lines
}

fn finished(done: &crate::tui::data::profile::SignedIn, width: usize) -> Vec<RichLine> {
    let organisation = done.organisation.as_deref().unwrap_or("not named");
    let mut lines = said(
        &[
            (Role::Ok, &format!("✓ {} is saved and works.", done.profile)),
            (Role::Text, &format!("  organisation  {organisation}")),
        ],
        width,
    );
    if let Some(user) = &done.user {
        lines.extend(said(
            &[(Role::Text, &format!("  signed in as  {user}"))],
            width,
        ));
    }
    for one in &done.missing {
        let text = format!("  missing scope  {}: {}", one.scope, one.without);
        lines.extend(said(&[(Role::Warning, &text)], width));
    }
    lines.push(RichLine::new());
    let text = "Enter goes to the console; 5 there, Setup, checks everything else.";
    lines.extend(said(&[(Role::Dim, text)], width));
    lines
}

fn said(texts: &[(Role, &str)], width: usize) -> Vec<RichLine> {
    let lines = texts
        .iter()
        .map(|(role, text)| RichLine::new().with(*role, text));
    lines.flat_map(|line| line.wrapped(width, 3)).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::tui::effects::Effect;
    use crate::tui::testing::Bench;
    use crate::tui::testing::setup::at_the_code;

    #[rstest]
    #[case(60, 15)]
    #[case(80, 24)]
    #[case(120, 40)]
    fn every_step_is_told_whole_at_every_size(#[case] width: u16, #[case] height: u16) {
        let mut bench = Bench::at_work(width, height);
        bench.press("F8");
        assert!(bench.text().contains("zohocloud.ca"), "{}", bench.text());
        assert!(bench.text().contains("production"), "{}", bench.text());
        bench.press("Enter Enter");
        assert!(bench.text().contains("Self"), "{}", bench.text());
        assert!(
            bench.text().contains("begins with 1000."),
            "{}",
            bench.text()
        );

        let bench = at_the_code(width, height);

        let text = bench.text();
        assert!(text.contains("Alt+c"), "{text}");
        assert!(text.contains("3  Any duration"), "{text}");
        assert!(text.contains("spends no unit"), "{text}");
    }

    #[test]
    fn the_scopes_are_copied_in_one_piece() {
        let mut bench = at_the_code(60, 15);
        bench.model.shared.settings.scopes = "A.b, C.d".to_owned();

        bench.press("Alt+c");

        let copied = Effect::Copy {
            text: "A.b,C.d".to_owned(),
            what: "the scopes".to_owned(),
        };
        assert_eq!(bench.effects, [copied]);
    }

    #[test]
    fn signing_in_again_tells_the_same_on_the_smallest_screen() {
        let mut bench = Bench::at_work(60, 15);
        bench.press("F2 F2 F2 F2 i");

        let text = bench.text();
        assert!(text.contains("Alt+c copies"), "{text}");
        assert!(text.contains("spends no unit"), "{text}");
        bench.press("Enter");
        assert!(bench.text().contains("paste the grant code first"));
        bench.effects.clear();
        bench.press("Alt+c");
        assert!(matches!(bench.effects.as_slice(), [Effect::Copy { .. }]));
    }
}
