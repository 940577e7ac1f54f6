//! Access tokens that were not issued like this (TOK-1 to TOK-4).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cognate_store::signing_key::{self, TokenUse};
use cognate_store::user_pool;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, TestPool, TestServer, said};

/// Whoever has the pool's signing key and a genuine token.
struct Forger {
    key: EncodingKey,
    kid: String,
    genuine: String,
    claims: Value,
}

impl Forger {
    async fn new(pool: &TestPool<'_>) -> Self {
        let genuine = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let db = &pool.server.db;
        let stored = user_pool::get(db, &pool.pool_id()).await.unwrap().unwrap();
        let keys = signing_key::list(db, &stored).await.unwrap();
        let key = keys.into_iter().find(|key| key.token_use == TokenUse::Access).unwrap();
        let base64 = STANDARD.encode(&*key.private_key);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
        let payload = URL_SAFE_NO_PAD.decode(genuine.split('.').nth(1).unwrap()).unwrap();
        let claims = serde_json::from_slice(&payload).unwrap();
        Self { key: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(), kid: key.kid, genuine, claims }
    }

    fn header(&self, algorithm: Algorithm) -> Header {
        let mut header = Header::new(algorithm);
        (header.typ, header.kid) = (None, Some(self.kid.clone()));
        header
    }

    fn sign(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key).unwrap()
    }

    /// A well-signed token with one claim changed; `null` takes it out.
    fn with(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(claim),
            value => claims.as_object_mut().unwrap().insert(claim.to_owned(), value),
        };
        self.sign(&self.header(Algorithm::RS256), &claims)
    }
}

async fn get_user(server: &TestServer, token: &str) -> (String, String) {
    match server.aws.get_user().access_token(token).send().await {
        Ok(_) => (String::new(), String::new()),
        Err(error) => said(error),
    }
}

fn invalid() -> (String, String) {
    ("NotAuthorizedException".into(), "Invalid Access Token".into())
}

fn accepted() -> (String, String) {
    (String::new(), String::new())
}

/// The DER of a public key of 2048 bits, up to its modulus and after it.
const SPKI_OF_2048_BITS: &[u8] =
    b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\
    \x03\x82\x01\x0f\x00\x30\x82\x01\x0a\x02\x82\x01\x01\x00";
const EXPONENT: &[u8] = b"\x02\x03\x01\x00\x01";

/// TOK-1, cases 1, 2 and 5.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_key_says_how_a_token_is_signed_and_the_pool_which_key(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        pool.admin_user("ada").await;
        other.admin_user("ada").await;
        let (forger, neighbour) = (Forger::new(&pool).await, Forger::new(&other).await);
        assert_eq!(
            get_user(server, &forger.sign(&forger.header(Algorithm::RS256), &forger.claims)).await,
            accepted()
        );

        let [_, payload, signature] = forger.genuine.split('.').collect::<Vec<_>>()[..] else { panic!() };
        let encode = |header: Value| URL_SAFE_NO_PAD.encode(header.to_string());
        for algorithm in ["none", "None", "NONE", "", "HS256"] {
            let header = encode(json!({ "alg": algorithm, "kid": forger.kid }));
            for signature in ["", signature] {
                let token = format!("{header}.{payload}.{signature}");
                assert_eq!(get_user(server, &token).await, invalid(), "{algorithm}");
            }
        }
        assert_eq!(
            get_user(server, &format!("{}.{payload}.", encode(json!({ "alg": "none" })))).await,
            invalid()
        );

        // The public key as a secret, in each form that a library might have it.
        let jwks = server.http.get(format!("{}/{}/.well-known/jwks.json", server.url, pool.id));
        let jwks: Value = jwks.send().await.unwrap().json().await.unwrap();
        let keys = jwks["keys"].as_array().unwrap();
        let public = keys.iter().find(|key| key["kid"] == forger.kid.as_str()).unwrap();
        let modulus = URL_SAFE_NO_PAD.decode(public["n"].as_str().unwrap()).unwrap();
        let as_json = public.to_string();
        let spki = [SPKI_OF_2048_BITS, &modulus, EXPONENT].concat();
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&spki));
        let n = public["n"].as_str().unwrap();
        for secret in [&*modulus, n.as_bytes(), as_json.as_bytes(), &*spki, pem.as_bytes()] {
            let (header, key) = (forger.header(Algorithm::HS256), EncodingKey::from_secret(secret));
            let token = jsonwebtoken::encode(&header, &forger.claims, &key).unwrap();
            assert_eq!(get_user(server, &token).await, invalid());
        }

        // The right key by another algorithm.
        for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
            let token = forger.sign(&forger.header(algorithm), &forger.claims);
            assert_eq!(get_user(server, &token).await, invalid(), "{algorithm:?}");
        }

        let long = "k".repeat(10_000);
        for kid in ["../../etc/passwd", "' OR 1=1--", "", "\0", long.as_str(), neighbour.kid.as_str()] {
            let header = Header { kid: Some(kid.to_owned()), ..forger.header(Algorithm::RS256) };
            assert_eq!(get_user(server, &forger.sign(&header, &forger.claims)).await, invalid(), "{kid}");
        }
        let header = Header { kid: None, ..forger.header(Algorithm::RS256) };
        assert_eq!(get_user(server, &forger.sign(&header, &forger.claims)).await, invalid());
        let header = Header { crit: Some(vec!["exp".to_owned()]), ..forger.header(Algorithm::RS256) };
        assert_eq!(get_user(server, &forger.sign(&header, &forger.claims)).await, invalid());

        // The neighbour's key in our pool's name, with its own kid or ours.
        for kid in [&neighbour.kid, &forger.kid] {
            let header = Header { kid: Some(kid.clone()), ..forger.header(Algorithm::RS256) };
            assert_eq!(get_user(server, &neighbour.sign(&header, &forger.claims)).await, invalid());
        }
    })
    .await;
}

/// TOK-1: base64url, strictly.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_token_has_one_spelling(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let genuine = Forger::new(&pool).await.genuine;
        let [header, payload, signature] = genuine.split('.').collect::<Vec<_>>()[..] else { panic!() };
        // The last letter of 256 bytes has four bits that say nothing.
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let last = letters.iter().position(|letter| signature.as_bytes().last() == Some(letter)).unwrap();
        let other = char::from(letters[last ^ 1]);
        for token in [
            format!("{header}.{payload}.{}{other}", &signature[..signature.len() - 1]),
            format!("{genuine}="),
            format!("{genuine}."),
            format!("{genuine}.{signature}"),
            format!(".{genuine}"),
            format!("{header}=.{payload}.{signature}"),
            format!("{header}.{payload}=.{signature}"),
            format!("{header}..{signature}"),
            format!("{header}.{payload}"),
            format!("{payload}.{payload}.{signature}"),
            "..".to_owned(),
            "=".to_owned(),
        ] {
            assert_eq!(get_user(server, &token).await, invalid(), "{token}");
        }
        for token in ["", " ", "a b", "a+b", "\u{e9}"] {
            assert_eq!(get_user(server, token).await.0, "InvalidParameterException", "{token}");
        }
        assert_eq!(get_user(server, &genuine).await, accepted());
    })
    .await;
}

/// TOK-2, TOK-4, cases 3, 6 and 46.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn claims_must_be_there_and_of_their_type(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        let sibling = server.with_client(pool.id.clone(), false).await;
        pool.admin_user("ada").await;
        let forger = Forger::new(&pool).await;
        let now = server.clock.now().timestamp();
        assert_eq!(get_user(server, &forger.with("exp", json!(now + 60))).await, accepted());
        for (claim, value) in [
            ("exp", json!((now + 3600).to_string())),
            ("exp", json!(-1.5e300)),
            ("exp", json!([now + 3600])),
            ("exp", json!(true)),
            ("exp", Value::Null),
            ("iat", Value::Null),
            ("iat", json!("now")),
            ("iat", json!(now + 600)),
            ("iss", Value::Null),
            ("iss", json!([forger.claims["iss"]])),
            ("iss", json!(format!("{}/{}", server.url, other.id))),
            ("iss", json!(format!("{}/{}/", server.url, pool.id))),
            ("iss", json!(format!("https://evil.example/{}", pool.id))),
            ("iss", json!(pool.id)),
            ("iss", json!("")),
            ("sub", Value::Null),
            ("sub", json!(7)),
            ("sub", json!("ada")),
            ("client_id", Value::Null),
            ("client_id", json!({})),
            ("event_id", Value::Null),
            ("event_id", json!("x")),
            ("scope", Value::Null),
            ("scope", json!(["aws.cognito.signin.user.admin"])),
            ("token_use", Value::Null),
            ("token_use", json!("id")),
            ("token_use", json!("Access")),
            ("token_use", json!(["access"])),
        ] {
            let said = get_user(server, &forger.with(claim, value.clone())).await;
            assert_eq!(said, invalid(), "{claim} {value}");
        }
        let not_authorized = |text: &str| ("NotAuthorizedException".to_owned(), text.to_owned());
        for past in [now - 1, now, 0] {
            let expired = get_user(server, &forger.with("exp", json!(past))).await;
            assert_eq!(expired, not_authorized("Access Token has expired"), "{past}");
        }
        for scope in [
            "",
            "openid",
            "openid email",
            "aws.cognito.signin.user.administrator",
            "AWS.COGNITO.SIGNIN.USER.ADMIN",
        ] {
            let narrow = get_user(server, &forger.with("scope", json!(scope))).await;
            assert_eq!(narrow, not_authorized("Access Token does not have required scopes"), "{scope}");
        }
        // The state behind the claims.
        for (claim, value) in [
            ("client_id", json!("0".repeat(26))),
            ("client_id", json!(sibling.client)),
            ("client_id", json!(other.client)),
            ("event_id", json!(uuid::Uuid::new_v4().to_string())),
        ] {
            let revoked = get_user(server, &forger.with(claim, value.clone())).await;
            assert_eq!(revoked, not_authorized("Access Token has been revoked"), "{claim} {value}");
        }
        let nobody = get_user(server, &forger.with("sub", json!(uuid::Uuid::new_v4().to_string()))).await;
        assert_eq!(nobody.0, "UserNotFoundException");
        // Somebody else's session.
        pool.admin_user("bob").await;
        let bob = server.aws.admin_get_user().user_pool_id(&pool.id).username("bob").send().await.unwrap();
        let bob = bob.user_attributes().iter().find(|it| it.name() == "sub").unwrap().value().unwrap();
        let mixed = get_user(server, &forger.with("sub", json!(bob))).await;
        assert_eq!(mixed.0, "NotAuthorizedException", "{mixed:?}");
    })
    .await;
}
