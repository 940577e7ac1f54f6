//! Signatures of requests (AWS-2, AWS-3).

use std::time::Duration;

use cognate_store::access_key;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::signing::{Answer, Key, Signed, Unsigned, call};
use crate::server::{Setup, TestServer};

const LIST: &str = "ListUserPools";

fn list(server: &TestServer) -> Unsigned {
    call(server, LIST, json!({ "MaxResults": 60 }))
}

fn assert_invalid(answer: &Answer, reason: &str) {
    assert_eq!((answer.status, answer.error().as_str()), (400, "InvalidSignatureException"), "{reason}");
    assert!(answer.message().contains(reason), "{}", answer.message());
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided.";

/// Case 27.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_signature_is_for_one_time_place_and_service(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let key = Key::new(server).await;
        let minutes = chrono::Duration::minutes;
        let at = |offset| Unsigned { at: server.clock.now() + offset, ..list(server) };
        for offset in [minutes(0), minutes(-4), minutes(4)] {
            let answer = at(offset).send(server, &key).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        assert_invalid(&at(minutes(-6)).send(server, &key).await, "Signature expired: ");
        assert_invalid(&at(minutes(6)).send(server, &key).await, "Signature not yet current: ");

        let elsewhere = Unsigned { region: "eu-west-1", ..list(server) };
        let valid_region = "Credential should be scoped to a valid region. ";
        assert_invalid(&elsewhere.send(server, &key).await, valid_region);
        for service in ["cognito-identity", "s3"] {
            let other = Unsigned { service, ..list(server) };
            let correct = "Credential should be scoped to correct service: 'cognito-idp'. ";
            assert_invalid(&other.send(server, &key).await, correct);
        }
    })
    .await;
}

/// Case 27.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_signature_covers_host_time_and_target(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let key = Key::new(server).await;
        let covering = |headers| Unsigned { headers, ..list(server) };
        let least = covering(&["host", "x-amz-date", "x-amz-target"]).send(server, &key).await;
        assert_eq!(least.status, 200, "{}", least.body);
        for (headers, name) in [
            (&["x-amz-date", "x-amz-target"][..], "'Host' or ':authority'"),
            (&["host", "x-amz-target"], "'x-amz-date'"),
            (&["host", "x-amz-date"], "'x-amz-target'"),
        ] {
            let reason = format!("{name} must be a 'SignedHeader' in the AWS Authorization.");
            assert_invalid(&covering(headers).send(server, &key).await, &reason);
        }
    })
    .await;
}

/// Case 26.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn nothing_that_was_signed_may_change(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let key = Key::new(server).await;
        let spoilt = async |spoil: &dyn Fn(&mut Signed)| {
            let mut request = list(server).sign(server, &key);
            spoil(&mut request);
            request.send(server).await
        };
        let header = |request: &mut Signed, name: &str, change: &dyn Fn(&str) -> String| {
            let (_, value) = request.headers.iter_mut().find(|(known, _)| *known == name).unwrap();
            *value = change(value);
        };
        assert_eq!(spoilt(&|_| {}).await.status, 200);
        // One byte of the body.
        assert_invalid(&spoilt(&|request| request.body = request.body.replace("60", "61")).await, MISMATCH);
        assert_invalid(&spoilt(&|request| request.body.push(' ')).await, MISMATCH);
        assert_invalid(&spoilt(&|request| request.body.clear()).await, MISMATCH);
        let other_target = |request: &mut Signed| {
            header(request, "x-amz-target", &|value| value.replace(LIST, "CreateUserPool"));
        };
        assert_invalid(&spoilt(&other_target).await, MISMATCH);
        let other_type = |request: &mut Signed| {
            header(request, "content-type", &|_| "application/json".to_owned());
        };
        assert_invalid(&spoilt(&other_type).await, MISMATCH);
        let flipped = |request: &mut Signed| {
            header(request, "authorization", &|value| {
                let last = if value.ends_with('0') { "1" } else { "0" };
                format!("{}{last}", &value[..value.len() - 1])
            });
        };
        assert_invalid(&spoilt(&flipped).await, MISMATCH);
        let upper = |request: &mut Signed| {
            header(request, "authorization", &|value| {
                let (start, signature) = value.split_once("Signature=").unwrap();
                format!("{start}Signature={}", signature.to_uppercase() + "A")
            });
        };
        assert_invalid(&spoilt(&upper).await, MISMATCH);

        // A signed header twice, with the value that was signed or another.
        for (name, value) in [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-date", "20260101T000000Z"),
            // Another host than the one that was signed, for an HTTP client sends one only.
            ("host", "elsewhere.example"),
        ] {
            let twice = spoilt(&|request| request.headers.push((name, value.to_owned()))).await;
            assert_eq!((twice.status, twice.error().as_str()), (400, "InvalidSignatureException"), "{name}");
        }
        let two = spoilt(&|request| {
            let again = request.headers.iter().find(|(name, _)| *name == "authorization").unwrap().clone();
            request.headers.push(again);
        });
        assert!((400..500).contains(&two.await.status));

        // No unsigned payloads, whatever is claimed of the body.
        let unsigned = spoilt(&|request| {
            request.headers.push(("x-amz-content-sha256", "UNSIGNED-PAYLOAD".to_owned()));
        });
        assert_invalid(&unsigned.await, "'X-Amz-Content-SHA256' is not the SHA-256 of the body.");
        // A session token that nobody signed for; there are no temporary credentials either.
        let token = spoilt(&|request| request.headers.push(("x-amz-security-token", "token".to_owned())));
        assert_invalid(&token.await, "'x-amz-security-token' must be a 'SignedHeader'");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_authorization_that_cannot_be_read_is_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        for authorization in [
            "",
            "Bearer abc",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b",
            "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=Host, Signature=b",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, Credential=a/b/c/d/e, SignedHeaders=host, Signature=b",
            "AWS3-HMAC-SHA1 Credential=a/b/c/d/e, SignedHeaders=host, Signature=b",
        ] {
            let request = server.http.post(&server.url).body("{}").header("authorization", authorization);
            let request = request.header("x-amz-target", format!("AWSCognitoIdentityProviderService.{LIST}"));
            let refused = Answer::of(request.send().await.unwrap()).await;
            let said = (refused.status, refused.error());
            assert_eq!(said, (400, "IncompleteSignatureException".to_owned()), "{authorization}");
        }
        // A signed query string is no signature.
        let url = format!("{}/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0", server.url);
        let request = server.http.post(url).body("{}");
        let request = request.header("x-amz-target", format!("AWSCognitoIdentityProviderService.{LIST}"));
        let refused = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(refused.error(), "MissingAuthenticationTokenException");
    })
    .await;
}

/// AWS-3.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_disabled_or_deleted_key_stops_within_a_second_everywhere(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let replica = server.replica().await;
        let (disabled, deleted, kept) =
            (Key::new(server).await, Key::new(server).await, Key::new(server).await);
        let there = crate::server::client(&replica.url, &disabled.id, &disabled.secret);
        there.list_user_pools().max_results(1).send().await.unwrap();
        for key in [&disabled, &deleted, &kept] {
            assert_eq!(list(server).send(server, key).await.status, 200);
        }
        assert!(access_key::set_enabled(&server.db, &server.account, &disabled.id, false).await.unwrap());
        assert!(access_key::delete(&server.db, &server.account, &deleted.id).await.unwrap());
        tokio::time::sleep(Duration::from_secs(1)).await;
        for key in [&disabled, &deleted] {
            let refused = list(server).send(server, key).await;
            assert_eq!((refused.status, refused.error().as_str()), (400, "UnrecognizedClientException"));
            assert_eq!(refused.message(), "The security token included in the request is invalid.");
        }
        let refused = there.list_user_pools().max_results(1).send().await.unwrap_err();
        assert_eq!(crate::server::said(refused).0, "UnrecognizedClientException");
        assert_eq!(list(server).send(server, &kept).await.status, 200);
        access_key::set_enabled(&server.db, &server.account, &disabled.id, true).await.unwrap();
        assert_eq!(list(server).send(server, &disabled).await.status, 200);
        replica.stop().await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn development_mode_takes_any_key_but_not_none(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { development: true, ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        server.user_pool().await;
        let any = Key { id: "any".into(), secret: "thing".into() };
        let answer = list(server).send(server, &any).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.json()["UserPools"].as_array().unwrap().len(), 1);
        let (status, unsigned) = server.refusal(LIST, r#"{"MaxResults":60}"#).await;
        assert_eq!((status, &unsigned["__type"]), (400, &json!("MissingAuthenticationTokenException")));
    })
    .await;
}
