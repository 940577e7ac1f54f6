//! Keys that clients have, what they sign with them, and what clients send with that.

use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use reqwest::RequestBuilder;
use uuid::Uuid;

use super::*;

/// A key that a client has.
pub(super) struct Key {
    pub(super) encoding: EncodingKey,
    pub(super) jwk: Jwk,
}

impl Key {
    pub(super) fn new() -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let encoding = EncodingKey::from_ec_pem(&key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::ES256).unwrap();
        jwk.common.key_algorithm = None;
        Self { encoding, jwk }
    }

    pub(super) fn thumbprint(&self) -> String {
        self.jwk.thumbprint(ThumbprintHash::SHA256).unwrap()
    }

    pub(super) fn header(&self) -> Header {
        let mut header = Header::new(Algorithm::ES256);
        (header.typ, header.jwk) = (Some("dpop+jwt".to_owned()), Some(self.jwk.clone()));
        header
    }

    /// A proof with other claims than usual.
    pub(super) fn signs(&self, header: &Header, url: &str, at: i64, others: &Value) -> String {
        let mut claims = json!({ "jti": Uuid::new_v4().to_string(), "htm": "POST", "htu": url, "iat": at });
        claims.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        jsonwebtoken::encode(header, &claims, &self.encoding).unwrap()
    }

    /// The claims of a proof under another header.
    pub(super) fn signs_raw(&self, header: &Value, proof: &str) -> String {
        let claims = proof.split('.').nth(1).unwrap();
        let message = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header.to_string()));
        let algorithm = Algorithm::ES256;
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.encoding, algorithm).unwrap();
        format!("{message}.{signature}")
    }

    pub(super) fn proof(&self, server: &TestServer, url: &str, others: &Value) -> String {
        self.signs(&self.header(), url, server.clock.now().timestamp(), others)
    }

    /// For a request for tokens.
    pub(super) fn for_tokens(&self, app: &App<'_>) -> String {
        self.proof(app.pool.server, &app.endpoint("token"), &json!({}))
    }

    /// For a call of the API, with a token where it holds one.
    pub(super) fn for_call(&self, server: &TestServer, token: Option<&str>) -> String {
        let others = token.map_or(json!({}), |token| json!({ "ath": ath(token) }));
        self.proof(server, &server.url, &others)
    }

    /// For userInfo, with a token.
    pub(super) fn for_userinfo(&self, app: &App<'_>, token: &str) -> String {
        let others = json!({ "htm": "GET", "ath": ath(token) });
        self.proof(app.pool.server, &app.endpoint("userInfo"), &others)
    }
}

/// The digest of a token, as proofs say it.
pub(super) fn ath(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

impl App<'_> {
    pub(super) fn endpoint(&self, name: &str) -> String {
        format!("{}/{}/oauth2/{name}", self.pool.server.url, self.pool.id)
    }

    /// Asks for tokens with these proofs.
    pub(super) async fn token_with(&self, proofs: &[&str], form: &[(&str, &str)]) -> (u16, Value) {
        let mut form = form.to_vec();
        let post = self.pool.server.http.post(self.endpoint("token"));
        let post = match &self.secret {
            Some(secret) => post.header("authorization", self.basic(secret)),
            None => {
                form.push(("client_id", &self.pool.client));
                post
            }
        };
        let post = proofs.iter().fold(post, |post, proof| post.header("dpop", *proof));
        let answer = post.form(&form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(super) async fn exchange_with(&self, proofs: &[&str], code: &str) -> (u16, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.token_with(proofs, &form).await
    }

    pub(super) async fn refresh_with(&self, proofs: &[&str], token: &str) -> (u16, Value) {
        self.token_with(proofs, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// A code of a signed-in user.
    pub(super) async fn code(&self, browser: &mut Browser, more: &[(&str, &str)]) -> String {
        let sent = browser.get(&self.authorize(more)).await;
        let sent = match sent.sent("code").is_some() {
            true => sent,
            false => self.signed_in(browser, "ada", more).await,
        };
        sent.sent("code").unwrap()
    }

    /// What userInfo says to a request: its status, its error, and how one is told to come back.
    pub(super) async fn told(
        &self,
        request: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> (u16, String, String) {
        let get = self.pool.server.http.get(self.endpoint("userInfo"));
        let answer = request(get).send().await.unwrap();
        let challenges = answer.headers().get_all("www-authenticate");
        let challenges: Vec<_> = challenges.iter().map(|it| it.to_str().unwrap().to_owned()).collect();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        (status, body["error"].as_str().unwrap_or_default().to_owned(), challenges.join(" | "))
    }
}
