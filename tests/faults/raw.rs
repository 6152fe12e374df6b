//! Servers that do exactly one thing to a connection: bytes by hand, on loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Connections or requests that were counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<AtomicUsize>);

impl Counter {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A port that counts who comes and says nothing.
pub(crate) fn silent_listener() -> (u16, Counter) {
    serve(|_, _| {})
}

/// A server that hands each connection to `talk`, one after the other.
pub(crate) fn serve(talk: impl Fn(TcpStream, usize) + Send + 'static) -> (u16, Counter) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let visits = Counter::default();
    let counter = visits.clone();
    // Ends with the test's process; a connection that breaks is the point of these tests.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counter.add();
            talk(stream, counter.count());
        }
    });
    (port, visits)
}

/// Reads one request to its last byte; `None` when the client has gone.
pub(crate) fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length:")
                        .map(str::to_owned)
                })
                .map_or(0, |length| length.trim().parse().unwrap());
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

/// A good answer to a POST.
pub(crate) fn scheduled(stream: &mut TcpStream, job: u64) {
    let body = format!(
        r#"{{"__zia_people_enrichment":[{{"status":"success","code":"SCHEDULED","message":"ok","details":{{"id":"{job}"}}}}]}}"#
    );
    let head = format!(
        "HTTP/1.1 202 Accepted\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .unwrap();
}
