//! A line that is slow, that stalls, that goes away; a server that would rather speak HTTP/2: F12,
//! F15, F16.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use ziadeck::base::Outcome;

use crate::raw::{read_request, serve};
use crate::support::{Bench, finish};
use crate::{can, send, session, wrapped};

/// Frames of HTTP/2 as a server with prior knowledge begins with: SETTINGS, then GOAWAY with
/// REFUSED_STREAM for a stream that it never took.
const SETTINGS_AND_GOAWAY: [u8; 26] = [
    0, 0, 0, 4, 0, 0, 0, 0, 0, // SETTINGS, empty
    0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, // GOAWAY
];

/// A server that insists on HTTP/2 gets one request in HTTP/1.1, and no other try: a client that
/// speaks both sends a refused stream again.
#[tokio::test(flavor = "multi_thread")]
async fn f12_a_server_that_speaks_http_2_gets_one_request_in_http_1() {
    let bench = Bench::quiet().await;
    let (told, heard) = std::sync::mpsc::sync_channel(8);
    let (port, visits) = serve(move |mut stream, _| {
        use std::io::Write;
        let request = read_request(&mut stream).unwrap_or_default();
        let _ = stream.write_all(&SETTINGS_AND_GOAWAY);
        told.send(request).unwrap();
    });
    redirect(&bench, &format!("http://127.0.0.1:{port}"));
    let session = session(&bench).await;

    let report = send(&session, "ada").await;

    assert_eq!(report.row.outcome, Outcome::Unknown, "{:?}", report.row);
    assert_eq!(visits.count(), 1);
    let request = heard.recv().unwrap().to_lowercase();
    let first = request.lines().next().unwrap();
    assert!(
        first.starts_with("post ") && first.ends_with(" http/1.1"),
        "{first}"
    );
    assert!(!request.contains("upgrade"), "{request}");
}

/// The API, and nothing else, is reached by another address.
fn redirect(bench: &Bench, base: &str) {
    let text = std::fs::read_to_string(bench.path("config.toml")).unwrap();
    let api = |base: &str| format!("api_url = \"{base}\"");
    let text = text.replace(&api(bench.base()), &api(base));
    bench.write("config.toml", &text, 0o600);
}

/// Carries bytes one way, a few at a time, late, and with stalls; none is lost, as TCP has it.
async fn dribble(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    seed: u64,
) {
    let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut buffer = [0; 64];
    loop {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let most = 1 + usize::try_from(dice % 61).unwrap();
        let Ok(count @ 1..) = from.read(&mut buffer[..most]).await else {
            let _ = to.shutdown().await;
            return;
        };
        // A lost packet shows as a pause of all that follows it.
        let pause = if dice.is_multiple_of(23) {
            120
        } else {
            dice % 4
        };
        tokio::time::sleep(Duration::from_millis(pause)).await;
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

/// A line to the server that dribbles both ways.
async fn bad_line(base: &str) -> String {
    let server = base.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        for number in 1.. {
            let (near, _) = listener.accept().await.unwrap();
            let far = TcpStream::connect(&server).await.unwrap();
            let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
            tokio::spawn(dribble(from_near, to_far, number));
            tokio::spawn(dribble(from_far, to_near, number + 1_000));
        }
    });
    format!("http://127.0.0.1:{port}")
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_a_slow_line_that_stalls_changes_nothing_but_the_time() {
    const PEOPLE: [&str; 6] = ["ada", "lin", "grace", "edith", "mary", "joan"];
    let bench = Bench::quiet().await;
    redirect(&bench, &bad_line(bench.base()).await);
    let session = session(&bench).await;

    let sent = PEOPLE.map(|name| {
        let session = session.clone();
        tokio::spawn(async move { send(&session, name).await })
    });
    for report in sent {
        let row = report.await.unwrap().row;
        assert_eq!(row.outcome, Outcome::Scheduled, "{row:?}");
    }

    let mut posts: BTreeMap<String, usize> = BTreeMap::new();
    for post in bench.control().posts_log() {
        *posts.entry(post.body).or_default() += 1;
    }
    assert_eq!(posts.len(), PEOPLE.len());
    assert!(posts.values().all(|count| *count == 1), "{posts:?}");
    assert_eq!(bench.usage(&[]).await["used"], PEOPLE.len());
}

/// A network of our own with a server that never answers a POST and a run that goes on until
/// somebody says that the interface is to go down.
const GOES_DOWN: &str = "set -e; ip link set lo up; \
    \"$0\" simulate --port 8099 --scenario \"$HOME/hang.toml\" >\"$HOME/simulator\" & \
    while ! grep -q pid \"$HOME/simulator\"; do sleep 0.05; done; \
    \"$@\" & run=$!; \
    read -r _; ip link set lo down; wait $run";

/// F16: what was on its way when the network went is unknown, what was not begun waits, and the run
/// pauses by itself.
#[tokio::test(flavor = "multi_thread")]
async fn f16_a_network_that_goes_down_in_a_run_pauses_it() {
    // Whatever runs in it ends with it.
    const ALONE: [&str; 3] = ["unshare", "-rnpf", "--kill-child"];
    if !can(&[&ALONE[..], &["sh", "-ec", "ip link set lo up; exec $0"]].concat()).await {
        return;
    }
    let bench = Bench::quiet().await;
    redirect(&bench, "http://127.0.0.1:8099");
    let hang = "[[fault]]\non = \"people_post\"\naction = \"hang\"\n";
    bench.write("hang.toml", hang, 0o600);
    let people: String = (1..=8).map(|n| format!("p{n}@acme.example\n")).collect();
    let file = bench.write("people.csv", &format!("Email\n{people}"), 0o600);
    let plan = ["bulk", "plan", file.to_str().unwrap(), "--json"];
    let run = bench.run(&plan).await.expect(0).row()["run"].to_string();

    let program = env!("CARGO_BIN_EXE_ziadeck");
    let shell = [&ALONE[..], &["sh", "-c", GOES_DOWN, program]].concat();
    let go = ["bulk", "run", run.as_str(), "--yes", "--json"];
    let mut child = wrapped(&bench, &shell, &go)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let status = async || {
        let arguments = ["bulk", "status", run.as_str(), "--json"];
        bench.run(&arguments).await.expect(0).row()
    };
    let is_under_way = async { while status().await["sending"] == 0 {} };
    tokio::time::timeout(Duration::from_secs(20), is_under_way)
        .await
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"now\n").await.unwrap();
    let ran = finish(child).await;

    let status = status().await;
    assert_eq!(status["state"], "paused", "{status} {ran:?}");
    let count = |state: &str| status[state].as_u64().unwrap();
    assert!((1..=5).contains(&count("unknown")), "{status}");
    assert_eq!(count("unknown") + count("pending"), 8, "{status}");
    assert_eq!(bench.usage(&[]).await["used"], count("unknown"));
}
