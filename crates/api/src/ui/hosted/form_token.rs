//! What binds a form to the browser that it was shown to and to the request that brought it there (HUI-1, HUI-3).
//!
//! The browser's cookie holds the same kind of token, so that a script may send its value back, as it does with Cognito.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognate_store::{Timestamp, UserPool};
use subtle::ConstantTimeEq as _;

/// For how many seconds a page may stay open.
const LIFETIME: i64 = 3600;
/// How many seconds the clocks of two servers may differ by.
const CLOCKS_DIFFER: i64 = 60;

/// A browser, as far as forms are concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Browser([u8; 16]);

/// What a browser may be: many frameworks give a cookie of the same name to all hosts of a domain, or all ports of a machine, so that
/// several may come.
pub(super) struct Browsers {
    first: Browser,
    others: Vec<Browser>,
}

impl Browsers {
    /// Those that bring these tokens in their cookies, or one that was not seen before.
    pub(super) fn of(cookies: &[String]) -> Self {
        let mut known = cookies.iter().filter_map(|cookie| Browser::of(cookie));
        Self { first: known.next().unwrap_or_else(Browser::new), others: known.collect() }
    }

    /// The token of a form about a request.
    pub(super) fn token(&self, pool: &UserPool, request: &str, now: Timestamp) -> String {
        self.first.token(pool, request, now)
    }

    /// Checks the token that a form brings back.
    ///
    /// # Errors
    /// Why it is not taken.
    pub(super) fn check(
        &self,
        pool: &UserPool,
        request: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let (made_for, ..) = parts(token).ok_or(Fault::Foreign)?;
        let browser = [self.first].into_iter().chain(self.others.iter().copied()).find(|it| it.0 == made_for);
        browser.ok_or(Fault::Foreign)?.check(pool, request, token, now)
    }
}

/// Why a form is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not of this browser, or not of this request.
    Foreign,
    /// It comes from somebody else's page.
    Elsewhere,
    /// It was open for too long.
    Old,
}

const BROWSER: usize = 16;
const MADE_AT: usize = 8;
const TAG: usize = 16;

impl Browser {
    fn new() -> Self {
        Self(uuid::Uuid::new_v4().into_bytes())
    }

    fn of(cookie: &str) -> Option<Self> {
        Some(Self(parts(cookie)?.0))
    }

    fn token(self, pool: &UserPool, request: &str, now: Timestamp) -> String {
        let made_at = now.timestamp().to_be_bytes();
        let tag = tag(pool, self, made_at, request);
        URL_SAFE_NO_PAD.encode([&self.0[..], &made_at, &tag].concat())
    }

    fn check(self, pool: &UserPool, request: &str, token: &str, now: Timestamp) -> Result<(), Fault> {
        let (browser, made_at, brought) = parts(token).ok_or(Fault::Foreign)?;
        let expected = tag(pool, self, made_at, request);
        if !bool::from(browser.ct_eq(&self.0) & brought.ct_eq(&expected)) {
            return Err(Fault::Foreign);
        }
        let age = now.timestamp() - i64::from_be_bytes(made_at);
        if (-CLOCKS_DIFFER..=LIFETIME).contains(&age) { Ok(()) } else { Err(Fault::Old) }
    }
}

type Parts = ([u8; BROWSER], [u8; MADE_AT], [u8; TAG]);

fn parts(token: &str) -> Option<Parts> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (browser, rest) = bytes.split_first_chunk()?;
    let (made_at, tag) = rest.split_first_chunk()?;
    Some((*browser, *made_at, tag.try_into().ok()?))
}

fn tag(pool: &UserPool, browser: Browser, made_at: [u8; MADE_AT], request: &str) -> [u8; TAG] {
    let digest = pool.key.digest("form token", &[&browser.0, &made_at, request.as_bytes()]);
    let mut tag = [0; TAG];
    tag.copy_from_slice(&digest[..TAG]);
    tag
}
