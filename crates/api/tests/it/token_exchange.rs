//! Token exchange: what a token that is derived from another says and grants, and what is not exchanged.

mod abuse;

use aws_sdk_cognitoidentityprovider::types::ExplicitAuthFlowsType;
use chrono::Duration;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::machine_tokens::{Machine, resource_server};
use crate::server::{PASSWORD, TestPool, TestServer, email_of, said};
use crate::tokens::{names, verified};

// The SDK that the tests use knows neither the operation nor its flows.
const IMPERSONATION: &str = "ALLOW_TOKEN_EXCHANGE_IMPERSONATION";
const DELEGATION: &str = "ALLOW_TOKEN_EXCHANGE_DELEGATION";
const ADMIN: &str = "aws.cognito.signin.user.admin";

/// A client that exchanges tokens.
struct Exchanger<'a> {
    pool: TestPool<'a>,
    secret: Option<String>,
}

impl<'a> Exchanger<'a> {
    async fn new(pool: &TestPool<'a>, flows: &[&str], scopes: &[&str]) -> Self {
        let server = pool.server;
        let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("service");
        let create = create.generate_secret(true).set_explicit_auth_flows(Some(
            flows.iter().map(|flow| ExplicitAuthFlowsType::from(*flow)).collect(),
        ));
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let made = create.set_allowed_o_auth_scopes(Some(scopes)).send().await.unwrap();
        let made = made.user_pool_client.unwrap();
        let pool = TestPool { server, id: pool.id.clone(), client: made.client_id.unwrap() };
        Self { pool, secret: made.client_secret }
    }

    /// The answer for a subject's access token, with further members.
    async fn derive(&self, subject: &str, others: Value) -> Result<Value, (String, String)> {
        let mut body = json!({
            "ClientId": self.pool.client, "ClientSecret": self.secret,
            "SubjectToken": subject, "SubjectTokenType": "ACCESS_TOKEN",
        });
        body.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        let answer = self.pool.server.call("GetDerivedToken", body.to_string()).await;
        let (status, answer): (u16, Value) = (answer.status().into(), answer.json().await.unwrap());
        if status == 200 {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Err((text("__type"), text("message")))
    }

    /// The token of such an answer.
    async fn token(&self, subject: &str, others: Value) -> String {
        let derived = self.derive(subject, others).await.unwrap();
        derived["IssuedToken"].as_str().unwrap().to_owned()
    }

    /// What the token of such an answer says.
    async fn claims(&self, subject: &str, others: Value) -> Value {
        verified(&self.pool, &self.token(subject, others).await).await.1
    }
}

/// An actor's access token, as members of a request.
fn acting(token: &str) -> Value {
    json!({ "ActorToken": token, "ActorTokenType": "ACCESS_TOKEN" })
}

async fn get_user(server: &TestServer, access: &str) -> Result<(), (String, String)> {
    server.aws.get_user().access_token(access).send().await.map(drop).map_err(said)
}

fn lacks_scope() -> (String, String) {
    ("NotAuthorizedException".to_owned(), "Access Token does not have required scopes".to_owned())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_service_gets_a_token_that_looks_like_the_users_own(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let subject = tokens.access_token().unwrap();
        let (_, original) = verified(&pool, subject).await;
        let service = Exchanger::new(&pool, &[IMPERSONATION], &[]).await;
        let trusted = Exchanger::new(&pool, &[IMPERSONATION], &[ADMIN, "openid"]).await;
        server.clock.advance(Duration::minutes(10));

        let derived = service.derive(subject, json!({ "Audiences": ["orders service"] })).await;
        assert_eq!(derived.unwrap_err().0, "InvalidParameterException", "a blank");
        let derived = service.derive(subject, json!({ "Audiences": ["orders"] })).await.unwrap();
        assert_eq!(
            (&derived["IssuedTokenType"], &derived["TokenType"]),
            (&json!("ACCESS_TOKEN"), &json!("Bearer"))
        );
        assert_eq!(derived["Scopes"], json!([]));
        // No longer than the token it comes of, which has lived ten minutes.
        assert!((2990..=3000).contains(&derived["ExpiresIn"].as_i64().unwrap()), "{derived}");
        let token = derived["IssuedToken"].as_str().unwrap();
        let (header, claims) = verified(&pool, token).await;
        assert_eq!(names(&header), ["alg", "kid"]);
        let mut expected = [names(&original), vec!["aud", "origin_client_id"]].concat();
        expected.sort_unstable();
        assert_eq!(names(&claims), expected);
        assert_eq!(claims["origin_client_id"], pool.client.as_str());
        for same in ["sub", "username", "event_id", "origin_jti", "auth_time", "exp", "token_use"] {
            assert_eq!(claims[same], original[same], "{same}");
        }
        assert_ne!(claims["jti"], original["jti"]);
        assert_eq!(claims["client_id"], service.pool.client.as_str());
        assert_eq!((&claims["aud"], &claims["scope"]), (&json!("orders"), &json!("")));
        // TOK-4: the account is not managed with it.
        assert_eq!(get_user(server, token).await.unwrap_err(), lacks_scope());

        // It is, where the client may have the scope and the user's token has it.
        let derived = trusted.derive(subject, json!({})).await.unwrap();
        assert_eq!(derived["Scopes"], json!([ADMIN]));
        let managing = derived["IssuedToken"].as_str().unwrap();
        get_user(server, managing).await.unwrap();
        // What is derived again grants no more than what it comes of.
        let less = trusted.token(token, json!({ "Scopes": [ADMIN] })).await;
        assert_eq!(get_user(server, &less).await.unwrap_err(), lacks_scope());

        // It ends with the session (TOK-3).
        let revoke = server.aws.revoke_token().client_id(&pool.client);
        revoke.token(tokens.refresh_token().unwrap()).send().await.unwrap();
        let revoked = ("NotAuthorizedException".to_owned(), "Access Token has been revoked".to_owned());
        assert_eq!(get_user(server, managing).await.unwrap_err(), revoked);
        for token in [subject, token, managing] {
            assert_eq!(service.derive(token, json!({})).await.unwrap_err(), revoked);
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn scopes_are_those_of_the_request_the_subject_and_the_client(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db.clone(), async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        resource_server(&pool, "orders", &["read", "write", "delete"]).await;
        resource_server(&pool, "bills", &["read"]).await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        // Custom scopes come of the OAuth endpoints.
        let mut connection = db.connect().await.unwrap();
        let scopes = ["orders/read", "orders/write", "bills/read", "email"].map(str::to_owned);
        let update = sqlx::query("update user_sessions set scopes = $1").bind(scopes.as_slice());
        update.execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let refreshed = pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        let subject = refreshed.authentication_result.unwrap().access_token.unwrap();

        let allowed = ["orders/write", "orders/read", "orders/delete", ADMIN, "email"];
        let service = Exchanger::new(&pool, &[IMPERSONATION], &allowed).await;
        let scope = async |others: Value| service.claims(&subject, others).await["scope"].clone();
        assert_eq!(scope(json!({})).await, "orders/read orders/write email");
        let wanted = ["orders/write", "orders/delete", "bills/read", ADMIN, "nonsense", "orders/write"];
        assert_eq!(scope(json!({ "Scopes": wanted })).await, "orders/write");
        assert_eq!(scope(json!({ "Scopes": ["openid"] })).await, "");
        let claims = service.claims(&subject, json!({ "Resources": ["bills"] })).await;
        assert_eq!(
            (&claims["aud"], &claims["scope"]),
            (&json!("bills"), &json!("orders/read orders/write email"))
        );
        // Who the user is comes to light only by a token that may tell.
        let told = service.derive(&subject, json!({ "RequestedTokenType": "ID_TOKEN" })).await.unwrap_err();
        assert_eq!(told, lacks_scope());
        let delete = server.aws.delete_resource_server().user_pool_id(&pool.id).identifier("orders");
        delete.send().await.unwrap();
        assert_eq!(scope(json!({})).await, "email");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_id_token_is_derived_as_its_client_may_read(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let (access, id) = (tokens.access_token().unwrap(), tokens.id_token().unwrap());
        let service = Exchanger::new(&pool, &[IMPERSONATION], &[]).await;
        let wanted = json!({ "RequestedTokenType": "ID_TOKEN" });
        let derived = service.derive(access, wanted.clone()).await.unwrap();
        assert_eq!((&derived["IssuedTokenType"], &derived["TokenType"]), (&json!("ID_TOKEN"), &json!("N_A")));
        assert!(derived.get("Scopes").is_none());
        let token = derived["IssuedToken"].as_str().unwrap();
        let (_, claims) = verified(&pool, token).await;
        let (_, original) = verified(&pool, id).await;
        let mut expected = [names(&original), vec!["origin_client_id"]].concat();
        expected.sort_unstable();
        assert_eq!(names(&claims), expected);
        assert_eq!(claims["aud"], service.pool.client.as_str());
        assert_eq!(claims["email"], email_of("ada"));

        // From an ID token: it grants no scopes, and neither does what comes of it.
        let from_id = json!({ "SubjectTokenType": "ID_TOKEN" });
        let trusted = Exchanger::new(&pool, &[IMPERSONATION], &[ADMIN]).await;
        for subject in [id, token] {
            assert_eq!(trusted.claims(subject, from_id.clone()).await["scope"], "", "{subject}");
        }
        // Attributes that the client of either token may not read are in no token of the other.
        let update =
            server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&trusted.pool.client);
        let update = update.explicit_auth_flows(ExplicitAuthFlowsType::from(IMPERSONATION));
        update.read_attributes("email").send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let both = json!({ "SubjectTokenType": "ID_TOKEN", "RequestedTokenType": "ID_TOKEN" });
        let narrow = trusted.token(id, both.clone()).await;
        let (_, narrow_claims) = verified(&pool, &narrow).await;
        assert!(narrow_claims.get("email_verified").is_none() && narrow_claims.get("email").is_some());
        let through = service.claims(&narrow, both.clone()).await;
        assert!(through.get("email_verified").is_none() && through.get("email").is_some());
        // What is made for a service is that service's alone.
        let mut elsewhere = both.clone();
        elsewhere["Audiences"] = json!(["elsewhere"]);
        let elsewhere = service.token(id, elsewhere).await;
        let refused = service.derive(&elsewhere, both).await.unwrap_err();
        assert_eq!(refused, ("NotAuthorizedException".to_owned(), "Invalid ID Token".to_owned()));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn who_acts_for_a_user_is_named_and_never_forgotten(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        pool.admin_user("bob").await;
        resource_server(&pool, "orders", &["read"]).await;
        let subject = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let of_bob = pool.sign_in("bob", PASSWORD).await;
        let machines = [Machine::new(&pool, &["orders/read"]).await, Machine::new(&pool, &["orders/read"]).await];
        let [(first, _), (second, _)] =
            [machines[0].token(&[]).await.unwrap(), machines[1].token(&[]).await.unwrap()];
        let flows = [DELEGATION, IMPERSONATION];
        let service = Exchanger::new(&pool, &flows, &[]).await;
        let acts = |claims: &Value| claims["act"].clone();
        let ids = machines.each_ref().map(Machine::client);

        let by_first = service.token(&subject, acting(&first)).await;
        let (_, claims) = verified(&pool, &by_first).await;
        assert_eq!(acts(&claims), json!({ "sub": ids[0] }));
        assert_eq!(claims["username"], "ada");
        // One after the other, and a user for whom somebody acts already.
        let by_second = service.claims(&by_first, acting(&second)).await;
        assert_eq!(acts(&by_second), json!({ "sub": ids[1], "act": { "sub": ids[0] } }));
        let bob = verified(&pool, of_bob.id_token().unwrap()).await.1["sub"].clone();
        let by_bob = json!({ "ActorToken": of_bob.id_token(), "ActorTokenType": "ID_TOKEN" });
        assert_eq!(acts(&service.claims(&subject, by_bob).await), json!({ "sub": bob }));
        let for_bob = service.token(of_bob.access_token().unwrap(), acting(&second)).await;
        let nested = service.claims(&by_first, acting(&for_bob)).await;
        let expected = json!({ "sub": bob, "act": { "sub": ids[1], "act": { "sub": ids[0] } } });
        assert_eq!(acts(&nested), expected);
        // Exchanging it without an actor does not wash the actors off, in neither kind of token.
        for kind in ["ACCESS_TOKEN", "ID_TOKEN"] {
            let from = match kind {
                "ID_TOKEN" => json!({ "RequestedTokenType": kind, "ActorToken": first, "ActorTokenType": "ACCESS_TOKEN" }),
                _ => acting(&first),
            };
            let acted = service.token(&subject, from).await;
            let washed = service.claims(&acted, json!({ "SubjectTokenType": kind, "RequestedTokenType": kind })).await;
            assert_eq!(acts(&washed), json!({ "sub": ids[0] }), "{kind}");
        }

        // A chain ends somewhere.
        let mut token = subject.clone();
        for _ in 0..8 {
            token = service.token(&token, acting(&first)).await;
        }
        let refused = service.derive(&token, acting(&first)).await.unwrap_err();
        let message = "A token can name at most 8 actors.".to_owned();
        assert_eq!(refused, ("InvalidParameterException".to_owned(), message));
    })
    .await;
}
