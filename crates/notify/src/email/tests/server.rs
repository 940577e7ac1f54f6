//! A small SMTP server on loopback.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mood {
    Accept,
    Refuse,
    /// Says nothing once a message is there.
    Hang,
    /// Hangs up after each message.
    HangUp,
}

pub(super) struct Server {
    pub(super) port: u16,
    log: Arc<Mutex<Log>>,
}

struct Log {
    mood: Mood,
    connections: usize,
    commands: Vec<String>,
    messages: Vec<String>,
}

impl Server {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Log { mood: Mood::Accept, connections: 0, commands: Vec::new(), messages: Vec::new() };
        let log = Arc::new(Mutex::new(log));
        let server = Self { port, log: Arc::clone(&log) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                log.lock().unwrap().connections += 1;
                tokio::spawn(converse(stream, Arc::clone(&log)));
            }
        });
        server
    }

    pub(super) fn set(&self, mood: Mood) {
        self.log.lock().unwrap().mood = mood;
    }

    pub(super) fn connections(&self) -> usize {
        self.log.lock().unwrap().connections
    }

    pub(super) fn commands(&self) -> Vec<String> {
        self.log.lock().unwrap().commands.clone()
    }

    pub(super) fn messages(&self) -> Vec<String> {
        self.log.lock().unwrap().messages.clone()
    }
}

async fn converse(stream: TcpStream, log: Arc<Mutex<Log>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 stub\r\n").await?;
    let (mut line, mut message) = (String::new(), None::<String>);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let mood = log.lock().unwrap().mood;
        if let Some(mut data) = message.take() {
            if line != ".\r\n" {
                data.push_str(&line);
                message = Some(data);
                continue;
            }
            if mood == Mood::Hang {
                return std::future::pending().await;
            }
            log.lock().unwrap().messages.push(data);
            stream.write_all(b"250 taken\r\n").await?;
            if mood == Mood::HangUp {
                return Ok(());
            }
            continue;
        }
        log.lock().unwrap().commands.push(line.trim_end().to_owned());
        let answer = match line.split([' ', '\r']).next() {
            Some("EHLO") => "250-stub\r\n250 AUTH PLAIN\r\n",
            Some("AUTH") => "235 welcome\r\n",
            Some("RCPT") if mood == Mood::Refuse => "451 <ada@example.com> try later\r\n",
            Some("DATA") => {
                message = Some(String::new());
                "354 go on\r\n"
            }
            _ => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}
