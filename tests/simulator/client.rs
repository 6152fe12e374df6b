//! A client that knows nothing of ours: bytes over TCP, one connection per call.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use ziadeck::simulator::{Simulator, SimulatorOptions, WELL_KNOWN_ACCESS};

pub(crate) const PEOPLE: &str = "/crm/v7/__zia_people_enrichment";
pub(crate) const ORG: &str = "/crm/v7/__zia_org_enrichment";

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The first item under the root key.
    pub(crate) fn item(&self) -> Value {
        let root = self.json();
        let items = root.as_object().unwrap().values().next().unwrap();
        items[0].clone()
    }

    /// The new job's id.
    pub(crate) fn job_id(&self) -> String {
        self.item()["details"]["id"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn start(options: SimulatorOptions) -> Simulator {
    Simulator::start(options).await.unwrap()
}

pub(crate) async fn quiet() -> Simulator {
    start(SimulatorOptions::default()).await
}

/// Sends bytes and reads until the server closes, or for as long as a test may take.
pub(crate) async fn raw(simulator: &Simulator, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", simulator.port())).await?;
    stream.write_all(bytes).await?;
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(10), reading)
        .await
        .expect("the server closes in time")?;
    Ok(answer)
}

/// Sends bytes, says that there are no more, and reads the answer. For requests that keep the
/// connection alive.
pub(crate) async fn replay(simulator: &Simulator, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", simulator.port()))
        .await
        .unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    parse(&answer)
}

/// Takes an answer apart.
pub(crate) fn parse(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Answer {
        status: status.parse().unwrap(),
        headers,
        body: bytes[end + 4..].to_vec(),
    }
}

/// A call with any token, or with none.
pub(crate) async fn call_with(
    simulator: &Simulator,
    (method, path): (&str, &str),
    authorization: Option<&str>,
    body: &str,
) -> Answer {
    let authorization =
        authorization.map_or_else(String::new, |value| format!("Authorization: {value}\r\n"));
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{authorization}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    parse(&raw(simulator, request.as_bytes()).await.unwrap())
}

/// A call with the token that every simulator knows.
pub(crate) async fn call(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    let authorization = format!("Zoho-oauthtoken {WELL_KNOWN_ACCESS}");
    call_with(simulator, (method, path), Some(&authorization), body).await
}

pub(crate) async fn get(simulator: &Simulator, path: &str) -> Answer {
    call(simulator, "GET", path, "").await
}

/// A people POST for Leads with these inputs.
pub(crate) async fn enrich(simulator: &Simulator, inputs: Value) -> Answer {
    enrich_in(simulator, "Leads", inputs).await
}

pub(crate) async fn enrich_in(simulator: &Simulator, module: &str, inputs: Value) -> Answer {
    let body = serde_json::json!({"__zia_people_enrichment": [{"enrich_based_on": inputs}]});
    let path = format!("{PEOPLE}?module={module}");
    call(simulator, "POST", &path, &body.to_string()).await
}

/// A call of the token endpoint.
pub(crate) async fn token(simulator: &Simulator, form: &str) -> Answer {
    let request = format!(
        "POST /oauth/v2/token HTTP/1.1\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    parse(&raw(simulator, request.as_bytes()).await.unwrap())
}

/// Refreshes with the refresh token that every simulator knows.
pub(crate) async fn refresh(simulator: &Simulator) -> Answer {
    token(
        simulator,
        "grant_type=refresh_token&client_id=1000.C&client_secret=s&\
         refresh_token=1000.simulator.refresh",
    )
    .await
}
