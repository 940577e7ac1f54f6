//! The least HTTP/1.1 a load generator needs: requests built once, answers read no further than they are
//! checked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem::{self, Finder};
use serde_json::Value;

/// Development mode reads only the form of a signature, so one header serves every call.
const AUTHORIZATION: &str = "Authorization: AWS4-HMAC-SHA256 \
    Credential=bench/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=00\r\n";

/// Who an operation believes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Anybody, or whoever holds the token in the body.
    Public,
    /// An administrator, by AWS signature.
    Signed,
}

/// The bytes of one AWS JSON 1.1 call.
pub(crate) fn aws_call(host: SocketAddr, operation: &str, caller: Caller, input: &Value) -> Vec<u8> {
    let authorization = if caller == Caller::Signed { AUTHORIZATION } else { "" };
    let body = input.to_string();
    format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\n\
         {authorization}Content-Length: {length}\r\n\r\n{body}",
        length = body.len(),
    )
    .into_bytes()
}

/// The bytes of one GET.
pub(crate) fn get(host: SocketAddr, path: &str) -> Vec<u8> {
    get_with(host, path, "")
}

/// The same with more lines in its head.
pub(crate) fn get_with(host: SocketAddr, path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n").into_bytes()
}

/// The bytes of one POST of a form.
pub(crate) fn form(host: SocketAddr, path: &str, headers: &str, form: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         {headers}Content-Length: {length}\r\n\r\n{form}",
        length = form.len(),
    )
    .into_bytes()
}

/// The bytes of one PUT of a file.
pub(crate) fn put(host: SocketAddr, path: &str, file: &[u8]) -> Vec<u8> {
    let head = format!("PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n", file.len());
    [head.as_bytes(), file].concat()
}

/// A request to send many times, and what its answer must hold.
pub(crate) struct Request {
    /// Everything that goes over the wire.
    pub(crate) bytes: Vec<u8>,
    expected: Finder<'static>,
    times: usize,
}

impl Request {
    /// Pairs the bytes with a text that a right answer holds exactly `times` times.
    pub(crate) fn new(bytes: Vec<u8>, expected: &str, times: usize) -> Request {
        Request { bytes, expected: Finder::new(expected).into_owned(), times }
    }

    /// Whether this is the answer the request deserves.
    pub(crate) fn accepts(&self, status: u16, body: &[u8]) -> bool {
        status == 200 && self.expected.find_iter(body).take(self.times + 1).count() == self.times
    }
}

/// As much of an answer's head as framing takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The status code.
    pub(crate) status: u16,
    /// Where the body begins.
    pub(crate) body: usize,
    /// Where the answer ends.
    pub(crate) end: usize,
}

/// Reads the head, or `None` while it is still incomplete.
pub(crate) fn head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(blank) = memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let status = bytes.get(9..12).and_then(decimal).context("the answer is not HTTP")?;
    let length = bytes[..blank].split(|&byte| byte == b'\n').find_map(content_length);
    let length = length.context("the answer has no Content-Length")?;
    let status = u16::try_from(status)?;
    Ok(Some(Head { status, body: blank + 4, end: blank + 4 + length }))
}

fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    if name.eq_ignore_ascii_case(NAME) { decimal(value.trim_ascii()) } else { None }
}

fn decimal(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A blocking keep-alive connection, for everything whose time is not taken.
pub(crate) struct Connection {
    host: SocketAddr,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects; a later call waits at most a minute for its answer.
    pub(crate) fn open(host: SocketAddr) -> std::io::Result<Connection> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Connection { host, stream, buffer: Vec::new() })
    }

    /// Sends one request and waits for its status and body.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        let head = self.answer(request)?;
        Ok((head.status, &self.buffer[head.body..head.end]))
    }

    /// Sends one request and waits for the lines of its answer's head.
    pub(crate) fn head(&mut self, request: &[u8]) -> Result<String> {
        let head = self.answer(request)?;
        Ok(String::from_utf8_lossy(&self.buffer[..head.body]).into_owned())
    }

    fn answer(&mut self, request: &[u8]) -> Result<Head> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut chunk = [0; 16 * 1024];
        loop {
            let read = self.stream.read(&mut chunk)?;
            ensure!(read > 0, "the server closed the connection");
            self.buffer.extend_from_slice(&chunk[..read]);
            let Some(head) = head(&self.buffer)? else { continue };
            if self.buffer.len() >= head.end {
                return Ok(head);
            }
        }
    }

    /// Calls an operation that must succeed.
    pub(crate) fn call(&mut self, operation: &str, caller: Caller, input: &Value) -> Result<Value> {
        let request = aws_call(self.host, operation, caller, input);
        let (status, body) = self.exchange(&request).with_context(|| format!("{operation} got no answer"))?;
        if status != 200 {
            bail!("{operation} answered {status}: {}", String::from_utf8_lossy(body));
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(body).with_context(|| format!("{operation} answered something else than JSON"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() -> Result<()> {
        let answer = b"HTTP/1.1 400 Bad Request\r\ndate: today\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(head(&answer[..40])?, None);
        assert_eq!(head(answer)?, Some(Head { status: 400, body: answer.len() - 2, end: answer.len() }));
        Ok(())
    }

    #[test]
    fn an_answer_must_hold_the_text_exactly_as_often_as_expected() {
        let request = Request::new(Vec::new(), "\"kid\"", 2);
        assert!(request.accepts(200, br#"[{"kid":1},{"kid":2}]"#));
        assert!(!request.accepts(400, br#"[{"kid":1},{"kid":2}]"#));
        assert!(!request.accepts(200, br#"[{"kid":1}]"#));
        assert!(!request.accepts(200, br#"[{"kid":1},{"kid":2},{"kid":3}]"#));
    }
}
