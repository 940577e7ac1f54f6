//! What is no subject, no actor and no target, and who does not exchange.

use super::*;
use crate::server::OTHER_PASSWORD;

fn not_authorized(message: &str) -> (String, String) {
    ("NotAuthorizedException".to_owned(), message.to_owned())
}

fn invalid(message: &str) -> (String, String) {
    ("InvalidParameterException".to_owned(), message.to_owned())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn only_a_client_that_may_exchanges(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        resource_server(&pool, "orders", &["read"]).await;
        let subject = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let (machine, _) = Machine::new(&pool, &["orders/read"]).await.token(&[]).await.unwrap();
        let alone = Exchanger::new(&pool, &[IMPERSONATION], &[]).await;
        let acted = Exchanger::new(&pool, &[DELEGATION], &[]).await;
        alone.derive(&subject, json!({})).await.unwrap();
        acted.derive(&subject, acting(&machine)).await.unwrap();
        let refused = alone.derive(&subject, acting(&machine)).await.unwrap_err();
        assert_eq!(refused, invalid("TOKEN_EXCHANGE_DELEGATION is not enabled for the client."));
        let refused = acted.derive(&subject, json!({})).await.unwrap_err();
        assert_eq!(refused, invalid("TOKEN_EXCHANGE_IMPERSONATION is not enabled for the client."));

        let unable =
            not_authorized(&format!("Unable to verify secret hash for client {}", alone.pool.client));
        for secret in [json!(null), json!("x".repeat(52)), json!(acted.secret)] {
            let refused = alone.derive(&subject, json!({ "ClientSecret": secret })).await.unwrap_err();
            assert_eq!(refused, unable, "{secret}");
        }
        let nobody = alone.derive(&subject, json!({ "ClientId": "nobody" })).await.unwrap_err();
        assert_eq!(nobody.0, "ResourceNotFoundException");
        // A client without a secret has none to prove, and none to be given.
        let public = Exchanger {
            pool: TestPool { server, id: pool.id.clone(), client: pool.client.clone() },
            secret: None,
        };
        let refused = public.derive(&subject, json!({})).await.unwrap_err();
        assert_eq!(refused, invalid("TOKEN_EXCHANGE_IMPERSONATION is not enabled for the client."));
        let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
        update.explicit_auth_flows(ExplicitAuthFlowsType::from(IMPERSONATION)).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        public.derive(&subject, json!({})).await.unwrap();
        let given = public.derive(&subject, json!({ "ClientSecret": alone.secret })).await.unwrap_err();
        assert_eq!(given.0, "NotAuthorizedException");
    })
    .await;
}

/// TOK-1 to TOK-3: a subject is a user's own token of this pool with everything behind it in force, and an actor likewise.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_no_token_in_force_is_not_exchanged(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        for pool in [&pool, &other] {
            pool.admin_user("ada").await;
        }
        let (_, stranger) = server.other_account().await;
        let created = stranger.create_user_pool().pool_name("theirs").send().await.unwrap();
        let theirs = created.user_pool.unwrap().id.unwrap();
        let made = stranger.create_user_pool_client().user_pool_id(&theirs).client_name("web");
        let made =
            made.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth).send().await.unwrap();
        let client = made.user_pool_client.unwrap().client_id.unwrap();
        let sign_up = stranger.admin_create_user().user_pool_id(&theirs).username("ada");
        sign_up.temporary_password(OTHER_PASSWORD).send().await.unwrap();
        let set = stranger.admin_set_user_password().user_pool_id(&theirs).username("ada");
        set.password(PASSWORD).permanent(true).send().await.unwrap();
        let theirs = TestPool { server, id: theirs, client };

        resource_server(&pool, "orders", &["read"]).await;
        let (machine, _) = Machine::new(&pool, &["orders/read"]).await.token(&[]).await.unwrap();
        let flows = [DELEGATION, IMPERSONATION];
        let service = Exchanger::new(&pool, &flows, &[ADMIN]).await;
        let good = pool.sign_in("ada", PASSWORD).await;
        let [access, id, refresh] =
            [&good.access_token, &good.id_token, &good.refresh_token].map(|token| token.clone().unwrap());
        let payload = access.split('.').nth(1).unwrap();
        let unsecured = format!("eyJhbGciOiJub25lIn0.{payload}.");
        let (foreign, strange) =
            (other.sign_in("ada", PASSWORD).await, theirs.sign_in("ada", PASSWORD).await);
        let [foreign_access, strange_access] =
            [foreign.access_token(), strange.access_token()].map(Option::unwrap);
        for token in [
            "garbage",
            "a.b.c",
            &unsecured,
            &format!("{access}x"),
            &id,
            &refresh,
            foreign_access,
            strange_access,
        ] {
            let refused = service.derive(token, json!({})).await.unwrap_err();
            assert_eq!(refused, not_authorized("Invalid Access Token"), "{token}");
            let refused = service.derive(&access, acting(token)).await.unwrap_err();
            assert_eq!(refused, not_authorized("Invalid Access Token"), "{token}");
        }
        // No user stands behind a machine's token, so it is nobody's subject.
        assert_eq!(
            service.derive(&machine, json!({})).await.unwrap_err(),
            not_authorized("Invalid Access Token")
        );
        let as_id = json!({ "SubjectTokenType": "ID_TOKEN" });
        let [foreign_id, strange_id] = [foreign.id_token(), strange.id_token()].map(Option::unwrap);
        for token in ["garbage", &access, &machine, &refresh, foreign_id, strange_id] {
            let refused = service.derive(token, as_id.clone()).await.unwrap_err();
            assert_eq!(refused, not_authorized("Invalid ID Token"), "{token}");
        }

        let enable = async |enabled: bool| match enabled {
            true => {
                let enable = server.aws.admin_enable_user().user_pool_id(&pool.id).username("ada");
                enable.send().await.map(drop).unwrap();
            }
            false => {
                let disable = server.aws.admin_disable_user().user_pool_id(&pool.id).username("ada");
                disable.send().await.map(drop).unwrap();
            }
        };
        enable(false).await;
        assert_eq!(
            service.derive(&access, json!({})).await.unwrap_err(),
            not_authorized("User is disabled.")
        );
        assert_eq!(
            service.derive(&id, as_id.clone()).await.unwrap_err(),
            not_authorized("User is disabled.")
        );
        enable(true).await;
        assert_eq!(
            service.derive(&id, as_id.clone()).await.unwrap_err(),
            not_authorized("ID Token has been revoked")
        );

        let tokens = pool.sign_in("ada", PASSWORD).await;
        let (access, id) = (tokens.access_token().unwrap(), tokens.id_token().unwrap());
        let derived = service.token(access, json!({})).await;
        get_user(server, &derived).await.unwrap();
        // The client that it was derived by is part of what is in force.
        let short = Exchanger::new(&pool, &[IMPERSONATION], &[ADMIN]).await;
        let by_short = short.token(access, json!({})).await;
        get_user(server, &by_short).await.unwrap();
        let delete = server.aws.delete_user_pool_client().user_pool_id(&pool.id);
        delete.client_id(&short.pool.client).send().await.unwrap();
        let gone = get_user(server, &by_short).await.unwrap_err();
        assert_eq!(gone, not_authorized("Access Token has been revoked"));
        get_user(server, access).await.unwrap();

        server.clock.advance(Duration::hours(1));
        for token in [access, &derived] {
            let refused = service.derive(token, json!({})).await.unwrap_err();
            assert_eq!(refused, not_authorized("Access Token has expired"));
        }
        let refused = service.derive(id, as_id.clone()).await.unwrap_err();
        assert_eq!(refused, not_authorized("ID Token has expired"));
        let fresh = pool.sign_in("ada", PASSWORD).await;
        let late = service.derive(fresh.access_token().unwrap(), acting(&machine)).await.unwrap_err();
        assert_eq!(late, not_authorized("Access Token has expired"));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_token_is_for_one_service_that_is_no_other_client(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        pool.admin_user("ada").await;
        resource_server(&other, "theirs", &["read"]).await;
        resource_server(&pool, "orders", &["read"]).await;
        let subject = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let service = Exchanger::new(&pool, &[IMPERSONATION], &[]).await;
        let refused = async |others: Value| service.derive(&subject, others).await.unwrap_err();

        for list in ["Audiences", "Resources"] {
            assert_eq!(refused(json!({ list: ["orders", "orders"] })).await.0, "InvalidParameterException");
            service.derive(&subject, json!({ list: [] })).await.unwrap();
        }
        let both = refused(json!({ "Audiences": ["orders"], "Resources": ["orders"] })).await;
        assert_eq!(both, invalid("Audiences and Resources cannot be used together."));
        for nobodys in ["theirs", "nonsense"] {
            let missing = refused(json!({ "Resources": [nobodys] })).await;
            let message = format!("Resource server {nobodys} does not exist.");
            assert_eq!(missing, ("ResourceNotFoundException".to_owned(), message));
        }
        // The client of users takes ID tokens for it as proof of who signs in (FED-2).
        for kind in ["ACCESS_TOKEN", "ID_TOKEN"] {
            let for_other = json!({ "Audiences": [pool.client], "RequestedTokenType": kind });
            assert_eq!(refused(for_other).await, invalid("Audiences cannot name another app client."));
        }
        let own = json!({ "Audiences": [service.pool.client] });
        assert_eq!(service.claims(&subject, own).await["aud"], service.pool.client.as_str());
        // Another pool's client is nobody here: its issuer is another one.
        service.derive(&subject, json!({ "Audiences": [other.client] })).await.unwrap();

        let half = invalid("ActorToken and ActorTokenType must be given together.");
        assert_eq!(refused(json!({ "ActorToken": subject })).await, half);
        assert_eq!(refused(json!({ "ActorTokenType": "ACCESS_TOKEN" })).await, half);
        for (unbuilt, name) in [
            (json!({ "SubjectTokenProviderName": "Corp" }), "SubjectTokenProviderName"),
            (json!({ "ActorTokenProviderName": "Corp" }), "ActorTokenProviderName"),
            (json!({ "SubjectTokenType": "SAML2" }), "SAML2"),
            (json!({ "ActorToken": subject, "ActorTokenType": "SAML2" }), "SAML2"),
        ] {
            let message = format!("{name} is not supported by this server yet.");
            assert_eq!(refused(unbuilt).await, invalid(&message));
        }
    })
    .await;
}
