//! Sessions where a pool tracks them: listing, ending single ones, and how many there may be. By hand: the SDK does not know
//! these operations yet.

mod activity;
mod browsers;

use aws_sdk_cognitoidentityprovider::types::AuthenticationResultType;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::security::signing::{Key, call};
use crate::server::{PASSWORD, TestPool, TestServer, said};

/// What an operation answers, or the name and message of its error.
type Outcome = Result<Value, (String, String)>;

/// A pool whose sessions are looked at.
struct Sessions<'a> {
    pool: TestPool<'a>,
    key: Key,
}

/// A user who is in.
struct SignedIn {
    access: String,
    refresh: String,
}

impl SignedIn {
    fn of(tokens: AuthenticationResultType) -> Self {
        Self { access: tokens.access_token.unwrap(), refresh: tokens.refresh_token.unwrap() }
    }
}

impl<'a> Sessions<'a> {
    /// A pool that tracks, with two users.
    async fn tracked(server: &'a TestServer, most: i32) -> Self {
        let sessions = Self { pool: server.user_pool().await, key: Key::new(server).await };
        sessions.track("ENABLED", most).await;
        for name in ["ada", "bob"] {
            sessions.pool.admin_user(name).await;
        }
        sessions
    }

    async fn track(&self, tracking: &str, most: i32) {
        let members = json!({ "UserSessionTracking": tracking, "TokenSession": { "MaxPerUser": most } });
        self.signed("SetUserPoolSessionConfiguration", members).await.unwrap();
    }

    async fn signed(&self, operation: &str, members: Value) -> Outcome {
        let mut body = json!({ "UserPoolId": self.pool.id });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let answer = call(self.pool.server, operation, body).send(self.pool.server, &self.key).await;
        if answer.status == 200 { Ok(answer.json()) } else { Err((answer.error(), answer.message())) }
    }

    /// Calls an operation from a device.
    async fn from(&self, user_agent: &str, operation: &str, body: Value) -> Outcome {
        let request = self.pool.server.http.post(&self.pool.server.url).header("user-agent", user_agent);
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let request = request.header("x-amz-target", target).body(body.to_string());
        let answer = request.send().await.unwrap();
        let is_success = answer.status().is_success();
        let answer: Value = answer.json().await.unwrap();
        let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
        if is_success { Ok(answer) } else { Err((text("__type"), text("message"))) }
    }

    async fn public(&self, operation: &str, body: Value) -> Outcome {
        self.from("test/1", operation, body).await
    }

    async fn sign_in(&self, username: &str) -> SignedIn {
        self.sign_in_through(&self.pool.client, username, "test/1").await
    }

    async fn sign_in_through(&self, client: &str, username: &str, user_agent: &str) -> SignedIn {
        let parameters = json!({ "USERNAME": username, "PASSWORD": PASSWORD });
        let body =
            json!({ "ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters });
        let answer = self.from(user_agent, "InitiateAuth", body).await.unwrap();
        let token = |name: &str| answer["AuthenticationResult"][name].as_str().unwrap().to_owned();
        SignedIn { access: token("AccessToken"), refresh: token("RefreshToken") }
    }

    async fn refresh(&self, signed_in: &SignedIn, user_agent: &str) -> Outcome {
        let parameters = json!({ "REFRESH_TOKEN": signed_in.refresh });
        let body = json!({
            "ClientId": self.pool.client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters,
        });
        self.from(user_agent, "InitiateAuth", body).await
    }

    /// A user's sessions as an administrator sees them.
    async fn of(&self, username: &str) -> Vec<Value> {
        let listed = self.signed("AdminListUserSessions", json!({ "Username": username })).await.unwrap();
        assert_eq!(listed.as_object().unwrap().len(), 1, "no next page");
        listed["Sessions"].as_array().unwrap().clone()
    }

    /// The id of the session of a token.
    async fn id_of(&self, signed_in: &SignedIn) -> String {
        let listed = self.public("ListUserSessions", json!({ "AccessToken": signed_in.access })).await;
        let listed = listed.unwrap()["Sessions"].as_array().unwrap().clone();
        let current: Vec<_> = listed.iter().filter(|session| session["IsCurrentSession"] == true).collect();
        assert_eq!(current.len(), 1);
        current[0]["SessionId"].as_str().unwrap().to_owned()
    }

    async fn revoke(&self, by: &SignedIn, session: &str) -> Outcome {
        let body = json!({ "AccessToken": by.access, "SessionId": session });
        self.public("RevokeUserSession", body).await
    }

    /// Whether a session's tokens are accepted.
    async fn is_alive(&self, signed_in: &SignedIn) -> bool {
        let access = self.public("GetUser", json!({ "AccessToken": signed_in.access })).await;
        let refresh = self.refresh(signed_in, "test/1").await;
        for (outcome, token) in [(&access, "Access Token"), (&refresh, "Refresh Token")] {
            if let Err(refusal) = outcome {
                let revoked = format!("{token} has been revoked");
                assert_eq!(*refusal, ("NotAuthorizedException".to_owned(), revoked));
            }
        }
        assert_eq!(access.is_ok(), refresh.is_ok());
        access.is_ok()
    }
}

fn not_found() -> Outcome {
    Err(("ResourceNotFoundException".to_owned(), "Session does not exist.".to_owned()))
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_user_sees_their_sessions_in_every_client_and_nobody_elses(_: PgPoolOptions, db: PgConnectOptions) {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 20).await;
        let other = server.with_client(sessions.pool.id.clone(), false).await;
        let began = server.clock.now().timestamp();
        let first = sessions.sign_in_through(&sessions.pool.client, "ada", FIREFOX).await;
        server.clock.advance(chrono::Duration::seconds(10));
        let second = sessions.sign_in_through(&other.client, "ada", "(unheard of)").await;
        let foreign = sessions.sign_in("bob").await;

        let listed = sessions.public("ListUserSessions", json!({ "AccessToken": first.access })).await;
        let listed = listed.unwrap();
        assert_eq!(listed.as_object().unwrap().len(), 1, "no next page");
        let listed = listed["Sessions"].as_array().unwrap();
        // Newest activity first.
        let [newer, older] = &listed[..] else { panic!("{listed:?}") };
        assert_eq!(older["ClientId"], *sessions.pool.client);
        assert_eq!(
            (&older["DeviceType"], &older["LastIPAddress"]),
            (&json!("Firefox 128, Linux"), &json!("127.0.0.1"))
        );
        assert_eq!(older["IsCurrentSession"], true);
        assert_eq!(newer["ClientId"], *other.client);
        assert_eq!((&newer["DeviceType"], &newer["IsCurrentSession"]), (&json!("unknown"), &json!(false)));
        for (session, seconds) in [(older, 0), (newer, 10)] {
            assert_eq!(session["SessionType"], "TOKEN");
            assert_eq!(session.as_object().unwrap().len(), 8, "nothing that is not known: {session}");
            assert_eq!(session["CreateDate"], session["LastActiveDate"]);
            let created = session["CreateDate"].as_f64().unwrap();
            assert!((created - (began + seconds) as f64).abs() < 5.0, "{session}");
        }
        assert_eq!(sessions.id_of(&second).await, newer["SessionId"].as_str().unwrap());

        // An administrator sees the same, from no session of the user's.
        let mut expected = listed.clone();
        expected.iter_mut().for_each(|session| session["IsCurrentSession"] = json!(false));
        assert_eq!(sessions.of("ada").await, expected);
        assert_eq!(sessions.of("bob").await.len(), 1);
        let ids: Vec<_> = expected.iter().map(|session| session["SessionId"].as_str().unwrap()).collect();
        assert!(!ids.contains(&sessions.id_of(&foreign).await.as_str()));

        // All fits on one page, so every page token is made up.
        let invalid = Err(("InvalidParameterException".to_owned(), "Invalid pagination token".to_owned()));
        let body = json!({ "AccessToken": first.access, "NextToken": "Page2" });
        assert_eq!(sessions.public("ListUserSessions", body).await, invalid);
        let body = json!({ "Username": "ada", "NextToken": "Page2" });
        assert_eq!(sessions.signed("AdminListUserSessions", body).await, invalid);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_ended_session_is_not_listed(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 20).await;
        let (first, second) = (sessions.sign_in("ada").await, sessions.sign_in("ada").await);
        // LINKED would end the session of the hosted pages behind it.
        for (session, linked) in [(&first, "LINKED"), (&second, "NONE")] {
            let body = json!({
                "ClientId": sessions.pool.client, "Token": session.refresh, "RevokeAssociatedSessions": linked,
            });
            sessions.public("RevokeToken", body).await.unwrap();
            assert!(!sessions.is_alive(session).await);
        }
        assert!(sessions.of("ada").await.is_empty());
        let body = json!({ "ClientId": sessions.pool.client, "Token": "x", "RevokeAssociatedSessions": "ALL" });
        assert_eq!(sessions.public("RevokeToken", body).await.unwrap_err().0, "InvalidParameterException");

        // ChangePassword keeps the session that asks.
        let (caller, _) = (sessions.sign_in("ada").await, sessions.sign_in("ada").await);
        let change = server.aws.change_password().access_token(&caller.access).previous_password(PASSWORD);
        change.proposed_password(PASSWORD).send().await.unwrap();
        assert_eq!(sessions.of("ada").await.len(), 1);
        sessions.id_of(&caller).await;
        server.aws.admin_user_global_sign_out().user_pool_id(&sessions.pool.id).username("ada").send().await.unwrap();
        assert!(sessions.of("ada").await.is_empty());

        sessions.sign_in("ada").await;
        server.clock.advance(chrono::Duration::days(31));
        assert!(sessions.of("ada").await.is_empty());
    })
    .await;
}

/// TOK-3: at once where it happened.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_revoked_session_ends_at_once_and_the_others_go_on(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 20).await;
        let own = sessions.sign_in("ada").await;
        let (second, third) = (sessions.sign_in("ada").await, sessions.sign_in("ada").await);
        for session in [&own, &second, &third] {
            assert!(sessions.is_alive(session).await);
        }
        let id = sessions.id_of(&second).await;
        sessions.revoke(&own, &id).await.unwrap();
        assert!(!sessions.is_alive(&second).await);
        assert_eq!(sessions.revoke(&own, &id).await, not_found());

        let body = json!({ "Username": "ada", "SessionId": sessions.id_of(&third).await, "RevokeAssociatedSessions": "LINKED" });
        sessions.signed("AdminRevokeUserSession", body.clone()).await.unwrap();
        assert!(!sessions.is_alive(&third).await);
        assert_eq!(sessions.signed("AdminRevokeUserSession", body).await, not_found());
        assert!(sessions.is_alive(&own).await);
        assert_eq!(sessions.of("ada").await.len(), 1);
    })
    .await;
}

/// TEN-4: somebody else's session looks like one that is not there.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn only_sessions_of_ones_own_can_be_revoked_and_not_the_one_that_asks(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 20).await;
        let elsewhere = Sessions::tracked(server, 20).await;
        let (ada, bob) = (sessions.sign_in("ada").await, sessions.sign_in("bob").await);
        let namesake = elsewhere.sign_in("ada").await;
        let own = sessions.id_of(&ada).await;
        let current = sessions.revoke(&ada, &own).await.unwrap_err();
        assert_eq!(current.0, "InvalidParameterException");
        let none =
            ["tkn0000000000000000000000000", "tknzzzzzzzzzzzzzzzzzzzzzzzzz", "sso0000000000000000000000000"];
        for id in
            [&*sessions.id_of(&bob).await, &*elsewhere.id_of(&namesake).await, none[0], none[1], none[2]]
        {
            assert_eq!(sessions.revoke(&ada, id).await, not_found(), "{id}");
            let body = json!({ "Username": "ada", "SessionId": id });
            assert_eq!(sessions.signed("AdminRevokeUserSession", body).await, not_found(), "{id}");
        }
        for id in ["", "tkn", &own.to_uppercase(), &format!("{own}0"), "xyz0000000000000000000000000"] {
            assert_eq!(sessions.revoke(&ada, id).await.unwrap_err().0, "InvalidParameterException", "{id}");
        }
        for (operation, id) in
            [("AdminListUserSessions", json!(null)), ("AdminRevokeUserSession", json!(own))]
        {
            let nobody = sessions.signed(operation, json!({ "Username": "eve", "SessionId": id })).await;
            let expected = ("UserNotFoundException".to_owned(), "User does not exist.".to_owned());
            assert_eq!(nobody.unwrap_err(), expected);
        }
        for session in [&ada, &bob] {
            assert!(sessions.is_alive(session).await);
        }
        assert!(elsewhere.is_alive(&namesake).await);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_that_does_not_track_says_so(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 1).await;
        sessions.track("DISABLED", 1).await;
        // Nor does it count.
        let (first, second) = (sessions.sign_in("ada").await, sessions.sign_in("ada").await);
        let id = "tkn0000000000000000000000000";
        let off = Err((
            "OperationNotEnabledException".to_owned(),
            "User session tracking is not enabled for the user pool.".to_owned(),
        ));
        let list = sessions.public("ListUserSessions", json!({ "AccessToken": first.access })).await;
        let administrators = json!({ "Username": "ada", "SessionId": id });
        assert_eq!(list, off);
        assert_eq!(sessions.revoke(&first, id).await, off);
        assert_eq!(sessions.signed("AdminListUserSessions", administrators.clone()).await, off);
        assert_eq!(sessions.signed("AdminRevokeUserSession", administrators).await, off);
        for session in [&first, &second] {
            assert!(sessions.is_alive(session).await);
        }
        let body = json!({
            "ClientId": sessions.pool.client, "Token": second.refresh, "RevokeAssociatedSessions": "LINKED",
        });
        sessions.public("RevokeToken", body).await.unwrap();
        assert!(!sessions.is_alive(&second).await);

        // What began meanwhile goes on, so it is shown once the pool tracks; where it came from is not known.
        sessions.track("ENABLED", 20).await;
        let listed = sessions.of("ada").await;
        assert_eq!(listed.len(), 1);
        assert_eq!((&listed[0]["DeviceType"], listed[0].get("LastIPAddress")), (&json!("unknown"), None));
        assert_eq!(listed[0]["SessionId"], sessions.id_of(&first).await);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_session_of_before_a_sign_out_is_nobodys(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 20).await;
        let id = sessions.id_of(&sessions.sign_in("ada").await).await;
        server
            .aws
            .admin_user_global_sign_out()
            .user_pool_id(&sessions.pool.id)
            .username("ada")
            .send()
            .await
            .unwrap();
        let own = sessions.sign_in("ada").await;
        assert_eq!(sessions.revoke(&own, &id).await, not_found());
        // Whoever is disabled is out everywhere.
        server.aws.admin_disable_user().user_pool_id(&sessions.pool.id).username("ada").send().await.unwrap();
        let list = server.aws.get_user().access_token(&own.access).send().await;
        assert_eq!(said(list.unwrap_err()).1, "User is disabled.");
        assert!(sessions.of("ada").await.is_empty());
    })
    .await;
}
