//! Forgetting the person of a row, in the built program.

use ziadeck::simulator::SimulatorOptions;

use crate::support::Bench;
use crate::terminal::Terminal;
use crate::{LEAVE, command, compose};

const EMAIL: &str = "zebediah@canary.example";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_forgotten_from_their_row_and_not_asked_about_again() {
    let bench = Bench::new(SimulatorOptions::default()).await;
    let submit = ["submit", "--email", EMAIL];
    bench.run(&submit).await.expect(0);
    let mut terminal = Terminal::start(command(&bench));
    terminal.shows("1 / 1,500");
    compose(&mut terminal, EMAIL);
    terminal.shows("already sent as attempt 1");
    terminal.press_for([0x10], "Find a command");
    terminal.type_in("forget the person");
    terminal.shows("Forget the person of the row");
    terminal.press_for("\r", &format!("Forget {EMAIL}?"));
    terminal.shows("Removes 1 attempt");

    terminal.answer("y");

    // The row, the detail and the form are empty, and nothing of it is in the ledger.
    terminal.wait("no sign of them", |screen| {
        screen.contains("forgotten: 1 attempt") && !screen.contains("zebediah")
    });
    let dump = bench.run(&["ledger", "dump"]).await.expect(0);
    assert!(!dump.stdout.contains("zebediah"));
    terminal.type_in(EMAIL);
    terminal.shows("forgotten: nothing is sent");
    terminal.answer(b"\x1b[15~");
    // Redrawn after the key, with no question over the form.
    terminal.press_for([0x0c], "forgotten: nothing is sent");
    assert_eq!(bench.control().posts(), 1);
    terminal.type_in([0x11]);
    assert_eq!(terminal.ends_within(LEAVE).code, 0);
}
