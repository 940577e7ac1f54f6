//! Signature Version 4 made by hand, so that a test can spoil any part of it.

use chrono::{DateTime, Utc};
use cognate_core::account;
use cognate_store::AccountId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::server::TestServer;

/// An access key with its secret.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Key {
    /// A new key of the account under test.
    pub(crate) async fn new(server: &TestServer) -> Self {
        Self::of(server, &server.account).await
    }

    /// A new key of an account.
    pub(crate) async fn of(server: &TestServer, account: &AccountId) -> Self {
        let made = account::create_access_key(&server.db, &server.clock, account).await;
        let (key, secret) = made.unwrap();
        Self { id: key.id, secret: secret.expose_secret().to_owned() }
    }

    /// The same id with a secret that is not its own.
    pub(crate) fn with_wrong_secret(&self) -> Self {
        Self { id: self.id.clone(), secret: self.secret.chars().rev().collect::<String>() + "x" }
    }
}

/// What is to be signed.
pub(crate) struct Unsigned {
    pub(crate) target: String,
    pub(crate) body: String,
    pub(crate) region: &'static str,
    pub(crate) service: &'static str,
    pub(crate) at: DateTime<Utc>,
    pub(crate) headers: &'static [&'static str],
}

/// A call of an operation of user pools.
pub(crate) fn call(server: &TestServer, operation: &str, body: impl ToString) -> Unsigned {
    Unsigned {
        target: format!("AWSCognitoIdentityProviderService.{operation}"),
        body: body.to_string(),
        region: "us-east-1",
        service: "cognito-idp",
        at: server.clock.now(),
        headers: &["content-type", "host", "x-amz-date", "x-amz-target"],
    }
}

impl Unsigned {
    /// Signs it.
    pub(crate) fn sign(self, server: &TestServer, key: &Key) -> Signed {
        let date = self.at.format("%Y%m%dT%H%M%SZ").to_string();
        let headers = [
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("host", server.url.trim_start_matches("http://").to_owned()),
            ("x-amz-date", date.clone()),
            ("x-amz-target", self.target),
        ];
        let signed = headers.iter().filter(|(name, _)| self.headers.contains(name));
        let signed: String = signed.map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names = self.headers.join(";");
        let canonical = format!("POST\n/\n\n{signed}\n{names}\n{}", hex::encode(Sha256::digest(&self.body)));
        let scope = [&date[..8], self.region, self.service, "aws4_request"];
        let text = format!(
            "AWS4-HMAC-SHA256\n{date}\n{}\n{}",
            scope.join("/"),
            hex::encode(Sha256::digest(canonical.as_bytes()))
        );
        let start = format!("AWS4{}", key.secret).into_bytes();
        let signing_key = scope.iter().fold(start, |key, part| mac(&key, part));
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={names}, Signature={}",
            key.id,
            scope.join("/"),
            hex::encode(mac(&signing_key, &text))
        );
        let mut headers: Vec<_> = headers.into_iter().filter(|(name, _)| *name != "host").collect();
        headers.push(("authorization", authorization));
        Signed { headers, body: self.body }
    }

    /// Signs it and sends it.
    pub(crate) async fn send(self, server: &TestServer, key: &Key) -> Answer {
        self.sign(server, key).send(server).await
    }
}

/// A signed request, to be spoiled or sent.
pub(crate) struct Signed {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Signed {
    pub(crate) async fn send(self, server: &TestServer) -> Answer {
        let mut request = server.http.post(&server.url).body(self.body);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        Answer::of(request.send().await.unwrap()).await
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.text().await.unwrap() }
    }

    /// A header's text; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    /// The `__type` of an error.
    pub(crate) fn error(&self) -> String {
        self.json()["__type"].as_str().unwrap_or_default().to_owned()
    }

    /// The `message` of an error.
    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
