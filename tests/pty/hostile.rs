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
        terminal.wait("settled attempt", |screen| !screen.contains("sending"));
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
