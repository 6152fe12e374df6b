//! The page of keys as Markdown.

use ziadeck::keymap::{Command, Context};

const HEAD: &str = "# Keys

Written by `cargo run --example keys` from the table that feeds bindings, footer, help and palette; a test compares.

A key means the command of the nearest place that knows it: the popup on top, then the pane with the focus, then the
screen. Where text is typed, a key that types a character is text. `F1` shows what works where you are, and `Ctrl+P`
finds every command with its key.

Change keys in the configuration by the name in the last column. The list given there replaces the command's own keys,
and an empty list takes them away:

```toml
[keys]
send = [\"F5\", \"Ctrl+S\"]
suspend = []
```

Chords are written `F5`, `Enter`, `PageDown`, `Ctrl+S`, `Alt+f`, `Shift+Tab` or as the character itself. What some
terminals cannot tell apart is refused with the reason (`Ctrl+I` is `Tab`, `Ctrl+M` is `Enter`); so are two commands on
one key in one place, and a key for every screen that is one for everywhere, with line and column. `ziadeck config check`
tells all of it at once.

What spends, discards or changes the server wants a key that comes alone: within 30 ms of another key, within 0.15 s of a
paste, or held down, it is not taken, and the message line says so. A question is answered by `y`, or by the text that it
demands and `Enter`, when it was on the screen and no key came for 0.3 s. No key may open a question and answer it; a
configuration that says so is refused.
";

/// The whole page.
pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    for context in Context::ALL {
        page.push_str(&format!(
            "\n## {}\n\n| keys | what it does | name |\n|---|---|---|\n",
            context.title()
        ));
        let own = |command: &&Command| command.contexts().contains(context);
        for command in Command::ALL.iter().filter(own) {
            page.push_str(&row(*command));
        }
    }
    page
}

fn row(command: Command) -> String {
    let keys: Vec<String> = command
        .default_chords()
        .iter()
        .map(|chord| format!("`{}`", chord.replace('|', "\\|")))
        .collect();
    let keys = if keys.is_empty() {
        "by `Ctrl+P`".to_owned()
    } else {
        keys.join(" ")
    };
    format!(
        "| {keys} | **{}.** {} | `{}` |\n",
        command.title(),
        command.help(),
        command.name()
    )
}
