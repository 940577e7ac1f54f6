//! The yardsticks: how fast this machine hashes, signs and answers HTTP when nothing else is asked of it.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::{Context, Result, anyhow};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

use openssl::bn::{BigNum, BigNumContext, MsbOption};
use openssl::error::ErrorStack;

use crate::load::percentile;

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

/// One kind of work that a server cannot be spared: what makes a worker for a thread.
pub(crate) struct Work(Box<dyn Fn() -> Worker + Sync>);

type Worker = Box<dyn FnMut() -> Result<()>>;

/// argon2id with the parameters the server stores passwords with: 19 MiB, two passes, one lane.
pub(crate) fn hashing() -> Result<Work> {
    let params = Params::new(19_456, 2, 1, Some(32)).context("cannot hash")?;
    Ok(Work(Box::new(move || {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let mut memory = vec![Block::new(); params.block_count()];
        Box::new(move || {
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
        })
    })))
}

/// RSA-2048 signatures as RS256 makes them, with one key that stays parsed.
pub(crate) fn signing() -> Result<Work> {
    let key = Arc::new(KeyPair::generate(KeySize::Rsa2048).context("cannot make an RSA key")?);
    Ok(Work(Box::new(move || {
        let (key, random, message) = (Arc::clone(&key), SystemRandom::new(), [b'a'; SIGNED_BYTES]);
        let mut signature = vec![0; key.public_modulus_len()];
        Box::new(move || {
            key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature).context("cannot sign")?;
            std::hint::black_box(&signature);
            Ok(())
        })
    })))
}

/// Powers of 256 bits modulo the 3072-bit prime of SRP, in a time that does not hang on the exponent.
pub(crate) fn powers() -> Work {
    Work(Box::new(|| {
        let numbers = || {
            let (mut base, mut exponent) = (BigNum::new()?, BigNum::new()?);
            base.rand(3071, MsbOption::ONE, true)?;
            exponent.rand(256, MsbOption::ONE, true)?;
            exponent.set_const_time();
            Ok::<_, ErrorStack>((base, exponent, BigNum::get_rfc3526_prime_3072()?, BigNumContext::new()?))
        };
        let mut numbers = numbers();
        Box::new(move || {
            let (base, exponent, modulus, context) =
                numbers.as_mut().map_err(|error| anyhow!("cannot multiply: {error}"))?;
            let mut power = BigNum::new()?;
            power.mod_exp(base, exponent, modulus, context)?;
            std::hint::black_box(&power);
            Ok(())
        })
    }))
}

impl Work {
    /// Does it on one thread for a quarter of the window, then on all cores for the whole of it.
    pub(crate) fn speed(&self, window: Duration) -> Result<Speed> {
        let mut alone = self.timings(window / 4, &AtomicBool::new(true))?;
        alone.sort_unstable();
        Ok(Speed { rate: self.rate(window)?, alone: percentile(&alone, 50) })
    }

    /// How often per second all cores do it.
    pub(crate) fn rate(&self, window: Duration) -> Result<f64> {
        let go = AtomicBool::new(false);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..cores()).map(|_| scope.spawn(|| self.timings(window, &go))).collect();
            thread::sleep(Duration::from_millis(100)); // every thread has made its worker and waits
            go.store(true, Ordering::Release);
            let started = Instant::now();
            let mut done = 0;
            for thread in threads {
                done += thread.join().map_err(|_| anyhow!("a measuring thread gave up"))??.len();
            }
            Ok(done as f64 / started.elapsed().as_secs_f64())
        })
    }

    /// How long each piece of work took, one after the other.
    fn timings(&self, window: Duration, go: &AtomicBool) -> Result<Vec<Duration>> {
        let mut work = (self.0)();
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
}

/// How many threads run at once here.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
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
