//! Sessions of browsers beside those of tokens.

use std::time::Duration;

use super::*;
use crate::authorization::App;
use crate::browser::Browser;

/// A browser's session and the tokens that came of it, as the operations show and end them.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn sessions_of_browsers_are_listed_and_end_with_what_is_linked(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let sessions = Sessions::tracked(server, 1).await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        let app = App::public(&sessions.pool).await;
        for (kind, linked) in [("sso", true), ("sso", false), ("tkn", true), ("tkn", false)] {
            server.clock.advance(chrono::Duration::seconds(1));
            let mut browser = Browser::new(&sessions.pool);
            let sent = app.signed_in(&mut browser, "ada", &[]).await;
            let (_, tokens) = app.exchange(&sent.sent("code").unwrap(), &[]).await;
            let access = tokens["access_token"].as_str().unwrap();

            let all = sessions.of("ada").await;
            let text =
                |session: &Value, member: &str| session[member].as_str().unwrap_or_default().to_owned();
            let of_kind = |kind: &str| {
                let named = |it: &&Value| text(it, "SessionId").starts_with(kind);
                all.iter().filter(named).cloned().collect::<Vec<_>>()
            };
            // One session of tokens at a time; browsers do not count.
            let tkn = &of_kind("tkn")[..];
            assert_eq!(tkn.len(), 1);
            let origin = text(&tkn[0], "OriginSessionId");
            let sso = of_kind("sso").into_iter().find(|it| text(it, "SessionId") == origin).unwrap();
            assert_eq!(
                (text(&tkn[0], "SessionType"), text(&sso, "SessionType")),
                ("TOKEN".into(), "SSO".into())
            );
            assert_eq!(sso["OriginSessionId"], Value::Null);

            let ended = if kind == "sso" { origin } else { text(&tkn[0], "SessionId") };
            let associated = if linked { "LINKED" } else { "NONE" };
            let revoke = json!({
                "Username": "ada", "SessionId": ended, "RevokeAssociatedSessions": associated,
            });
            sessions.signed("AdminRevokeUserSession", revoke).await.unwrap();
            let tokens_go_on = app.userinfo(access).await.0 == 200;
            let browser_goes_on = browser.get(&app.authorize(&[])).await.sent("code").is_some();
            assert_eq!(tokens_go_on, !linked && kind == "sso", "{kind} {linked}");
            assert_eq!(browser_goes_on, !linked && kind == "tkn", "{kind} {linked}");
        }
    })
    .await;
}
