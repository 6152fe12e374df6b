//! A server that says back what it was given as secret, in every form and at every place of its
//! answers, and what of it the program keeps and shows: nothing.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::canary::{Canary, found};
use crate::support::Bench;
use crate::{CLIENT_SECRET, GRANT_CODE, no_file_tells, run, terminal};

const ACCESS: &str = "1000.3fd0a1c2b4e5968778695a4b3c2d1e0f.ffeeddccbbaa99887766554433221100";
const REFRESH: &str = "1000.b1946ac92492d2347c6235b4d2611184.591785b794601e212b260e25925636fd";
const NEXT_ACCESS: &str = "1000.0cc175b9c0f1b6a831c399e269772661.92eb5ffee6ae2fec3ad71c777531578f";
const JOB: &str = "5725767000000528001";

/// What the server does next at the address of tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tokens {
    Refuses,
    Redirects,
    Grants,
}

/// A server that tells everything it knows.
struct Gossip {
    base: String,
    tokens: Arc<Mutex<Tokens>>,
}

fn canaries() -> Vec<Canary> {
    vec![
        Canary::new("client secret", CLIENT_SECRET),
        Canary::new("grant code", GRANT_CODE),
        Canary::new("access token", ACCESS),
        Canary::new("refresh token", REFRESH),
        Canary::new("next access token", NEXT_ACCESS),
    ]
}

/// Every form of every secret that the server knows when it answers this request, as one text.
fn everything(request: &str, tokens: Tokens) -> String {
    let knows = |canary: &Canary| match canary.name {
        "grant code" => request.contains(GRANT_CODE),
        "next access token" => tokens == Tokens::Grants,
        // Once it is replaced nobody here has it any more.
        "access token" => tokens != Tokens::Grants || request.contains(GRANT_CODE),
        _ => true,
    };
    let all = canaries();
    let known = all.iter().filter(|canary| knows(canary));
    // Set apart by what is in no encoding.
    known.flat_map(Canary::told).collect::<Vec<_>>().join(" ; ")
}

impl Gossip {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let tokens = Arc::new(Mutex::new(Tokens::Refuses));
        let next = tokens.clone();
        // Ends with the test's process.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let next = next.clone();
                std::thread::spawn(move || {
                    while let Some(request) = read_request(&mut stream) {
                        let answer = answer(&request, *next.lock().unwrap());
                        if stream.write_all(&answer).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { base, tokens }
    }

    fn tokens(&self, next: Tokens) {
        *self.tokens.lock().unwrap() = next;
    }
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    let line = line.to_lowercase();
                    line.strip_prefix("content-length:")
                        .map(|length| length.trim().parse::<usize>().unwrap())
                })
                .unwrap_or(0);
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

fn answer(request: &str, tokens: Tokens) -> Vec<u8> {
    let everything = everything(request, tokens);
    let entry = |status: &str, code: &str, details: Value| {
        json!({
            "status": status, "code": code, "details": details,
            "message": format!("you sent {everything}"),
        })
    };
    let echo = json!({ "echo": everything, ACCESS: 1, "authorization": [format!("Zoho-oauthtoken {ACCESS}")] });
    let refusal = |code: &str| entry("error", code, echo.clone()).to_string();
    let (status, more, body) = if request.starts_with("POST /oauth/") {
        match tokens {
            Tokens::Refuses => (200, String::new(), json!({ "error": REFRESH }).to_string()),
            Tokens::Redirects => (
                302,
                format!(
                    "Location: https://{}.example/\r\n",
                    CLIENT_SECRET.replace(['+', '/', '='], "-")
                ),
                everything.clone(),
            ),
            Tokens::Grants => (
                200,
                String::new(),
                json!({
                    "access_token": NEXT_ACCESS, "refresh_token": REFRESH, "expires_in": 3600,
                    "scope": everything, "token_type": NEXT_ACCESS,
                })
                .to_string(),
            ),
        }
    } else if request.starts_with("GET ") {
        (403, String::new(), refusal("NO_PERMISSION"))
    } else if request.contains("scheduled@") {
        let details = json!({ "id": JOB, "echo": everything });
        let entry = entry("success", "SCHEDULED", details);
        (
            202,
            String::new(),
            json!({ "__zia_people_enrichment": [entry] }).to_string(),
        )
    } else if request.contains("escaped@") {
        let escaped = ACCESS
            .bytes()
            .map(|byte| format!("\\u{byte:04x}"))
            .collect::<String>();
        let body = format!(
            r#"{{"code":"INVALID_DATA","message":"{escaped}","details":{{"a":"{escaped}"}},"status":"error"}}"#
        );
        (400, String::new(), body)
    } else if request.contains("rejected@") {
        (
            400,
            format!("Retry-After: {ACCESS}\r\n"),
            refusal("INVALID_DATA"),
        )
    } else if request.contains("redirected@") {
        (
            307,
            format!("Location: https://{ACCESS}.example/\r\n"),
            String::new(),
        )
    } else {
        (
            502,
            String::new(),
            format!("<html>Authorization: {everything}</html>"),
        )
    };
    let head = format!(
        "HTTP/1.1 {status} {ACCESS}\r\nContent-Length: {}\r\nX-Echo: {everything}\r\n\
         X-{ACCESS}: 1\r\nAuthorization: Zoho-oauthtoken {ACCESS}\r\n{more}\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// A profile that is signed in to the server, with tokens as real ones look.
async fn signed_in(server: &Gossip) -> Bench {
    let bench = Bench::quiet().await;
    bench.write("secret", CLIENT_SECRET, 0o600);
    let config = bench
        .profile("us", "confirm = \"never\"")
        .replace(bench.base(), &server.base);
    bench.write("config.toml", &config, 0o600);
    bench.write(
        "data/credentials/us.toml",
        &format!(
            "refresh_token = \"{REFRESH}\"\naccess_token = \"{ACCESS}\"\n\
             expires_at = \"2099-01-01T00:00:00Z\"\n"
        ),
        0o600,
    );
    let mark = ziadeck::auth::mark(&ziadeck::base::Secret::new(ACCESS));
    bench.write(
        "data/credentials/us.org.toml",
        &format!("access = \"{mark}\"\n\n[reached]\n"),
        0o600,
    );
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_repeats_of_a_secret_is_neither_kept_nor_shown() {
    let server = Gossip::start();
    let bench = signed_in(&server).await;
    let all = canaries();
    let mut outcomes = Vec::new();
    let mut said = Vec::new();

    for name in ["scheduled", "rejected", "escaped", "redirected", "html"] {
        let email = format!("{name}@acme.example");
        let ran = run(
            &bench,
            &["submit", "--json", "--verbose", "--email", &email],
            "",
        )
        .await;
        outcomes.push(ran.row()["outcome"].as_str().unwrap().to_owned());
        said.push((name.to_owned(), ran));
    }
    let job = said[0].1.row();
    server.tokens(Tokens::Refuses);
    for command in [
        &["log", "--json"][..],
        &["log", "1", "--json"],
        &["log", "2"],
        &["log", "--format", "csv"],
        &["ledger", "dump"],
        &["jobs", "list"],
        &["usage", "--refresh"],
        &["doctor", "--json"],
        &["auth", "refresh"],
        &["auth", "status", "--json"],
        &["auth", "login", "--code-stdin"],
    ] {
        said.push((command.join(" "), run(&bench, command, GRANT_CODE).await));
    }
    server.tokens(Tokens::Redirects);
    for command in [&["auth", "refresh"][..], &["auth", "login", "--code-stdin"]] {
        said.push((command.join(" "), run(&bench, command, GRANT_CODE).await));
    }
    server.tokens(Tokens::Grants);
    for command in [
        &["auth", "login", "--code-stdin"][..],
        &["auth", "refresh"],
        &["auth", "status", "--json"],
        &["doctor"],
    ] {
        said.push((command.join(" "), run(&bench, command, GRANT_CODE).await));
    }

    for (command, ran) in &said {
        for text in [&ran.stdout, &ran.stderr] {
            assert_eq!(found(&all, text.as_bytes()), [""; 0], "{command}: {ran:?}");
        }
    }
    no_file_tells(&bench, &all);
    // What the answers mean is as it was.
    assert_eq!(
        outcomes,
        ["scheduled", "rejected", "rejected", "unknown", "unknown"]
    );
    assert_eq!(job["job_id"], JOB, "{job}");
    let granted = std::fs::read_to_string(bench.path("data/credentials/us.toml")).unwrap();
    assert!(granted.contains(NEXT_ACCESS) && granted.contains(REFRESH));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_paints_nothing_of_a_secret_that_comes_back() {
    let server = Gossip::start();
    let bench = signed_in(&server).await;
    let all = canaries();
    let mut command = terminal::program(&bench.path(""), &[]);
    command.arg("--config");
    command.arg(bench.path("config.toml"));
    command.arg("--data-dir");
    command.arg(bench.path("data"));
    let mut terminal = terminal::Terminal::start(command);
    terminal.shows("0 / 1,500");

    terminal.type_in("\trejected@acme.example");
    terminal.press_for(b"\x13", "you sent");
    // To the log, to its attempt, to the answer and its headers.
    terminal.type_in("\x1bOR\rl");
    terminal.shows("\"details\"");
    terminal.type_in("l");
    terminal.shows("x-echo");
    terminal.type_in(b"\x11");

    terminal.ends_within(Duration::from_secs(12));
    terminal.read_out();
    assert_eq!(found(&all, &terminal.bytes()), [""; 0]);
    no_file_tells(&bench, &all);
}
