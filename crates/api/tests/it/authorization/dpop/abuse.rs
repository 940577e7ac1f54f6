//! Proofs that do not hold, or have served before.

use jsonwebtoken::Header;

use super::*;

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_proof_that_does_not_hold_costs_nobody_their_code(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        app.configure("dpop", "on").await;
        let (key, url, now) = (Key::new(), app.endpoint("token"), server.clock.now().timestamp());
        let mut browser = Browser::new(&pool);
        let code = app.code(&mut browser, &[]).await;
        let (none, header) = (json!({}), key.header());
        let changed = |change: &dyn Fn(&mut Header)| {
            let mut header = key.header();
            change(&mut header);
            key.signs(&header, &url, now, &none)
        };
        let good = key.signs(&header, &url, now, &none);
        let of_other_key = {
            let mut header = key.header();
            header.jwk = Some(Key::new().jwk);
            key.signs(&header, &url, now, &none)
        };
        let private = {
            let mut header = serde_json::to_value(&header).unwrap();
            header["jwk"]["d"] = json!("AAAA");
            key.signs_raw(&header, &good)
        };
        let unsigned = {
            let header = json!({ "typ": "dpop+jwt", "alg": "none", "jwk": key.jwk });
            let signed = key.signs_raw(&header, &good);
            format!("{}.", &signed[..signed.rfind('.').unwrap()])
        };
        let at = |seconds: i64| key.signs(&header, &url, now + seconds, &none);
        let says = |others: Value| key.signs(&header, &url, now, &others);
        let twice = [&*key.for_tokens(&app), &*key.for_tokens(&app)];
        assert_eq!(error(&app.exchange_with(&twice, &code).await), NO_PROOF, "two");
        let beside = [&*key.for_tokens(&app), "\u{fc}"];
        assert_eq!(error(&app.exchange_with(&beside, &code).await), NO_PROOF, "one beside what is no text");
        for (proof, why) in [
            ("x".to_owned(), "no JWT"),
            (String::new(), "nothing"),
            (says(json!({ "more": "x".repeat(4000) })), "too long"),
            (format!("{good}x"), "another signature"),
            (of_other_key, "another key's"),
            (private, "with a private key"),
            (unsigned, "unsigned"),
            (changed(&|header| header.typ = Some("JWT".to_owned())), "another kind of JWT"),
            (changed(&|header| header.jwk = None), "without its key"),
            (changed(&|header| header.crit = Some(vec!["x".to_owned()])), "with what must be understood"),
            (at(-310), "old"),
            (at(70), "of the future"),
            (says(json!({ "htm": "GET" })), "for another method"),
            (says(json!({ "htm": "post" })), "for a method that is none"),
            (says(json!({ "htu": app.endpoint("revoke") })), "for another endpoint"),
            (says(json!({ "htu": "https://elsewhere.example/oauth2/token" })), "for another server"),
            (says(json!({ "jti": "" })), "without a name"),
            (says(json!({ "jti": 7 })), "with a name that is none"),
            (says(json!({ "jti": "x".repeat(600) })), "with a long name"),
            (says(json!({ "iat": "now" })), "without a time"),
            (says(json!({ "htu": null })), "without a place"),
        ] {
            assert_eq!(error(&app.exchange_with(&[&proof], &code).await), NO_PROOF, "{why}");
        }
        let (status, tokens) = app.exchange_with(&[&good], &code).await;
        assert_eq!((status, text(&tokens, "token_type")), (200, "DPoP"), "{tokens}");
        let another = app.code(&mut browser, &[]).await;
        assert_eq!(error(&app.exchange_with(&[&good], &another).await), NO_PROOF, "a second time");
        // A query and the case of letters make no other place.
        let proof = says(json!({ "htu": format!("{}?x=1#y", url.replace("oauth2/token", "OAuth2/Token")) }));
        assert_eq!(app.exchange_with(&[&proof], &another).await.0, 200);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_proof_that_was_used_gets_nobody_another_token(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", ADMIN], false).await;
        app.configure("dpop", "on").await;
        // A client without a secret that may exchange tokens, and knows nothing of keys.
        let other = App::with(&pool, &[OAuthFlowType::Code], &["openid", ADMIN], false).await;
        let update = json!({
            "UserPoolId": pool.id, "ClientId": other.pool.client,
            "ExplicitAuthFlows": ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION"],
            "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid", ADMIN], "CallbackURLs": [CALLBACK],
        });
        let signer = crate::security::signing::Key::of(server, &server.account).await;
        let updated = crate::security::signing::call(server, "UpdateUserPoolClient", &update);
        assert_eq!(updated.send(server, &signer).await.status, 200);
        tokio::time::sleep(Duration::from_millis(900)).await;

        let key = Key::new();
        let code = app.code(&mut Browser::new(&pool), &[]).await;
        let (_, tokens) = app.exchange_with(&[&key.for_tokens(&app)], &code).await;
        let access = text(&tokens, "access_token");
        let call = async |operation: &str, body: &Value, proof: Option<&str>| {
            let post = server.http.post(&server.url).body(body.to_string());
            let post = post.header("content-type", "application/x-amz-json-1.1");
            let post = post.header("x-amz-target", format!("AWSCognitoIdentityProviderService.{operation}"));
            let post = proof.iter().fold(post, |post, proof| post.header("dpop", *proof));
            let answer = post.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        };
        let seen = key.for_call(server, Some(access));
        assert_eq!(call("GetUser", &json!({ "AccessToken": access }), Some(&seen)).await.0, 200);
        let derive = json!({
            "ClientId": other.pool.client, "SubjectToken": access, "SubjectTokenType": "ACCESS_TOKEN",
        });
        for proof in [None, Some(&*seen)] {
            assert_eq!(call("GetDerivedToken", &derive, proof).await.0, 400, "{proof:?}");
        }
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", access),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ];
        let seen = key.for_tokens(&app);
        let refresh = text(&tokens, "refresh_token");
        assert_eq!(app.refresh_with(&[&seen], refresh).await.0, 200);
        assert_ne!(other.token_with(&[&seen], &form).await.0, 200);
        assert_ne!(other.token_with(&[], &form).await.0, 200);
        // Whoever has the key may, and where tokens are bound gets one that is.
        let (status, derived) = other.token_with(&[&key.for_tokens(&other)], &form).await;
        assert_eq!((status, text(&derived, "token_type")), (200, "Bearer"), "{derived}");
        other.configure("dpop", "on").await;
        let (status, derived) = other.token_with(&[&key.for_tokens(&other)], &form).await;
        assert_eq!((status, text(&derived, "token_type")), (200, "DPoP"), "{derived}");
        assert_ne!(other.token_with(&[&Key::new().for_tokens(&other)], &form).await.0, 200);
        let (status, told) = call("GetDerivedToken", &derive, Some(&key.for_call(server, None))).await;
        assert_eq!((status, told["__type"].as_str()), (400, Some("InvalidParameterException")), "{told}");
    })
    .await;
}
