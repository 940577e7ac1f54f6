//! What is noted of sessions, and which of them end when there are too many.

use aws_sdk_cognitoidentityprovider::types::AuthFlowType;
use chrono::Duration;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{Sessions, SignedIn};
use crate::server::{PASSWORD, TestServer, client, said};

/// When and on what the only session of a user was last in use.
async fn activity(sessions: &Sessions<'_>) -> (f64, String) {
    let listed = sessions.of("ada").await;
    assert_eq!(listed.len(), 1);
    let at = listed[0]["LastActiveDate"].as_f64().unwrap() - listed[0]["CreateDate"].as_f64().unwrap();
    (at, listed[0]["DeviceType"].as_str().unwrap().to_owned())
}

/// Refreshing is a measured path: it writes this at most once a minute.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_refresh_moves_the_last_activity_once_a_minute(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 20).await;
        let session = sessions.sign_in("ada").await;
        for (after, noted, device) in
            [(30, 0.0, "test 1"), (35, 65.0, "curl 8"), (40, 65.0, "curl 8"), (20, 125.0, "curl 8")]
        {
            server.clock.advance(Duration::seconds(after));
            sessions.refresh(&session, "curl/8.5.0").await.unwrap();
            let (at, on) = activity(&sessions).await;
            assert!((at - noted).abs() < 5.0, "{at} for {noted}");
            assert_eq!(on, device);
        }
        // Rotation is no other way.
        server.clock.advance(Duration::seconds(61));
        let body = json!({ "ClientId": sessions.pool.client, "RefreshToken": session.refresh });
        sessions.from("shop/2", "GetTokensFromRefreshToken", body).await.unwrap();
        assert_eq!(activity(&sessions).await.1, "shop 2");
        // Reading moves nothing, and neither does a refresh where nothing is tracked.
        sessions.track("DISABLED", 20).await;
        server.clock.advance(Duration::seconds(100));
        sessions.refresh(&session, "curl/8.5.0").await.unwrap();
        sessions.track("ENABLED", 20).await;
        assert_eq!(activity(&sessions).await.1, "shop 2");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_server_says_where_the_user_is_whom_it_signs_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 20).await;
        let body = |address: &str| {
            json!({
                "ClientId": sessions.pool.client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
                "AuthParameters": { "USERNAME": "ada", "PASSWORD": PASSWORD },
                "ContextData": {
                    "IpAddress": address, "ServerName": "shop.example", "ServerPath": "/",
                    "HttpHeaders": [
                        { "headerName": "Accept" },
                        { "headerName": "User-Agent", "headerValue": "Mozilla/5.0 (Windows NT 10.0) Gecko Firefox/128.0" },
                    ],
                },
            })
        };
        for (address, shown) in [("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.8", "192.0.2.8"), ("2001:db8::7", "2001:db8::7")] {
            sessions.signed("AdminInitiateAuth", body(address)).await.unwrap();
            let newest = &sessions.of("ada").await[0];
            assert_eq!((&newest["LastIPAddress"], &newest["DeviceType"]), (&json!(shown), &json!("Firefox 128, Windows")));
        }
        for none in ["", "shop.example", "192.0.2.7, 192.0.2.8"] {
            let refused = sessions.signed("AdminInitiateAuth", body(none)).await.unwrap_err();
            assert_eq!(refused, ("InvalidParameterException".into(), "Invalid IpAddress in ContextData.".into()));
        }
        // Without a word about the user, it is the server that is known.
        let mut bare: Value = body("");
        bare.as_object_mut().unwrap().remove("ContextData");
        sessions.signed("AdminInitiateAuth", bare).await.unwrap();
        assert_eq!(sessions.of("ada").await[0]["LastIPAddress"], "127.0.0.1");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_least_recently_used_session_makes_room(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 3).await;
        let mut all: Vec<SignedIn> = Vec::new();
        for _ in 0..3 {
            all.push(sessions.sign_in("ada").await);
            server.clock.advance(Duration::seconds(90));
        }
        let other = sessions.sign_in("bob").await;
        // The oldest is used again, so the second is the one.
        sessions.refresh(&all[0], "test/1").await.unwrap();
        all.push(sessions.sign_in("ada").await);
        let mut alive = Vec::new();
        for session in &all {
            alive.push(sessions.is_alive(session).await);
        }
        assert_eq!(alive, [true, false, true, true]);

        // A lower number ends nothing by itself.
        sessions.track("ENABLED", 1).await;
        assert_eq!(sessions.of("ada").await.len(), 3);
        server.clock.advance(Duration::seconds(90));
        let last = sessions.sign_in("ada").await;
        let listed = sessions.of("ada").await;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0]["SessionId"], sessions.id_of(&last).await);
        for session in &all {
            assert!(!sessions.is_alive(session).await);
        }
        assert!(sessions.is_alive(&other).await);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn twenty_sign_ins_at_once_leave_as_many_sessions_as_there_may_be(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 3).await;
        let replica = server.replica().await;
        let there = client(&replica.url, "nobody", "nothing");
        let sign_in = async |number: usize| {
            let aws = if number.is_multiple_of(2) { &there } else { &server.aws };
            loop {
                let auth = aws.initiate_auth().client_id(&sessions.pool.client);
                let auth = auth.auth_flow(AuthFlowType::UserPasswordAuth);
                let auth = auth.auth_parameters("USERNAME", "ada").auth_parameters("PASSWORD", PASSWORD);
                match auth.send().await.map_err(said) {
                    Ok(answer) => return SignedIn::of(answer.authentication_result.unwrap()),
                    // Many guesses at one password at once are put off.
                    Err((error, _)) => assert_eq!(error, "TooManyRequestsException"),
                }
            }
        };
        let all = join_all((0..20).map(sign_in)).await;
        // The other process may remember a session for a moment that was ended here.
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let alive = join_all(all.iter().map(|session| sessions.is_alive(session))).await;
        assert_eq!(alive.iter().filter(|alive| **alive).count(), 3);
        assert_eq!(sessions.of("ada").await.len(), 3);
        replica.stop().await;
    })
    .await;
}
