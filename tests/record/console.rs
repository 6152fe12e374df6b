//! The console's detail against the tap.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::Bench;
use crate::tap::Tap;
use crate::terminal::{Ended, Terminal, program, until};
use crate::{Combination, Told, at, paste, run};

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
        paste(&copied_as_curl(&mut terminal)).await;
        // The console itself asks questions meanwhile.
        let mut heard = tap.take();
        heard.retain(|one| one.method == "POST");
        assert_eq!(&Told::heard(&tap, &heard[0]), told);
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

/// What the console gives to the terminal's clipboard.
fn copied_as_curl(terminal: &mut Terminal) -> String {
    const START: &str = "\u{1b}]52;c;";
    let copies = |terminal: &Terminal| {
        let bytes = terminal.bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let parts = text.split(START).skip(1);
        let whole = parts.filter_map(|part| Some(part.split_once('\u{1b}')?.0.to_owned()));
        whole.collect::<Vec<_>>()
    };
    let before = copies(terminal).len();
    terminal.type_in("y");
    terminal.shows("as curl");
    terminal.type_in("\r");
    until("a copy", || copies(terminal).len() > before);
    let encoded = copies(terminal).pop().unwrap();
    let mut decode = Command::new("base64")
        .arg("-d")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = decode.stdin.take().unwrap();
    stdin.write_all(encoded.as_bytes()).unwrap();
    drop(stdin);
    String::from_utf8(decode.wait_with_output().unwrap().stdout).unwrap()
}

fn texts(value: &serde_json::Value) -> Vec<&str> {
    match value {
        serde_json::Value::String(text) => vec![text],
        serde_json::Value::Array(all) => all.iter().flat_map(texts).collect(),
        serde_json::Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
