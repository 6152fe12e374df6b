//! Faults of the connection itself: F2, F3, F5 to F11, F13.

use std::io::Write;
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rstest::rstest;
use tokio::sync::Notify;
use ziadeck::base::Outcome;
use ziadeck::ops::submit::{SubmitOptions, submit};
use ziadeck::simulator::{Action, Fault, Target};

use crate::raw::{read_request, scheduled, serve};
use crate::support::Bench;
use crate::{request, send, session};

#[rstest]
#[case::f5_reset_before_it_is_read(Action::ResetBeforeRead, 0)]
#[case::closed_before_it_is_read(Action::CloseBeforeRead, 0)]
#[case::f6_closed_after_it_was_read(Action::CloseAfterRead { effect: true }, 1)]
#[case::f7_reset_after_it_was_read(Action::ResetAfterRead { effect: true }, 1)]
#[case::not_http(Action::Garbage, 1)]
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_unknown_and_the_next_one_works(
    #[case] action: Action,
    #[case] posts: u64,
) {
    let bench = Bench::quiet().await;
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, action));
    let session = session(&bench).await;

    let lost = send(&session, "ada").await;
    let next = send(&session, "lin").await;

    assert_eq!(lost.row.outcome, Outcome::Unknown, "{:?}", lost.row);
    assert_eq!(lost.usage.as_ref().unwrap().used, 1);
    assert_eq!(next.row.outcome, Outcome::Scheduled);
    // The lost request was sent once, on a connection of its own.
    assert_eq!(bench.control().posts(), posts + 1);
    assert_eq!(bench.control().connections(), 2);
}

/// The clock of the runtime jumps to the next time-out as soon as nothing else can happen.
async fn with_time_flying(
    bench: &Bench,
    is_under_way: impl Fn() -> bool,
) -> ziadeck::ops::submit::SubmitReport {
    let session = session(bench).await;
    let told = Arc::new(Notify::new());
    let tell = told.clone();
    let options = SubmitOptions {
        on_dispatch: Some(Arc::new(move |_| tell.notify_one())),
        ..SubmitOptions::single()
    };
    let work = tokio::spawn(async move { submit(&session, &request("ada"), options).await });
    told.notified().await;
    while !is_under_way() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::pause();
    work.await.unwrap().unwrap()
}

/// F8. The bound is 30 s and not 60: an operator who waits decides sooner, and reconcile finds out.
#[tokio::test]
async fn f8_no_answer_for_30_seconds_is_unknown() {
    let bench = Bench::quiet().await;
    let hang = Action::Hang { effect: true };
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, hang));
    let control = bench.control();

    let report = with_time_flying(&bench, || control.posts() == 1).await;

    assert_eq!(report.row.outcome, Outcome::Unknown);
    assert_eq!(report.row.note.as_deref(), Some("timed out after 30 s"));
    assert_eq!(control.posts(), 1);
}

/// F9: the total time rules however slowly bytes keep coming; the head was seen, so a unit is spent.
#[tokio::test]
async fn f9_a_body_that_dribbles_is_cut_and_stays_accepted() {
    let bench = Bench::quiet().await;
    let slow = Action::SlowBody {
        bytes_per_second: 1,
    };
    bench
        .control()
        .push_fault(Fault::next(Target::PeoplePost, slow));
    let control = bench.control();

    let report = with_time_flying(&bench, || control.posts() == 1).await;

    assert_eq!(
        report.row.outcome,
        Outcome::UnknownAccepted,
        "{:?}",
        report.row
    );
    assert_eq!(report.row.http_status, Some(202));
}

/// F3: nobody answers the first packet, because the queue of the listener is full.
#[tokio::test]
async fn f3_a_connection_that_nobody_takes_is_not_sent() {
    use rustix::net::{AddressFamily, SocketType, bind, connect, getsockname, listen, socket};
    let listener = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    let any = std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 0);
    bind(&listener, &any).unwrap();
    listen(&listener, 0).unwrap();
    let address = std::net::SocketAddrV4::try_from(getsockname(&listener).unwrap()).unwrap();
    let first = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    connect(&first, &address).unwrap();
    let bench = Bench::quiet().await;
    at_port(&bench, address.port());

    let report = with_time_flying(&bench, || true).await;

    assert_eq!(report.row.outcome, Outcome::NotSent, "{:?}", report.row);
    assert_eq!(
        report.row.note.as_deref(),
        Some("no connection within 10 s")
    );
    assert_eq!(report.usage.as_ref().unwrap().used, 0);
}

/// Brings the bench's profile to another server.
fn at_port(bench: &Bench, port: u16) {
    let text = std::fs::read_to_string(bench.path("config.toml")).unwrap();
    let text = text.replace(bench.base(), &format!("http://127.0.0.1:{port}"));
    bench.write("config.toml", &text, 0o600);
}

/// F10: the server has closed the idle connection; the next request takes a new one.
#[tokio::test(flavor = "multi_thread")]
async fn f10_a_closed_idle_connection_costs_no_request() {
    let (port, connections) = serve(move |mut stream, number| {
        if read_request(&mut stream).is_some() {
            scheduled(&mut stream, 100 + u64::try_from(number).unwrap());
        }
        stream.shutdown(Shutdown::Both).unwrap();
    });
    let bench = Bench::quiet().await;
    at_port(&bench, port);
    let session = session(&bench).await;

    for name in ["ada", "lin", "grace"] {
        let report = send(&session, name).await;
        assert_eq!(report.row.outcome, Outcome::Scheduled, "{:?}", report.row);
    }

    assert_eq!(connections.count(), 3);
}

/// F11: the second request on a connection is read, and then the connection ends. A client that
/// tries again by itself would spend a second unit here.
#[tokio::test(flavor = "multi_thread")]
async fn f11_a_request_lost_on_a_kept_connection_is_sent_once() {
    let (port, connections) = serve(|mut stream, number| {
        let job = 100 + u64::try_from(number).unwrap();
        read_request(&mut stream).unwrap();
        scheduled(&mut stream, job);
        // The second one is read and not answered.
        read_request(&mut stream);
    });
    let bench = Bench::quiet().await;
    at_port(&bench, port);
    let session = session(&bench).await;

    let first = send(&session, "ada").await;
    let second = send(&session, "lin").await;

    assert_eq!(first.row.outcome, Outcome::Scheduled);
    assert_eq!(second.row.outcome, Outcome::Unknown, "{:?}", second.row);
    assert_eq!(connections.count(), 1, "no second try on a new connection");
}

/// F13: a 429 before the request was read. Which of answer and reset the client meets first is the
/// network's choice; what is counted follows from it.
#[tokio::test(flavor = "multi_thread")]
async fn f13_an_early_429_without_an_error_of_the_api_is_unknown() {
    let (port, connections) = serve(|mut stream, _| {
        stream
            .write_all(b"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
    });
    let bench = Bench::quiet().await;
    at_port(&bench, port);
    let session = session(&bench).await;

    let report = send(&session, "ada").await;

    assert_eq!(report.row.outcome, Outcome::Unknown, "{:?}", report.row);
    assert_eq!(report.usage.as_ref().unwrap().used, 1);
    assert_eq!(connections.count(), 1);
}

/// T10: a planted proxy is not used for a simulator; headless text names it for a real host.
#[tokio::test(flavor = "multi_thread")]
async fn t10_a_proxy_is_never_used_towards_loopback() {
    let (port, visits) = crate::raw::silent_listener();
    let bench = Bench::quiet().await;
    let proxy = format!("http://127.0.0.1:{port}");

    let child = bench
        .command(&["submit", "--email", "ada@acme.example"])
        .envs([
            ("HTTP_PROXY", &proxy),
            ("http_proxy", &proxy),
            ("ALL_PROXY", &proxy),
        ])
        .spawn()
        .unwrap();
    crate::support::finish(child).await.expect(0);

    assert_eq!(visits.count(), 0);
}

/// F34: the process stands still while the answer comes and the time runs out (Ctrl+Z, a suspended
/// host). Here the one thread of the runtime is held up, which is the same to everything on it.
#[tokio::test]
async fn f34_an_answer_that_came_while_the_process_stood_still_is_taken() {
    use std::sync::mpsc::channel;
    let (go, when) = channel::<()>();
    let (answered, done) = channel::<()>();
    let read = Arc::new(AtomicBool::new(false));
    let seen = read.clone();
    let (port, _connections) = serve(move |mut stream, _| {
        read_request(&mut stream).unwrap();
        seen.store(true, Ordering::SeqCst);
        when.recv().unwrap();
        scheduled(&mut stream, 100);
        answered.send(()).unwrap();
        // The connection stays until the client has gone.
        read_request(&mut stream);
    });
    let bench = Bench::quiet().await;
    at_port(&bench, port);
    let session = session(&bench).await;
    let work = tokio::spawn(async move { send(&session, "ada").await });
    while !read.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    go.send(()).unwrap();
    done.recv().unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(90)).await;

    let report = work.await.unwrap();
    assert_eq!(report.row.outcome, Outcome::Scheduled, "{:?}", report.row);
}

/// A signal between the commit and the first byte: what is called off then is not sent.
#[tokio::test]
async fn an_attempt_that_is_called_off_before_it_goes_out_reaches_nobody() {
    let bench = Bench::quiet().await;
    let session = session(&bench).await;
    let called_off = Arc::new(AtomicBool::new(false));
    let signal = called_off.clone();
    let options = SubmitOptions {
        on_dispatch: Some(Arc::new(move |_| signal.store(true, Ordering::SeqCst))),
        called_off: Some(called_off),
        ..SubmitOptions::single()
    };

    let error = submit(&session, &request("ada"), options)
        .await
        .unwrap_err();

    assert!(error.to_string().contains("called off"), "{error}");
    assert_eq!(bench.control().posts(), 0);
    let next = send(&session, "lin").await;
    assert_eq!(
        next.usage.as_ref().unwrap().used,
        1,
        "the attempt that was called off spent nothing"
    );
}
