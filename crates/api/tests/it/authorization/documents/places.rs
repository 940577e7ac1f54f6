//! Which places such a client may be at, and may send users back to.

use super::*;

/// SSR-1: whoever anybody names is asked on public hosts over TLS alone, whatever else the operator lets tenants' URLs lead to.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn nobody_has_the_inside_asked(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admit_documents("on").await;
        let host = Host::new();
        let id = &host.id;
        for id in [id.clone(), id.replace("http://", "https://"), id.replace("127.0.0.1", "localhost")] {
            assert_eq!(agent_status(&client(&pool, &id)).await, 400, "{id}");
        }
        let answer = push(&client(&pool, id), &[]).await;
        assert_eq!((answer.0, answer.1["error"].as_str()), (401, Some("invalid_client")), "{}", answer.1);
        assert!(host.receiver.calls().is_empty());
        // Nor does one network have many fetched (LCK-4).
        let page = async |n: u32| {
            let id = format!("https://a.invalid/{n}");
            Browser::new(&pool).get(&client(&pool, &id).authorize(&[])).await
        };
        // The first one was on this machine.
        for n in 1..200 {
            assert_eq!(page(n).await.status, 400);
        }
        let page = page(200).await;
        assert!(page.status == 429 && page.text().contains("Too many attempts"), "{}", page.text());
    })
    .await;
}

/// RFC 8252, section 7.3: a program on the user's machine listens where it can.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_port_of_a_program_on_the_users_machine_is_its_own(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, host) = set_up(server).await;
        let agent = client(&pool, &host.id);
        let uri = "http://127.0.0.1:49152/cb";
        let sent = agent.signed_in(&mut Browser::new(&pool), "ada", &[("redirect_uri", uri)]).await;
        assert!(sent.location().starts_with(&format!("{uri}?code=")), "{}", sent.location());
        let code = sent.sent("code").unwrap();
        let (status, told) = agent.exchange(&code, &[("redirect_uri", "http://127.0.0.1:49153/cb")]).await;
        assert_eq!((status, told["error"].as_str()), (400, Some("invalid_grant")), "not another's");
        for uri in [
            "http://127.0.0.1:49152/other",
            "http://localhost:49152/cb",
            "https://127.0.0.1:49152/cb",
            "https://app.example.com:8443/cb",
        ] {
            let page = Browser::new(&pool).get(&agent.authorize(&[("redirect_uri", uri)])).await;
            assert_eq!(page.status, 400, "{uri}");
        }
        // An owner's client is held to what was registered, byte for byte (OAU-1).
        let known = App::public(&pool).await;
        known.update(&["openid"]).callback_urls("http://127.0.0.1/cb").send().await.unwrap();
        tokio::time::sleep(MEMORY).await;
        for (uri, status) in [("http://127.0.0.1/cb", 302), ("http://127.0.0.1:49152/cb", 400)] {
            let page = Browser::new(&pool).get(&known.authorize(&[("redirect_uri", uri)])).await;
            assert_eq!(page.status, status, "{uri}");
        }
    })
    .await;
}
