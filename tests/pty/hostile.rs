//! Nothing but the program's own grammar reaches the terminal, whatever the server says.

use ziadeck::simulator::{Scenario, SimulatorOptions};

use crate::grammar::{foreign, has_colour, modes_on};
use crate::support::Bench;
use crate::terminal::{Ended, Terminal};
use crate::{LEAVE, command, compose, demo};

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_of_the_server_reaches_no_terminal() {
    let scenario = Scenario::load("hostile").unwrap();
    let bench = Bench::new(SimulatorOptions::default().with_scenario(scenario)).await;
    let mut terminal = Terminal::start(command(&bench));
    terminal.shows("30 / 1,500");
    compose(&mut terminal, "ada@acme.example");

    for round in 1..=4 {
        terminal.type_in(round.to_string());
        terminal.press_until(b"\x13", "request", |_| bench.control().posts() == round);
        // Its row, and that row with an outcome: a screen without "sending" may not have the row yet.
        let counted = format!("Live log · US · {round} ");
        terminal.wait("settled attempt", |screen| {
            screen.contains(&counted) && !screen.contains("sending")
        });
    }
    // To the log, to the oldest attempt, to its answer.
    terminal.type_in("\x1bOR");
    terminal.type_in("jjj\rl");
    terminal.shows("⟨U+");
    terminal.type_in(b"\x11");

    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0));
    terminal.read_out();
    assert_eq!(foreign(&terminal.bytes()), []);
    assert_eq!(modes_on(&terminal.bytes()), ["25", "7"]);
}

#[test]
fn the_console_writes_nothing_but_its_own_grammar() {
    let (_home, mut terminal) = demo();

    for keys in [
        "\x1bOP", "\x1b", "\x10", "the", "\x1b", "\x0f", "\x1b", "\x1bOR", "jjk\r", "llll",
    ] {
        terminal.type_in(keys);
    }
    terminal.resize(80, 24);
    terminal.resize(40, 10);
    terminal.resize(120, 40);
    terminal.type_in(b"\x11");

    terminal.ends_within(LEAVE);
    terminal.read_out();
    assert_eq!(foreign(&terminal.bytes()), []);
    assert!(has_colour(&terminal.bytes()));
}

#[test]
fn without_colours_none_is_written() {
    let home = tempfile::tempdir().unwrap();
    let mut command = crate::terminal::program(home.path(), &["demo"]);
    command.env("NO_COLOR", "1");
    let mut terminal = Terminal::start(command);
    terminal.shows("us-prod");

    terminal.type_in(b"\x1bOR");
    terminal.type_in(b"\x11");

    terminal.ends_within(LEAVE);
    terminal.read_out();
    assert!(!has_colour(&terminal.bytes()));
}

#[test]
fn a_control_character_in_an_argument_is_not_repeated() {
    let home = tempfile::tempdir().unwrap();
    let hostile = "\u{1b}]52;c;aGk=\u{7}\u{202e}7";
    for arguments in [&["jobs", "show", hostile][..], &["submit", hostile]] {
        let command = crate::terminal::program(home.path(), arguments);
        let mut terminal = Terminal::start(command);

        assert_eq!(terminal.ends_within(LEAVE), Ended::with(2));
        terminal.read_out();
        let told = String::from_utf8(terminal.bytes()).unwrap();
        assert!(
            !told.contains("\u{1b}]52") && !told.contains('\u{202e}'),
            "{told:?}"
        );
        assert!(told.contains("error"), "{told:?}");
    }
}

/// What a terminal obeys: the clipboard, an erased screen, and letters that nobody sees.
const ORDERS: &str = "\u{1b}]52;c;aGk=\u{7}\u{1b}[2J\u{9b}2Jx\u{202e}\u{3164}\u{115f}\u{7f}";

/// A run whose file gives orders, and an attempt with one.
async fn with_orders() -> Bench {
    let bench = Bench::quiet().await;
    let text =
        format!("Email,Note\nlin@acme.example,{ORDERS}\na@acme.example,\"a\r{ORDERS}\nb\"\n");
    let file = bench.write("people.csv", &text, 0o600);
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    bench.run(&plan).await.expect(0);
    let name = format!("Ada {ORDERS}");
    let submit = ["submit", "--force", "--company", "Acme", "--name", &name];
    bench.run(&submit).await;
    assert_eq!(bench.control().posts(), 1);
    bench
}

/// The bytes that a command writes to a terminal.
fn on_a_terminal(bench: &Bench, arguments: &[&str]) -> String {
    let mut command = command(bench);
    command.args(arguments);
    let mut terminal = Terminal::start(command);
    assert_eq!(terminal.ends_within(LEAVE), Ended::with(0), "{arguments:?}");
    terminal.read_out();
    String::from_utf8(terminal.bytes()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_gives_orders_is_escaped_on_a_terminal_and_whole_in_a_pipe() {
    let bench = with_orders().await;
    let is_order = |c: char| match c {
        '\r' | '\n' => false,
        c => c.is_control() || (!c.is_ascii() && ORDERS.contains(c)),
    };
    for command in [
        &["bulk", "export", "1"][..],
        &["bulk", "export", "1", "--raw"],
        &["bulk", "export", "1", "--format", "jsonl"],
        &["bulk", "rows", "1"],
        &["bulk", "rows", "1", "--json"],
        &["ledger", "dump"],
        &["log"],
        &["log", "--json"],
        &["log", "--format", "csv"],
        &["log", "1"],
        &["log", "1", "--json"],
        &[
            "submit",
            "--dry-run",
            "--force",
            "--company",
            "Acme",
            "--name",
            ORDERS,
        ],
    ] {
        let told = on_a_terminal(&bench, command);

        assert_eq!(told.find(is_order), None, "{command:?}: {told:?}");
    }

    let shown = on_a_terminal(&bench, &["bulk", "export", "1"]);
    let json = on_a_terminal(&bench, &["bulk", "export", "1", "--format", "jsonl"]);
    let piped = bench.run(&["bulk", "export", "1"]).await.expect(0).stdout;
    let raw = ["bulk", "export", "1", "--format", "jsonl"];
    let lines = bench.run(&raw).await.expect(0);
    assert!(
        shown.contains("⟨U+001B⟩]52;c;aGk=⟨U+0007⟩⟨U+001B⟩[2J"),
        "{shown}"
    );
    assert!(shown.contains("⟨U+202E⟩⟨U+3164⟩⟨U+115F⟩"), "{shown}");
    assert!(json.contains(r"\u202e\u3164\u115f\u007f"), "{json}");
    let on_terminal: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(on_terminal, lines.rows());
    assert!(
        piped.contains(&format!("lin@acme.example,{ORDERS},")),
        "{piped:?}"
    );
    assert!(piped.contains(&format!("\"a\r{ORDERS}\nb\"")), "{piped:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_nobody_sees_are_escaped_in_json_and_in_text() {
    let bench = Bench::quiet().await;
    let name = "Ada\u{115f}\u{1160}\u{3164}\u{ffa0}Lovelace";
    let submit = ["submit", "--force", "--company", "Acme", "--name", name];
    bench.run(&submit).await;

    let json = bench.run(&["log", "--json"]).await.expect(0);
    let text = bench.run(&["log"]).await.expect(0).stdout;

    assert!(
        json.stdout.contains(r"Ada\u115f\u1160\u3164\uffa0Lovelace"),
        "{json:?}"
    );
    assert_eq!(json.row()["inputs"]["name"], name);
    assert!(
        text.contains("Ada⟨U+115F⟩⟨U+1160⟩⟨U+3164⟩⟨U+FFA0⟩Lovelace"),
        "{text}"
    );
}

#[test]
fn a_control_character_in_a_variable_is_not_repeated_by_the_help() {
    let home = tempfile::tempdir().unwrap();
    for variable in ["ZIADECK_CONFIG", "ZIADECK_DATA_DIR", "ZIADECK_PROFILE"] {
        let mut command = crate::terminal::program(home.path(), &["--help"]);
        command.env(variable, format!("x{ORDERS}"));
        let mut terminal = Terminal::start(command);

        let ended = terminal.ends_within(LEAVE);
        terminal.read_out();

        let told = String::from_utf8(terminal.bytes()).unwrap();
        assert!(
            !told.contains("\u{1b}]52") && !told.contains('\u{202e}'),
            "{told:?}"
        );
        assert!(
            ended == Ended::with(0) && told.contains("Usage"),
            "{ended:?} {told:?}"
        );
    }
}
