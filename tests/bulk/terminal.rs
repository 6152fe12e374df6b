//! What a person at a terminal is asked and shown.

use std::io::{Read as _, Write as _};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use ziadeck::simulator::SimulatorOptions;

use crate::rig::Rig;

/// Runs the binary on a terminal of its own and types `input`.
async fn at_a_terminal(rig: &Rig, args: &[&str], input: &'static str) -> (u32, String) {
    let size = PtySize {
        rows: 24,
        cols: 80,
        ..PtySize::default()
    };
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ziadeck"));
    command.args(args);
    command.env_clear();
    command.env("HOME", rig.path(""));
    command.env("ZIADECK_CONFIG", rig.path("config.toml"));
    command.env("ZIADECK_DATA_DIR", rig.data_dir());
    let task = tokio::task::spawn_blocking(move || {
        let pty = native_pty_system().openpty(size).unwrap();
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let mut writer = pty.master.take_writer().unwrap();
        let mut screen = Vec::new();
        // What is typed before a question does not answer it.
        let mut piece = [0; 1_024];
        while !input.is_empty() && !String::from_utf8_lossy(&screen).contains("to go on:") {
            let read = reader.read(&mut piece).unwrap();
            screen.extend_from_slice(&piece[..read]);
        }
        writer.write_all(input.as_bytes()).unwrap();
        // A terminal whose last process has gone answers with an error, which is its end.
        let _ = reader.read_to_end(&mut screen);
        let code = child.wait().unwrap().exit_code();
        (code, String::from_utf8_lossy(&screen).into_owned())
    });
    tokio::time::timeout(crate::rig::PATIENCE, task)
        .await
        .expect("the command did not end")
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_typed_number_of_units_starts_a_large_run() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(30).await.to_string();
    let args = ["bulk", "run", &run];

    for fingers in ["\r\r\r\r\r\r\r\r", "y\r", "yes\r", "3\r"] {
        let (code, screen) = at_a_terminal(&rig, &args, fingers).await;

        assert_eq!(code, 2, "{screen}");
        assert!(screen.contains("0 → 30 of 1500"), "{screen}");
        assert!(screen.contains("nothing was sent"), "{screen}");
        assert_eq!(rig.control.posts(), 0);
    }
    let (code, screen) = at_a_terminal(&rig, &args, "30\r").await;

    assert_eq!(code, 0, "{screen}");
    rig.assert_each_once(30);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_one_line_that_is_replaced_and_never_wraps() {
    let options = SimulatorOptions {
        latency: std::time::Duration::from_millis(60),
        ..SimulatorOptions::default()
    };
    let rig = Rig::start(options, "concurrency = 2").await;
    let run = rig.plan(20).await.to_string();

    let (code, screen) = at_a_terminal(&rig, &["bulk", "run", &run], "").await;

    assert_eq!(code, 0, "{screen}");
    let lines: Vec<&str> = screen
        .split('\r')
        .filter(|line| line.starts_with('['))
        .collect();
    assert!(lines.len() >= 2, "{screen}");
    assert!(lines.iter().all(|line| line.contains('%')), "{screen}");
    let widest = lines.iter().map(|line| line.trim_end().chars().count());
    // The three characters of "erase to the end" stand before the next return.
    assert!(
        widest.max().is_some_and(|widest| widest < 80 + 3),
        "{screen}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_what_each_column_is_and_a_pipe_does_not() {
    let rig = Rig::start(SimulatorOptions::default(), "").await;
    let run = rig.plan(2).await;
    rig.bulk_run(run, &[]).await.expect(0);
    let number = run.to_string();

    for (args, names) in [
        (
            &["bulk", "rows", &number][..],
            "attempt  job, code or reason",
        ),
        (&["jobs", "list"], "status            created"),
        (&["modules"], "label                     configuration"),
    ] {
        let (code, screen) = at_a_terminal(&rig, args, "").await;
        let piped = rig.run(args).await.expect(0);

        assert_eq!(code, 0, "{screen}");
        assert_eq!(screen.matches(names).count(), 1, "{screen}");
        assert!(!piped.stdout.contains(names), "{}", piped.stdout);
        assert!(!piped.stdout.is_empty());
    }
}
