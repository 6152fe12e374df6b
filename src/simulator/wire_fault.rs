//! Writing an answer, whole or with what a fault does to the connection.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::fault::Action;
use super::http::spell_head;

/// An answer as bytes, with the head still open for how the body will be framed.
pub(super) struct Spelled {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// Whether the connection goes on after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    KeepAlive,
    Close,
}

/// Whether any byte of the answer's head will reach the client under this fault.
pub(super) fn sends_status(action: &Action) -> bool {
    !matches!(
        action,
        Action::CloseBeforeRead
            | Action::ResetBeforeRead
            | Action::CloseAfterRead { .. }
            | Action::ResetAfterRead { .. }
            | Action::Hang { .. }
            | Action::LateJob { .. }
            | Action::Garbage
    )
}

/// Writes an answer as a fault wants it. Dropped at any await, it leaves a broken connection,
/// which is what a client must bear anyway; the state is settled before.
pub(super) async fn deliver(
    stream: &mut TcpStream,
    action: &Action,
    answer: Spelled,
) -> io::Result<Next> {
    match action {
        Action::CloseAfterRead { .. } | Action::CloseBeforeRead | Action::LateJob { .. } => {
            close_in_order(stream).await?;
            Ok(Next::Close)
        }
        Action::ResetAfterRead { .. } | Action::ResetBeforeRead => {
            reset(stream)?;
            Ok(Next::Close)
        }
        Action::Hang { .. } => {
            // Until the client leaves; the simulator's end drops this task as well.
            drain(stream).await?;
            Ok(Next::Close)
        }
        Action::Truncate { bytes } => {
            let length = answer.body.len();
            let sent: Vec<u8> = answer.body.into_iter().take(*bytes).collect();
            let head = framed_head(answer.status, answer.headers, &Framing::Length(length));
            stream.write_all(&head).await?;
            stream.write_all(&sent).await?;
            close_in_order(stream).await?;
            Ok(Next::Close)
        }
        Action::TruncateChunked { bytes } => {
            let sent: Vec<u8> = answer.body.into_iter().take(*bytes).collect();
            let head = framed_head(answer.status, answer.headers, &Framing::Chunked);
            stream.write_all(&head).await?;
            stream.write_all(&chunk(&sent)).await?;
            close_in_order(stream).await?;
            Ok(Next::Close)
        }
        Action::Garbage => {
            stream
                .write_all(b"\x16\x03\x03\x00\x7a\x02\x00\xff\xfe not HTTP at all\r\n\r\n")
                .await?;
            close_in_order(stream).await?;
            Ok(Next::Close)
        }
        Action::Endless => {
            endless(stream, answer).await?;
            Ok(Next::Close)
        }
        Action::SlowBody { bytes_per_second } => {
            slow(stream, answer, *bytes_per_second).await?;
            Ok(Next::KeepAlive)
        }
        _ => {
            let head = framed_head(
                answer.status,
                answer.headers,
                &Framing::Length(answer.body.len()),
            );
            let mut whole = head;
            whole.extend_from_slice(&answer.body);
            stream.write_all(&whole).await?;
            Ok(Next::KeepAlive)
        }
    }
}

enum Framing {
    Length(usize),
    Chunked,
}

fn framed_head(status: u16, mut headers: Vec<(String, String)>, framing: &Framing) -> Vec<u8> {
    match framing {
        // A 204 has no body and says nothing about its length.
        Framing::Length(0) if status == 204 => {}
        Framing::Length(length) => headers.push(("Content-Length".to_owned(), length.to_string())),
        Framing::Chunked => headers.push(("Transfer-Encoding".to_owned(), "chunked".to_owned())),
    }
    spell_head(status, &headers)
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// A body that begins well and never ends; only the client can stop it.
async fn endless(stream: &mut TcpStream, answer: Spelled) -> io::Result<()> {
    let head = framed_head(answer.status, answer.headers, &Framing::Chunked);
    stream.write_all(&head).await?;
    let open: Vec<u8> = answer.body.into_iter().take(20).collect();
    if !open.is_empty() {
        stream.write_all(&chunk(&open)).await?;
    }
    let blanks = chunk(&[b' '; 16 << 10]);
    loop {
        stream.write_all(&blanks).await?;
    }
}

/// A tenth of a second's bytes at a time, or one byte when that is less.
async fn slow(stream: &mut TcpStream, answer: Spelled, bytes_per_second: u64) -> io::Result<()> {
    let length = answer.body.len();
    let head = framed_head(answer.status, answer.headers, &Framing::Length(length));
    stream.write_all(&head).await?;
    let pace = bytes_per_second.max(1);
    let step = usize::try_from(pace / 10).unwrap_or(1).max(1);
    let pause_ms = u64::try_from(step).unwrap_or(1).saturating_mul(1_000) / pace;
    for piece in answer.body.chunks(step) {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        stream.write_all(piece).await?;
        stream.flush().await?;
    }
    Ok(())
}

/// Ends the connection with FIN, not RST: what the client still sends is read and thrown away, for
/// closing with unread bytes would reset.
pub(super) async fn close_in_order(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let patience = Duration::from_secs(1);
    match tokio::time::timeout(patience, drain(stream)).await {
        Ok(drained) => drained,
        Err(_) => Ok(()),
    }
}

/// Ends the connection with RST when it is dropped.
pub(super) fn reset(stream: &TcpStream) -> io::Result<()> {
    stream.set_zero_linger()
}

async fn drain(stream: &mut TcpStream) -> io::Result<()> {
    let mut thrown_away = [0_u8; 4_096];
    while stream.read(&mut thrown_away).await? > 0 {}
    Ok(())
}
