//! The listener, the connections, and the life of one exchange.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::answer::{answer, presented_token};
use super::control::{Control, SeenPost, SeenRequest};
use super::distort;
use super::fault::{Action, Fault, StatusFault};
use super::http::{self, Request};
use super::options::SimulatorOptions;
use super::replies::{Body, Reply};
use super::route::{Located, Route, locate, target_of};
use super::state::State;
use super::wire_fault::{self, Next, Spelled};

/// A running simulator. Dropping it ends it, and every connection with it.
#[derive(Debug)]
pub struct Simulator {
    control: Control,
    address: SocketAddr,
    stop: watch::Sender<()>,
    listener: JoinHandle<()>,
}

impl Simulator {
    /// Listens on loopback and begins to answer.
    ///
    /// # Errors
    /// The port cannot be had.
    pub async fn start(options: SimulatorOptions) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let control = Control::new(State::new(options, format!("http://{address}")));
        let (stop, stopped) = watch::channel(());
        let listener = tokio::spawn(accept(listener, control.clone(), stopped));
        Ok(Self {
            control,
            address,
            stop,
            listener,
        })
    }

    /// Where the accounts server and the API both are, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The hand on it.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Ends it: the port is free and every connection broken when this returns.
    pub async fn stop(self) {
        drop(self.stop);
        // The only error is a panic of the accept loop, and there is nothing left to end then.
        drop(self.listener.await);
    }
}

/// Accepts until told to stop. The set of connections ends with it.
async fn accept(listener: TcpListener, control: Control, mut stopped: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    control.lock().seen.connections += 1;
                    connections.spawn(connection(stream, control.clone()));
                }
                // Out of descriptors, most likely: let connections end before the next try.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
        }
    }
}

/// Answers on a connection until either side ends it. An error is a client that left.
async fn connection(mut stream: TcpStream, control: Control) {
    // Without this a small answer may wait for the client's acknowledgement.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let mut buffer = BytesMut::new();
    while let Ok(Next::KeepAlive) = exchange(&mut stream, &mut buffer, &control).await {}
}

/// What a sleep is longer than was asked for, on average: the timer and the wait for events both
/// round up to whole milliseconds. Left in, a latency of 50 ms would measure as 51.4.
const ROUNDED_UP: Duration = Duration::from_millis(1);

async fn exchange(
    stream: &mut TcpStream,
    buffer: &mut BytesMut,
    control: &Control,
) -> io::Result<Next> {
    let Some(mut request) = http::read_head(stream, buffer).await? else {
        return Ok(Next::Close);
    };
    let located = locate(&request.path);
    let fault = control
        .lock()
        .faults
        .due(target_of(&located.route, &request.method));
    let (action, fault_delay) = match fault {
        Some(Fault { action, delay, .. }) => (action, delay),
        None => (Action::Delay, Duration::ZERO),
    };
    match action {
        Action::CloseBeforeRead => {
            tokio::time::sleep(fault_delay).await;
            wire_fault::close_in_order(stream).await?;
            return Ok(Next::Close);
        }
        Action::ResetBeforeRead => {
            tokio::time::sleep(fault_delay).await;
            wire_fault::reset(stream)?;
            return Ok(Next::Close);
        }
        _ => {}
    }
    if request.expects_continue() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    request.body = http::read_body(stream, buffer, &request).await?;

    // From here on the request has arrived: it is logged, and it takes effect, whatever becomes
    // of the connection and of this future.
    let in_flight = InFlight::enter(control);
    let settled = settle(control, &request, &located, &action);
    control.notify();
    let delay = fault_delay + settled.latency;
    if !delay.is_zero() {
        tokio::time::sleep(delay.saturating_sub(ROUNDED_UP)).await;
    }
    let keep = !request.wants_close();
    let spelled = spell(settled.reply, settled.headers, keep);
    if let Some(number) = settled.post
        && wire_fault::sends_status(&action)
        && let Some(post) = control.lock().seen.post_mut(number)
    {
        post.answered.status = Some(spelled.status);
    }
    drop(in_flight);
    let next = wire_fault::deliver(stream, &action, spelled).await?;
    Ok(if keep { next } else { Next::Close })
}

/// Counts an API call as long as it is being answered.
struct InFlight {
    control: Control,
}

impl InFlight {
    fn enter(control: &Control) -> Self {
        control.lock().in_flight += 1;
        Self {
            control: control.clone(),
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.control.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
    }
}

/// An answer that has taken its effect and waits to be written.
struct Settled {
    reply: Reply,
    headers: Vec<(String, String)>,
    latency: Duration,
    /// The number in the log, if the request was a POST of an enrichment.
    post: Option<u64>,
}

/// Logs a request, lets it take effect, and decides its answer, all under one lock.
fn settle(control: &Control, request: &Request, located: &Located, action: &Action) -> Settled {
    let mut guard = control.lock();
    let state = &mut *guard;
    state.seen.request(SeenRequest {
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        headers: request.headers.iter().cloned().collect(),
    });
    let post = match located.route {
        Route::Enrichment(kind) if request.method == "POST" => {
            let at = state.clock.now();
            Some(state.seen.post(SeenPost {
                at,
                kind,
                module: request.param("module").unwrap_or_default().to_owned(),
                record_id: request.param("record_id").map(str::to_owned),
                body: String::from_utf8_lossy(&request.body).into_owned(),
                token: presented_token(request).unwrap_or_default().to_owned(),
                answered: super::control::Answered::default(),
            }))
        }
        _ => None,
    };

    let crowded = state.rules.concurrency_max > 0
        && state.in_flight > state.rules.concurrency_max
        && located.version.is_some();
    let (action, reply) = if crowded {
        (&Action::Status(StatusFault::new(429)), Reply::no_content())
    } else if distort::takes_effect(action) {
        distort::before(state, action);
        (action, answer(state, request, located))
    } else {
        (action, Reply::no_content())
    };
    let reply = distort::after(state, action, &located.route, reply);
    if let Some(number) = post
        && let Some(post) = state.seen.post_mut(number)
    {
        post.answered.code = reply.code();
        post.answered.job_id = reply.job.clone();
    }
    Settled {
        headers: headers(state, request, located),
        latency: state.latency,
        reply,
        post,
    }
}

/// The headers of a real answer (contract 5), without those that depend on the body.
fn headers(state: &State, request: &Request, located: &Located) -> Vec<(String, String)> {
    let date = state.now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    let mut headers = vec![
        ("Server".to_owned(), "ZGS".to_owned()),
        ("Date".to_owned(), date.to_string()),
    ];
    if located.version.is_some() {
        for (name, value) in [
            (
                "Set-Cookie",
                "_zcsr_tmp=8f6d0c52-7a3e-4b19-9e61-2f0c8d4a7b35;path=/;SameSite=Strict",
            ),
            ("Content-Disposition", "attachment; filename=response.json"),
            ("clientVersion", "6019832"),
            ("clientsubVersion", "c2b1f7a09d3e48c6"),
            ("Content-Language", "en-US"),
        ] {
            headers.push((name.to_owned(), value.to_owned()));
        }
        let access = presented_token(request)
            .and_then(|token| state.tokens.find(token, state.clock.monotonic()));
        if let Some(access) = access {
            headers.push((
                "X-ACCESSTOKEN-RESET".to_owned(),
                access
                    .resets
                    .strftime("%Y-%m-%dT%H:%M:%S+00:00")
                    .to_string(),
            ));
        }
    }
    headers
}

fn spell(reply: Reply, mut headers: Vec<(String, String)>, keep: bool) -> Spelled {
    let (content_type, body) = match reply.body {
        Body::Empty => (None, Vec::new()),
        Body::Json(value) => (
            Some("application/json;charset=UTF-8"),
            value.to_string().into_bytes(),
        ),
        Body::Text(text) => (Some("application/json;charset=UTF-8"), text.into_bytes()),
        Body::Html(text) => (Some("text/html"), text.into_bytes()),
    };
    if let Some(content_type) = content_type {
        headers.push(("Content-Type".to_owned(), content_type.to_owned()));
    }
    headers.extend(reply.headers);
    if !keep {
        headers.push(("Connection".to_owned(), "close".to_owned()));
    }
    Spelled {
        status: reply.status,
        headers,
        body,
    }
}
