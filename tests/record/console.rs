//! The console's detail against the tap.

use std::time::Duration;

use crate::support::Bench;
use crate::tap::Tap;
use crate::terminal::{Ended, Terminal, program};
use crate::{Combination, Told, at, run};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_what_the_console_shows() {
    let (bench, tap) = (Bench::quiet().await, Tap::new(202));
    let mut told = Vec::new();
    for (n, way) in Combination::all().into_iter().enumerate() {
        if way.module.is_some() || way.forced {
            at(&bench, &tap, way.version);
            run(&bench, &way.arguments(n)).await.expect(0);
            told.push(Told::heard(&tap, &tap.take()[0]));
        }
    }
    // By now the profile says something else than when most of them were sent.
    let (config, data) = (bench.path("config.toml"), bench.path("data"));
    let mut command = program(&bench.path(""), &[]);
    command.args(["--config".as_ref(), config.as_os_str()]);
    command.args(["--data-dir".as_ref(), data.as_os_str()]);
    let mut terminal = Terminal::sized(command, 400, 60);
    terminal.shows("attempt 24 ");
    terminal.type_in("\x1bOR");

    for (n, told) in told.iter().enumerate().rev() {
        let attempt = format!("attempt {} ", n + 1);
        terminal.wait(&format!("{attempt} {told:?}"), |screen| {
            let head = format!("{} {}", told.method, told.url);
            // What is right of the address is the frame of the pane.
            let shows_head = screen.lines().any(|line| {
                line.split('│')
                    .any(|part| part.trim() == head || part.trim().ends_with(&head))
            });
            screen.contains(&attempt) && shows_head
        });
        let body: serde_json::Value = serde_json::from_str(&told.body).unwrap();
        let screen = terminal.screen();
        for value in texts(&body) {
            let shown = serde_json::Value::from(value).to_string();
            assert!(screen.contains(&shown), "{shown}: {screen}");
        }
        terminal.type_in("j");
    }
    // The headers have a tab of their own.
    terminal.type_in("\rll");
    let first = &told[0];
    terminal.wait("the headers", |screen| {
        first
            .headers
            .iter()
            .all(|(name, value)| screen.contains(&format!("{name}: {value}")))
    });
    assert!(!terminal.screen().contains("oauthtoken"));
    terminal.type_in(b"\x11");
    assert_eq!(
        terminal.ends_within(Duration::from_secs(12)),
        Ended::with(0)
    );
}

fn texts(value: &serde_json::Value) -> Vec<&str> {
    match value {
        serde_json::Value::String(text) => vec![text],
        serde_json::Value::Array(all) => all.iter().flat_map(texts).collect(),
        serde_json::Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
