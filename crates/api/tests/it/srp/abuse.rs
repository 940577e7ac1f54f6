//! Handshakes that come again, elsewhere or late, and numbers that are none.

use super::*;

/// TOK-9: once, whichever server is asked.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_handshake_works_once(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let replica = server.replica().await;
        let there = client(&replica.url, "nobody", "nothing");
        let (_, responses) = challenged(&pool, "ada", PASSWORD).await;
        let proofs = (0..20).map(|number| {
            let aws = if number % 2 == 0 { &there } else { &server.aws };
            let respond = aws.respond_to_auth_challenge().client_id(&pool.client);
            let respond = respond.challenge_name(ChallengeNameType::PasswordVerifier);
            respond.set_challenge_responses(Some(responses.clone())).send()
        });
        let outcomes = futures_util::future::join_all(proofs).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        replica.stop().await;

        // A wrong proof uses it up as well.
        let (_, responses) = challenged(&pool, "ada", PASSWORD).await;
        let mut wrong = responses.clone();
        wrong.insert("PASSWORD_CLAIM_SIGNATURE".into(), STANDARD.encode([7; 32]));
        assert_eq!(proof(&pool, &wrong).await, WRONG);
        assert_eq!(proof(&pool, &responses).await, WRONG);
        // It was right all the same, and is not counted.
        for _ in 0..3 {
            assert_eq!(guess(&pool, "ada", OTHER_PASSWORD).await, WRONG);
        }
        sign_in(&pool, "ada", PASSWORD).await;
    })
    .await;
}

/// MFA-4: bound to client, pool, user, both public values and the time.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_proof_is_good_for_what_it_was_made_for(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let (same_pool, other_pool) =
            (server.with_client(pool.id.clone(), false).await, server.user_pool().await);
        for name in ["ada", "bob"] {
            pool.admin_user(name).await;
            other_pool.admin_user(name).await;
        }
        let (_, good) = challenged(&pool, "ada", PASSWORD).await;
        for elsewhere in [&same_pool, &other_pool] {
            assert_eq!(proof(elsewhere, &good).await, WRONG);
        }
        let (_, other) = challenged(&pool, "ada", PASSWORD).await;
        let block = good["PASSWORD_CLAIM_SECRET_BLOCK"].clone();
        let changed = |key: &str, value: &str| {
            let mut responses = good.clone();
            responses.insert(key.into(), value.into());
            responses
        };
        let tampered =
            format!("{}{}", &block[..40], if &block[40..41] == "A" { "B" } else { "A" }) + &block[41..];
        for (key, value) in [
            ("USERNAME", "bob"),
            ("USERNAME", "nobody"),
            ("PASSWORD_CLAIM_SECRET_BLOCK", &*tampered),
            ("PASSWORD_CLAIM_SECRET_BLOCK", "?"),
            ("TIMESTAMP", "Tue Jan 6 03:04:05 UTC 2026"),
            ("TIMESTAMP", "now"),
        ] {
            assert_eq!(proof(&pool, &changed(key, value)).await, WRONG, "{key}: {value}");
        }
        // However often that is said of somebody, it hinders nobody's guess at their password.
        for _ in 0..6 {
            assert_eq!(proof(&pool, &changed("USERNAME", "bob")).await, WRONG);
        }
        sign_in(&pool, "bob", PASSWORD).await;
        // Nothing of that was a guess, so the handshake still works, in the other alphabet of base64 too.
        let url_safe = block.replace('+', "-").replace('/', "_");
        assert_eq!(proof(&pool, &changed("PASSWORD_CLAIM_SECRET_BLOCK", &url_safe)).await, "");
        let swapped = changed("PASSWORD_CLAIM_SECRET_BLOCK", &other["PASSWORD_CLAIM_SECRET_BLOCK"]);
        assert_eq!(proof(&pool, &swapped).await, WRONG);

        // A password that changes in between, and a client that takes its time.
        let (_, responses) = challenged(&pool, "ada", PASSWORD).await;
        pool.set_password("ada", OTHER_PASSWORD, true).await;
        assert_eq!(proof(&pool, &responses).await, WRONG);
        let (_, responses) = challenged(&pool, "ada", OTHER_PASSWORD).await;
        server.clock.advance(Duration::minutes(4));
        assert_eq!(proof(&pool, &responses).await, WRONG);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn numbers_and_members_that_are_none_are_named(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let with = |key: &str, value: Option<&str>| {
            let mut opening =
                SrpClient::new("ada", PASSWORD, &pool.id, &pool.client, None).get_auth_params().unwrap();
            match value {
                Some(value) => opening.insert(key.into(), value.into()),
                None => opening.remove(key),
            };
            opening
        };
        for key in ["USERNAME", "SRP_A"] {
            let said = begin(&pool, with(key, None)).await.unwrap_err();
            assert_eq!(said, format!("Missing required parameter {key}"));
        }
        // RFC 5054, section 2.5.4: A must not be a multiple of N.
        let (n, too_long) =
            (BigNum::get_rfc3526_prime_3072().unwrap().to_hex_str().unwrap(), "f".repeat(771));
        for value in ["0", "00", "-1", "0x10", "g", &too_long, &n] {
            assert_eq!(
                begin(&pool, with("SRP_A", Some(value))).await.unwrap_err(),
                "Invalid SRP_A.",
                "{value}"
            );
        }
        let (_, responses) = challenged(&pool, "ada", PASSWORD).await;
        for key in ["USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"] {
            let mut responses = responses.clone();
            responses.remove(key);
            assert_eq!(proof(&pool, &responses).await, format!("Missing required parameter {key}"));
        }
        // What clients add is no hindrance.
        let mut responses = responses;
        responses.insert("DEVICE_NAME".into(), "anything".into());
        assert_eq!(proof(&pool, &responses).await, "");
    })
    .await;
}
