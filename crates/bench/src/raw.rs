//! The yardsticks: how fast this machine hashes, signs and answers HTTP when nothing else is asked of it.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::{Context, Result, anyhow, ensure};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

use openssl::bn::{BigNum, BigNumContext, MsbOption};
use openssl::error::ErrorStack;

use crate::client::Request;
use crate::load::{self, percentile};

/// About as much as a token's header and claims come to.
const SIGNED_BYTES: usize = 900;

/// How fast one kind of work goes.
#[derive(Clone, Copy)]
pub(crate) struct Speed {
    /// Per second, with a thread on every core.
    pub(crate) rate: f64,
    /// The median time of one when only one thread works.
    pub(crate) alone: Duration,
}

/// argon2id with the parameters the server stores passwords with: 19 MiB, two passes, one lane.
pub(crate) fn hashing(window: Duration) -> Result<Speed> {
    let params = Params::new(19_456, 2, 1, Some(32)).context("cannot hash")?;
    measure(window, || {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let mut memory = vec![Block::new(); params.block_count()];
        move || {
            let mut hash = [0; 32];
            argon2
                .hash_password_into_with_memory(
                    b"Correct-Horse-1",
                    b"sixteen byte salt",
                    &mut hash,
                    &mut memory,
                )
                .context("cannot hash")?;
            std::hint::black_box(hash);
            Ok(())
        }
    })
}

/// RSA-2048 signatures as RS256 makes them, with one key that stays parsed.
pub(crate) fn signing(window: Duration) -> Result<Speed> {
    let key = KeyPair::generate(KeySize::Rsa2048).context("cannot make an RSA key")?;
    let key = &key;
    measure(window, || {
        let (random, message) = (SystemRandom::new(), [b'a'; SIGNED_BYTES]);
        let mut signature = vec![0; key.public_modulus_len()];
        move || {
            key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).context("cannot sign")?;
            std::hint::black_box(&signature);
            Ok(())
        }
    })
}

/// Powers of 256 bits modulo the 3072-bit prime of SRP, in a time that does not hang on the exponent.
pub(crate) fn powers(window: Duration) -> Result<Speed> {
    measure(window, || {
        let numbers = || {
            let (mut base, mut exponent) = (BigNum::new()?, BigNum::new()?);
            base.rand(3071, MsbOption::ONE, true)?;
            exponent.rand(256, MsbOption::ONE, true)?;
            exponent.set_const_time();
            Ok::<_, ErrorStack>((base, exponent, BigNum::get_rfc3526_prime_3072()?, BigNumContext::new()?))
        };
        let mut numbers = numbers();
        move || {
            let (base, exponent, modulus, context) =
                numbers.as_mut().map_err(|error| anyhow!("cannot multiply: {error}"))?;
            let mut power = BigNum::new()?;
            power.mod_exp(base, exponent, modulus, context)?;
            std::hint::black_box(&power);
            Ok(())
        }
    })
}

/// Runs the work on one thread for a quarter of the window, then on all cores for the whole of it.
fn measure<W>(window: Duration, worker: impl Fn() -> W + Sync) -> Result<Speed>
where
    W: FnMut() -> Result<()>,
{
    let mut alone = timings(&worker, window / 4, &AtomicBool::new(true))?;
    alone.sort_unstable();

    let go = AtomicBool::new(false);
    let (done, elapsed) = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores()).map(|_| scope.spawn(|| timings(&worker, window, &go))).collect();
        thread::sleep(Duration::from_millis(100)); // every thread has made its worker and waits
        go.store(true, Ordering::Release);
        let started = Instant::now();
        let mut done = 0;
        for thread in threads {
            done += thread.join().map_err(|_| anyhow!("a measuring thread gave up"))??.len();
        }
        anyhow::Ok((done, started.elapsed()))
    })?;
    Ok(Speed { rate: done as f64 / elapsed.as_secs_f64(), alone: percentile(&alone, 50) })
}

/// How long each piece of work took, one after the other.
fn timings<W>(worker: impl Fn() -> W, window: Duration, go: &AtomicBool) -> Result<Vec<Duration>>
where
    W: FnMut() -> Result<()>,
{
    let mut work = worker();
    work()?; // touches the memory, so that no page fault is timed
    while !go.load(Ordering::Acquire) {
        thread::yield_now();
    }
    let (start, mut timings) = (Instant::now(), Vec::new());
    let mut last = start;
    while last - start < window {
        work()?;
        let now = Instant::now();
        timings.push(now - last);
        last = now;
    }
    Ok(timings)
}

/// How many threads run at once here.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Requests per second against a bare handler that always gives this answer, one entry per connection count.
pub(crate) fn http(answer: &[u8], request: &[Request], window: Duration) -> Result<Vec<f64>> {
    let answer = Bytes::copy_from_slice(answer);
    let bare = Bare::start(move |_| answer.clone())?;
    let rows = load::rows(bare.address, request, window, || Ok(()));
    bare.stop()?;
    let rows = rows?;
    ensure!(rows.iter().all(|row| row.wrong == 0), "the bare handler gave wrong answers");
    Ok(rows.iter().map(|row| row.rate).collect())
}

/// An actix-web server that reads the request and answers at once.
pub(crate) struct Bare {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    thread: JoinHandle<std::io::Result<()>>,
}

impl Bare {
    /// Starts one that answers a body with what that makes of it.
    pub(crate) fn start(answer: impl Fn(Bytes) -> Bytes + Clone + Send + 'static) -> Result<Bare> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port for the bare handler")?;
        let address = listener.local_addr()?;
        let (started, handle) = mpsc::channel();
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let answer = answer.clone();
                    App::new().default_service(web::to(move |body: Bytes| {
                        let answer = answer(body);
                        async move { HttpResponse::Ok().content_type("application/json").body(answer) }
                    }))
                });
                let server = server.workers(cores()).disable_signals().listen(listener)?.run();
                started.send(server.handle()).map_err(std::io::Error::other)?;
                server.await
            })
        });
        let handle = handle.recv().context("the bare handler did not start")?;
        Ok(Bare { address, handle, thread })
    }

    /// Stops it.
    pub(crate) fn stop(self) -> Result<()> {
        let stopping = self.handle.stop(false);
        System::new().block_on(stopping);
        self.thread
            .join()
            .map_err(|_| anyhow!("the bare handler gave up"))?
            .context("the bare handler failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bare_handler_gives_a_rate_for_every_connection_count() -> Result<()> {
        let host = SocketAddr::from(([127, 0, 0, 1], 80));
        let request = Request::new(crate::client::get(host, "/"), "\"kid\":", 2);
        let rates = http(br#"[{"kid":1},{"kid":2}]"#, &[request], Duration::from_millis(50))?;
        // How high they are is the machine's to say: on a busy one, a window may pass without an answer.
        assert_eq!(rates.len(), load::CONNECTIONS.len());
        Ok(())
    }

    #[test]
    fn a_wrong_answer_is_noticed() {
        let host = SocketAddr::from(([127, 0, 0, 1], 80));
        let request = Request::new(crate::client::get(host, "/"), "\"kid\":", 2);
        assert!(http(br#"[{"kid":1}]"#, &[request], Duration::from_millis(50)).is_err());
    }
}
