//! The looks of the classic pages: style sheets, logos, and where logos are.

use aws_sdk_cognitoidentityprovider::primitives::Blob;
use aws_sdk_cognitoidentityprovider::types::UiCustomizationType;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{TestPool, TestServer, said};

const CSS: &str = ".label-customizable {font-weight: 400;}";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand so on";

async fn set(
    pool: &TestPool<'_>,
    client: &str,
    css: Option<&str>,
    image: Option<&[u8]>,
) -> UiCustomizationType {
    let set = pool.server.aws.set_ui_customization().user_pool_id(&pool.id).client_id(client);
    let set = set.set_css(css.map(str::to_owned)).set_image_file(image.map(Blob::new));
    set.send().await.unwrap().ui_customization.unwrap()
}

async fn get(pool: &TestPool<'_>, client: &str) -> UiCustomizationType {
    let get = pool.server.aws.get_ui_customization().user_pool_id(&pool.id).client_id(client);
    get.send().await.unwrap().ui_customization.unwrap()
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_has_the_looks_of_all_until_it_has_its_own(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let nothing = UiCustomizationType::builder().build();
        assert_eq!(get(&pool, "ALL").await, nothing);
        assert_eq!(get(&pool, &pool.client).await, nothing);

        let of_all = set(&pool, "ALL", Some(CSS), None).await;
        assert_eq!((of_all.client_id(), of_all.css()), (Some("ALL"), Some(CSS)));
        assert_eq!((of_all.user_pool_id(), of_all.image_url()), (Some(pool.id.as_str()), None));
        assert_eq!(of_all.css_version().unwrap().len(), 14);
        assert_eq!(get(&pool, "ALL").await, of_all);
        assert_eq!(get(&pool, &pool.client).await, of_all);
        let get_all = server.aws.get_ui_customization().user_pool_id(&pool.id);
        assert_eq!(get_all.send().await.unwrap().ui_customization.unwrap(), of_all);

        let own = set(&pool, &pool.client, None, Some(PNG)).await;
        assert_eq!((own.client_id(), own.css()), (Some(pool.client.as_str()), None));
        assert_eq!(get(&pool, &pool.client).await, own);
        assert_eq!(get(&pool, "ALL").await, of_all);
        // Both are set together, so what is left out is gone.
        let again = set(&pool, &pool.client, Some(CSS), None).await;
        assert_eq!((again.image_url(), again.creation_date()), (None, own.creation_date()));

        set(&pool, &pool.client, None, None).await;
        assert_eq!(get(&pool, &pool.client).await, of_all);
        set(&pool, "ALL", Some(""), None).await;
        assert_eq!(get(&pool, &pool.client).await, nothing);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_logo_is_served_at_its_address_and_does_nothing_else(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let url = set(&pool, "ALL", None, Some(PNG)).await.image_url.unwrap();
        assert!(url.starts_with(&format!("{}/{}/ui/ALL/", server.url, pool.id)), "{url}");
        assert_eq!(set(&pool, "ALL", Some(CSS), Some(PNG)).await.image_url(), Some(url.as_str()));
        let response = server.http.get(&url).send().await.unwrap();
        assert_eq!(response.status(), 200);
        for (name, value) in [
            ("content-type", "image/png"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
            ("cache-control", "public, max-age=31536000, immutable"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        assert_eq!(&response.bytes().await.unwrap()[..], PNG);
        let jpeg = set(&pool, &pool.client, None, Some(b"\xff\xd8\xff\xe0")).await.image_url.unwrap();
        let response = server.http.get(&jpeg).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "image/jpeg");

        let missing = async |url: String| {
            let response = server.http.get(&url).send().await.unwrap();
            assert_eq!(response.status(), 404, "{url}");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        };
        missing(url.replace(&pool.id, "us-east-1_000000000")).await;
        missing(url.replace("/ALL/", &format!("/{}/", pool.client))).await;
        missing(url.replace("/ALL/", "/%00/")).await;
        missing(url.replace(".png", ".svg")).await;
        set(&pool, "ALL", None, Some(b"\x89PNG\r\n\x1a\nanother one")).await;
        tokio::time::sleep(std::time::Duration::from_millis(900)).await;
        missing(url).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_the_pages_must_not_show_is_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let set = || server.aws.set_ui_customization().user_pool_id(&pool.id);
        for (css, reason) in [
            ("body{color:red}", "The CSS is not allowed: it cannot be read near \"body{color:red}\"."),
            (
                ".mine{color:red}",
                "The CSS is not allowed: it styles \".mine\", which is none of the customizable classes.",
            ),
            ("@import 'x';", "The CSS is not allowed: it uses @import."),
            (".label-customizable{background:url(//evil.example)}", "The CSS is not allowed: it uses url()."),
            (".label-customizable{}</style>", "The CSS is not allowed: it contains \"<\"."),
        ] {
            let refused = said(set().css(css).send().await.unwrap_err());
            assert_eq!(refused, ("InvalidParameterException".into(), reason.to_owned()));
        }
        for image in ["GIF89a", "<svg xmlns='http://www.w3.org/2000/svg'/>", "\0\0\u{1}\0", "text"] {
            let refused = said(set().image_file(Blob::new(image)).send().await.unwrap_err());
            assert_eq!(refused.1, "ImageFile must be a PNG or JPEG image.", "{image}");
        }
        let large = [PNG, &vec![0; 131_072]].concat();
        assert_eq!(
            said(set().image_file(Blob::new(large)).send().await.unwrap_err()).0,
            "InvalidParameterException"
        );
        let nobody = set().client_id("0".repeat(26)).css(CSS).send().await;
        assert_eq!(said(nobody.unwrap_err()).0, "ResourceNotFoundException");
        assert_eq!(get(&pool, "ALL").await, UiCustomizationType::builder().build());
    })
    .await;
}
