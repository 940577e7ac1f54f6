//! A connection without an HTTP client, for requests that none would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use crate::server::TestServer;

/// The head of a call, with the length of its body.
pub(super) fn head(operation: &str, length: usize) -> String {
    format!("{}Content-Length: {length}\r\n\r\n", start(operation))
}

fn start(operation: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\n"
    )
}

/// A TCP connection to the server under test.
pub(super) struct Connection {
    read: OwnedReadHalf,
    write: OwnedWriteHalf,
}

impl Connection {
    pub(super) async fn open(server: &TestServer) -> Self {
        let address = server.url.trim_start_matches("http://");
        let (read, write) = TcpStream::connect(address).await.unwrap().into_split();
        Self { read, write }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) {
        self.write.write_all(bytes).await.unwrap();
    }

    /// All that the server says until it closes the connection.
    pub(super) async fn read_to_end(&mut self) -> String {
        let mut answer = Vec::new();
        // A reset is an end too.
        let _ = self.read.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    /// Sends a body of that length, whose size the head announces or not, and returns the status of the answer.
    pub(super) async fn send_large(&mut self, length: usize, announced: bool) -> Option<u16> {
        let head = match announced {
            true => head("SignUp", length),
            false => start("SignUp") + "Transfer-Encoding: chunked\r\n\r\n",
        };
        let chunk = "p".repeat(16 * 1024);
        let mut rest = length;
        let (write, read) = (&mut self.write, &mut self.read);
        let sending = async {
            write.write_all(head.as_bytes()).await?;
            while rest > 0 {
                let part = &chunk[..chunk.len().min(rest)];
                rest -= part.len();
                match announced {
                    true => write.write_all(part.as_bytes()).await?,
                    false => write.write_all(format!("{:x}\r\n{part}\r\n", part.len()).as_bytes()).await?,
                }
            }
            std::io::Result::Ok(())
        };
        let mut answer = [0; 512];
        let receiving = async {
            let read = tokio::time::timeout(Duration::from_secs(5), read.read(&mut answer)).await;
            read.ok()?.ok()
        };
        // The server need not take what it does not want.
        let (_, read) = tokio::join!(tokio::time::timeout(Duration::from_secs(5), sending), receiving);
        let answer = std::str::from_utf8(&answer[..read?]).unwrap();
        answer.split(' ').nth(1)?.parse().ok()
    }
}
