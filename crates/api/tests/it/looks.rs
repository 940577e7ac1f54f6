//! What the pages of a client look like: its style, its classic style sheet, or what all have (HUI-5).

use aws_sdk_cognitoidentityprovider::primitives::Blob;
use aws_sdk_cognitoidentityprovider::types::{
    AssetCategoryType, AssetExtensionType, AssetType, ColorSchemeModeType,
};
use regex::Regex;
use reqwest::header::HOST;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::authorization::App;
use crate::branding::document;
use crate::browser::{Browser, Page};
use crate::server::{TestServer, said};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand so on";
/// How long a look may be remembered.
const MEMORY: std::time::Duration = std::time::Duration::from_millis(900);

async fn style(app: &App<'_>, settings: Value) -> Result<(), (String, String)> {
    let aws = &app.pool.server.aws;
    let logo = AssetType::builder()
        .category(AssetCategoryType::FormLogo)
        .color_mode(ColorSchemeModeType::Dynamic)
        .extension(AssetExtensionType::Png)
        .bytes(Blob::new(PNG));
    let create = aws.create_managed_login_branding().user_pool_id(&app.pool.id).client_id(&app.pool.client);
    let create = create.settings(document(&settings)).assets(logo.build().unwrap());
    create.send().await.map(|_| ()).map_err(said)
}

fn with_logo() -> Value {
    json!({ "components": {
        "pageBackground": { "lightMode": { "color": "fffaf0ff" } },
        "form": { "logo": { "enabled": true } },
    } })
}

/// The addresses of a page's own style sheets and images.
fn files(page: &Page) -> Vec<String> {
    let file = Regex::new(r#"(?:href|src|srcset)="([^"]*/ui/[^"]*)""#).unwrap();
    file.captures_iter(&page.body).map(|found| found[1].to_owned()).collect()
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_style_is_its_clients_alone(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let (app, other) = (App::public(&pool).await, App::public(&pool).await);
        style(&app, with_logo()).await.unwrap();
        let page = app.opened(&mut Browser::new(&pool), &[]).await;
        let files = files(&page);
        let prefix = format!("/{}/ui/{}/", pool.id, app.pool.client);
        assert!(files.len() == 2 && files.iter().all(|it| it.starts_with(&prefix)), "{files:?}");
        let shown = async |path: &str| server.http.get(format!("{}{path}", server.url)).send().await.unwrap();
        let sheet = shown(&files[0]).await;
        assert_eq!(sheet.headers()["content-type"], "text/css; charset=utf-8");
        assert_eq!(sheet.headers()["x-content-type-options"], "nosniff");
        assert!(sheet.text().await.unwrap().contains("--surface:light-dark(#fffaf0,"));
        let logo = shown(&files[1]).await;
        assert_eq!(logo.headers()["content-type"], "image/png");
        assert!(logo.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
        assert_eq!(logo.bytes().await.unwrap(), PNG);
        for elsewhere in [
            files[1].replace(&app.pool.client, &other.pool.client),
            files[0].replace(&app.pool.client, "ALL"),
            files[0].replacen('/', "/x", 1),
            format!("{prefix}x.css"),
        ] {
            assert_eq!(shown(&elsewhere).await.status(), 404, "{elsewhere}");
        }
        let plain = other.opened(&mut Browser::new(&pool), &[]).await;
        assert!(self::files(&plain).is_empty());
        // What the pages say beside the form looks like it too.
        let refused = Browser::new(&pool).get(&app.page("signup", &[("scope", "openid")])).await;
        assert_eq!(self::files(&refused).len(), 2, "{}", refused.body);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_domain_shows_the_pages_that_its_owner_chose(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        style(&app, with_logo()).await.unwrap();
        let css = ".label-customizable {font-weight: 400;}";
        let classic = server.aws.set_ui_customization().user_pool_id(&pool.id).client_id("ALL").css(css);
        classic.send().await.unwrap();
        pool.on_prefix("shop").await;
        let path = app.page("login", &[]).replacen(&format!("/{}/", pool.id), "/", 1);
        let sheet = async || {
            let get =
                |path: &str| server.http.get(format!("{}{path}", server.url)).header(HOST, "shop.pools.test");
            let body = get(&path).send().await.unwrap().text().await.unwrap();
            let sheet =
                Regex::new(r#"href="(/ui/[^"]*\.css)""#).unwrap().captures(&body).unwrap()[1].to_owned();
            (sheet.clone(), get(&sheet).send().await.unwrap().text().await.unwrap())
        };
        let (managed, content) = sheet().await;
        assert!(managed.starts_with(&format!("/ui/{}/", app.pool.client)) && content.contains("--surface"));
        let update = server.aws.update_user_pool_domain().user_pool_id(&pool.id).domain("shop");
        update.managed_login_version(1).send().await.unwrap();
        let (classic, content) = sheet().await;
        assert!(classic.starts_with("/ui/ALL/") && content.ends_with(css), "{classic} {content}");
        let remove = server.aws.set_ui_customization().user_pool_id(&pool.id).client_id("ALL");
        remove.send().await.unwrap();
        tokio::time::sleep(MEMORY).await;
        let plain = server.http.get(format!("{}{path}", server.url)).header(HOST, "shop.pools.test");
        let plain = plain.send().await.unwrap();
        assert_eq!(plain.status(), 200);
        assert!(!plain.text().await.unwrap().contains("/ui/"), "a client without looks has ours");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn pages_that_no_app_sent_anybody_to_are_seen_in_the_pools_look(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let css = ".label-customizable {font-weight: 400;}";
        let classic = server.aws.set_ui_customization().user_pool_id(&pool.id).client_id("ALL").css(css);
        classic.send().await.unwrap();
        style(&app, with_logo()).await.unwrap();
        let mut browser = Browser::new(&pool);
        let owner = |page: &Page| {
            let files = files(page);
            let owner = Regex::new("/ui/([^/]*)/").unwrap();
            files.first().map(|file| owner.captures(file).unwrap()[1].to_owned())
        };
        let at = |page: &str| format!("/{}/{page}", pool.id);
        for page in ["device", "logout", "logout?client_id=nobody", "feedback?token=x&value=Valid"] {
            let shown = browser.get(&at(page)).await;
            assert_eq!(owner(&shown).as_deref(), Some("ALL"), "{page}: {}", shown.body);
        }
        let of_app = at(&format!("logout?client_id={}", app.pool.client));
        let asked = browser.get(&of_app).await;
        assert_eq!(owner(&asked).as_deref(), Some(&*app.pool.client), "{}", asked.body);
        let said = browser.submit(&asked, &[]).await;
        assert!(said.body.contains("signed out"), "{}", said.body);
        assert_eq!(owner(&said).as_deref(), Some(&*app.pool.client), "{}", said.body);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn images_beside_the_defaults_are_shown(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let icon = AssetType::builder()
            .category(AssetCategoryType::FaviconIco)
            .color_mode(ColorSchemeModeType::Dynamic)
            .extension(AssetExtensionType::Ico)
            .bytes(Blob::new(b"\0\0\x01\0and so on"));
        let create = server.aws.create_managed_login_branding().user_pool_id(&pool.id);
        let create = create.client_id(&app.pool.client).use_cognito_provided_values(true);
        create.assets(icon.build().unwrap()).send().await.unwrap();
        let page = app.opened(&mut Browser::new(&pool), &[]).await;
        assert!(files(&page).iter().any(|file| file.ends_with(".ico")), "{}", page.body);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn settings_that_cannot_be_shown_are_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let bad = json!({ "components": { "pageBackground": { "lightMode": { "color": "url(//evil.example)" } } } });
        let (code, message) = style(&app, bad).await.unwrap_err();
        assert_eq!(code, "InvalidParameterException");
        assert!(message.contains("components.pageBackground.lightMode.color must be a color"), "{message}");
        assert!(style(&app, with_logo()).await.is_ok(), "nothing was kept of what was refused");
    })
    .await;
}

/// Only with both documents does somebody agree to them, and each reads the one in their language.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn who_signs_up_sees_what_they_agree_to(_: PgPoolOptions, db: PgConnectOptions) {
    use aws_sdk_cognitoidentityprovider::types::{TermsEnforcementType, TermsSourceType};

    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let app = App::public(&pool).await;
        let add = async |name: &str| {
            let create = server.aws.create_terms().user_pool_id(&pool.id).client_id(&app.pool.client);
            let create = create.terms_name(name).terms_source(TermsSourceType::Link);
            let create = create.enforcement(TermsEnforcementType::None);
            let create = create.links("cognito:default", format!("https://shop.example/{name}?a=1&b=2"));
            create.links("cognito:japanese", format!("https://shop.example/ja/{name}")).send().await.unwrap();
        };
        let page = async |lang: &str| Browser::new(&pool).get(&app.page("signup", &[("lang", lang)])).await;
        add("terms-of-use").await;
        assert!(!page("en").await.body.contains("class=\"terms"));
        add("privacy-policy").await;
        let english = page("en").await;
        let said = "By signing up, you agree to our Terms of use and Privacy policy .";
        assert!(english.text().contains(said), "{}", english.text());
        assert!(
            english.body.contains(r#"href="https://shop.example/terms-of-use?a=1&#38;b=2""#),
            "{}",
            english.body
        );
        let japanese = page("ja").await;
        assert!(japanese.body.contains(r#"href="https://shop.example/ja/privacy-policy""#));
        assert!(page("ar").await.body.contains(r#"href="https://shop.example/privacy-policy?"#));
    })
    .await;
}
