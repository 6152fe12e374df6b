//! HTTP/1.1 as far as a loopback server needs it: read one request, spell one head.
//!
//! Bounds: 64 KiB of head, 8 MiB of body. A request beyond them, or one that is not HTTP, ends the
//! connection; the simulator does not argue with it.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

const HEAD_BYTES_MAX: usize = 64 << 10;
const BODY_BYTES_MAX: usize = 8 << 20;

/// One request.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path, percent-decoding left undone: no resource has a name that needs it.
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl Request {
    /// A header by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A query parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the client wants the connection to end after the answer.
    pub(super) fn wants_close(&self) -> bool {
        self.header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// Whether the client waits for leave to send the body.
    pub(super) fn expects_continue(&self) -> bool {
        self.header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Reads up to the empty line. `None` when the client closed between two requests.
pub(super) async fn read_head<R: AsyncRead + Unpin>(
    stream: &mut R,
    buffer: &mut BytesMut,
) -> io::Result<Option<Request>> {
    loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            let head = buffer.split_to(end);
            buffer.advance(4);
            return parse_head(&head).map(Some);
        }
        if buffer.len() > HEAD_BYTES_MAX {
            return Err(invalid("the head is too long"));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// Reads the body that the head announces.
pub(super) async fn read_body<R: AsyncRead + Unpin>(
    stream: &mut R,
    buffer: &mut BytesMut,
    request: &Request,
) -> io::Result<Bytes> {
    let chunked = request
        .header("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    if chunked {
        return read_chunks(stream, buffer).await;
    }
    let length = match request.header("content-length") {
        None => 0,
        Some(text) => text
            .trim()
            .parse::<usize>()
            .map_err(|_| invalid("content-length is not a number"))?,
    };
    if length > BODY_BYTES_MAX {
        return Err(invalid("the body is too long"));
    }
    fill(stream, buffer, length).await?;
    Ok(buffer.split_to(length).freeze())
}

async fn read_chunks<R: AsyncRead + Unpin>(
    stream: &mut R,
    buffer: &mut BytesMut,
) -> io::Result<Bytes> {
    let mut body = BytesMut::new();
    loop {
        let line = read_line(stream, buffer).await?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| invalid("bad chunk size"))?;
        if body.len().saturating_add(size) > BODY_BYTES_MAX {
            return Err(invalid("the body is too long"));
        }
        if size == 0 {
            while !read_line(stream, buffer).await?.is_empty() {}
            return Ok(body.freeze());
        }
        fill(stream, buffer, size + 2).await?;
        body.extend_from_slice(&buffer.split_to(size));
        buffer.advance(2);
    }
}

async fn read_line<R: AsyncRead + Unpin>(
    stream: &mut R,
    buffer: &mut BytesMut,
) -> io::Result<String> {
    loop {
        if let Some(end) = find(buffer, b"\r\n") {
            let line = buffer.split_to(end);
            buffer.advance(2);
            return Ok(String::from_utf8_lossy(&line).into_owned());
        }
        if buffer.len() > HEAD_BYTES_MAX {
            return Err(invalid("the line is too long"));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

async fn fill<R: AsyncRead + Unpin>(
    stream: &mut R,
    buffer: &mut BytesMut,
    length: usize,
) -> io::Result<()> {
    while buffer.len() < length {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn parse_head(head: &[u8]) -> io::Result<Request> {
    let text = std::str::from_utf8(head).map_err(|_| invalid("the head is not text"))?;
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (first.next(), first.next(), first.next(), first.next())
    else {
        return Err(invalid("not a request line"));
    };
    if !version.starts_with("HTTP/1.") {
        return Err(invalid("not HTTP/1"));
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: form(query.as_bytes()),
        headers,
        body: Bytes::new(),
    })
}

/// Name and value pairs of a query or of a form body.
pub(super) fn form(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// The words after a status. A client must not read them, but people do.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        207 => "Multi-Status",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}

/// The head of an answer, up to and with the empty line.
pub(super) fn spell_head(status: u16, headers: &[(String, String)]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(mut bytes: &[u8]) -> io::Result<Vec<(Request, Bytes)>> {
        let mut buffer = BytesMut::new();
        let mut seen = Vec::new();
        while let Some(request) = read_head(&mut bytes, &mut buffer).await? {
            let body = read_body(&mut bytes, &mut buffer, &request).await?;
            seen.push((request, body));
        }
        Ok(seen)
    }

    #[tokio::test]
    async fn two_requests_on_one_connection_are_told_apart() {
        let wire =
            b"POST /a?x=1%202 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n";

        let seen = read_all(wire).await.unwrap();

        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].0.param("x"), Some("1 2"));
        assert_eq!(seen[0].1, "abc");
        assert_eq!(seen[1].0.path, "/b");
    }

    #[tokio::test]
    async fn a_chunked_body_is_put_together() {
        let wire =
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n";

        assert_eq!(read_all(wire).await.unwrap()[0].1, "abcd");
    }

    #[tokio::test]
    async fn a_body_that_ends_early_is_an_error() {
        let wire = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc";

        assert!(read_all(wire).await.is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes: Vec<u8>, body: Vec<u8>) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut wire = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len())
                .into_bytes();
            wire.extend_from_slice(&body);
            wire.extend_from_slice(&bytes);

            let mut rest = wire.as_slice();
            let mut buffer = BytesMut::new();
            let read = runtime.block_on(async {
                let head = read_head(&mut rest, &mut buffer).await.unwrap().unwrap();
                let read = read_body(&mut rest, &mut buffer, &head).await.unwrap();
                while let Ok(Some(head)) = read_head(&mut rest, &mut buffer).await {
                    drop(read_body(&mut rest, &mut buffer, &head).await);
                }
                read
            });

            proptest::prop_assert_eq!(read.as_ref(), body.as_slice());
        }
    }

    #[tokio::test]
    async fn noise_is_not_a_request() {
        assert!(read_all(b"\x16\x03\x01 hello\r\n\r\n").await.is_err());
    }
}
