//! A server that keeps every byte it is sent, and answers by hand.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One request as it stood on the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) method: String,
    /// The target of the request line.
    pub(crate) target: String,
    /// Every header; names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Heard {
    pub(crate) fn token(&self) -> &str {
        let found = self
            .headers
            .iter()
            .find(|(name, _)| name == "authorization");
        found.map(|(_, value)| value.as_str()).unwrap()
    }
}

/// A tap on loopback. Token calls are answered and not kept.
pub(crate) struct Tap {
    port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Tap {
    /// Answers every enrichment with this status.
    pub(crate) fn new(status: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = heard.clone();
        // Ends with the test's process.
        std::thread::spawn(move || {
            let mut jobs = 0;
            for mut stream in listener.incoming().flatten() {
                let Some(request) = read(&mut stream) else {
                    continue;
                };
                jobs += 1;
                let answer = if request.target.contains("/oauth/") {
                    let token = format!(
                        r#"{{"access_token":"1000.renewed{jobs}.x","expires_in":3600,"token_type":"Bearer"}}"#
                    );
                    (200, token)
                } else if request.target.ends_with("/org") {
                    // Asked before a renewed token is sent with.
                    (200, r#"{"org":[{"id":"57257670"}]}"#.to_owned())
                } else if request.target.contains("/users") {
                    (200, r#"{"users":[{"id":"1","full_name":"R"}]}"#.to_owned())
                } else {
                    let answer = answer(status, &request.target, jobs);
                    kept.lock().unwrap().push(request);
                    answer
                };
                let (status, body) = answer;
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                );
                // A client that has gone is its own affair.
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { port, heard }
    }

    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What was heard since the last time.
    pub(crate) fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

fn answer(status: u16, target: &str, job: u64) -> (u16, String) {
    if status == 401 {
        let body = r#"{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}"#;
        return (401, body.to_owned());
    }
    let key = if target.contains("__zia_people_enrichment") {
        "__zia_people_enrichment"
    } else {
        "__zia_org_enrichment"
    };
    let body = format!(
        r#"{{"{key}":[{{"status":"success","code":"SCHEDULED","message":"ok","details":{{"id":"57{job}"}}}}]}}"#
    );
    (status, body)
}

/// One request to its last byte; `None` when the client has gone.
fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = std::str::from_utf8(&bytes[..end]).unwrap();
            let mut lines = head.split("\r\n");
            let mut first = lines.next().unwrap().split(' ');
            let headers: Vec<(String, String)> = lines
                .map(|line| {
                    let (name, value) = line.split_once(':').unwrap();
                    (name.to_lowercase(), value.trim().to_owned())
                })
                .collect();
            let length = headers
                .iter()
                .find(|(name, _)| name == "content-length")
                .map_or(0, |(_, value)| value.parse().unwrap());
            let body = &bytes[end + 4..];
            if body.len() >= length {
                return Some(Heard {
                    method: first.next().unwrap().to_owned(),
                    target: first.next().unwrap().to_owned(),
                    headers,
                    body: String::from_utf8(body.to_vec()).unwrap(),
                });
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
