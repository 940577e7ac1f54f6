//! Styles of the managed login pages: their settings, their images, and how much of both.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::primitives::Blob;
use aws_sdk_cognitoidentityprovider::types::{
    AssetCategoryType as Category, AssetExtensionType as Extension, AssetType, ColorSchemeModeType as Mode,
    ManagedLoginBrandingType,
};
use aws_smithy_types::Document;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::security::signing::{Key, call};
use crate::server::{TestPool, TestServer, said};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand so on";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/></svg>";

fn asset(category: Category, mode: Mode, extension: Extension, bytes: &[u8]) -> AssetType {
    let asset = AssetType::builder().category(category).color_mode(mode).extension(extension);
    asset.bytes(Blob::new(bytes)).build().unwrap()
}

pub(crate) fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::Number(number) => Document::from(number.as_f64().unwrap()),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(members) => {
            let members: HashMap<_, _> =
                members.iter().map(|(name, value)| (name.clone(), document(value))).collect();
            Document::Object(members)
        }
    }
}

async fn create(
    pool: &TestPool<'_>,
    settings: Option<Value>,
    assets: Option<Vec<AssetType>>,
) -> ManagedLoginBrandingType {
    let create =
        pool.server.aws.create_managed_login_branding().user_pool_id(&pool.id).client_id(&pool.client);
    let create = create.set_settings(settings.as_ref().map(document)).set_assets(assets);
    create.send().await.unwrap().managed_login_branding.unwrap()
}

async fn describe(pool: &TestPool<'_>, id: &str, merged: bool) -> ManagedLoginBrandingType {
    let describe = pool.server.aws.describe_managed_login_branding().user_pool_id(&pool.id);
    let describe = describe.managed_login_branding_id(id).return_merged_resources(merged);
    describe.send().await.unwrap().managed_login_branding.unwrap()
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_has_one_style_which_is_read_and_deleted(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let by_client = || {
            let describe = server.aws.describe_managed_login_branding_by_client().user_pool_id(&pool.id);
            describe.client_id(&pool.client).send()
        };
        assert_eq!(said(by_client().await.unwrap_err()).0, "ResourceNotFoundException");
        let request = || {
            let create = server.aws.create_managed_login_branding().user_pool_id(&pool.id);
            create.client_id(&pool.client).use_cognito_provided_values(true)
        };
        let style = request().send().await.unwrap().managed_login_branding.unwrap();
        let id = style.managed_login_branding_id().unwrap();
        assert!(style.use_cognito_provided_values());
        // Without settings of its own there are none; images are a list all the same.
        assert_eq!((style.settings(), style.assets.as_deref()), (None, Some(&[][..])));
        assert_eq!(describe(&pool, id, false).await, style);
        assert_eq!(by_client().await.unwrap().managed_login_branding.unwrap(), style);
        assert_eq!(said(request().send().await.unwrap_err()).0, "ManagedLoginBrandingExistsException");

        let merged = describe(&pool, id, true).await.settings.unwrap();
        let roots = merged.as_object().unwrap();
        assert!(
            ["categories", "componentClasses", "components"].iter().all(|root| roots.contains_key(*root))
        );

        let delete = || {
            let delete = server.aws.delete_managed_login_branding().user_pool_id(&pool.id);
            delete.managed_login_branding_id(id).send()
        };
        delete().await.unwrap();
        assert_eq!(said(delete().await.unwrap_err()).0, "ResourceNotFoundException");
        let again = request().send().await.unwrap().managed_login_branding.unwrap();
        assert_ne!(again.managed_login_branding_id(), Some(id));
        server
            .aws
            .delete_user_pool_client()
            .user_pool_id(&pool.id)
            .client_id(&pool.client)
            .send()
            .await
            .unwrap();
        let gone = server.aws.describe_managed_login_branding().user_pool_id(&pool.id);
        let gone = gone.managed_login_branding_id(again.managed_login_branding_id.unwrap()).send().await;
        assert_eq!(said(gone.unwrap_err()).0, "ResourceNotFoundException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_update_keeps_what_it_does_not_mention(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let settings = json!({ "components": { "favicon": { "enabledTypes": ["ICO"] }, "form": { "borderRadius": 8.5 } } });
        let logo = asset(Category::FormLogo, Mode::Light, Extension::Png, PNG);
        let style = create(&pool, Some(settings.clone()), Some(vec![logo.clone()])).await;
        assert_eq!(style.settings, Some(document(&settings)));
        assert_eq!(style.assets(), std::slice::from_ref(&logo));
        let id = style.managed_login_branding_id().unwrap();
        let update = || {
            let update = server.aws.update_managed_login_branding().user_pool_id(&pool.id);
            update.managed_login_branding_id(id)
        };

        let patch = json!({ "components": { "form": { "borderRadius": 2.0 } } });
        let patched = update().settings(document(&patch)).send().await.unwrap().managed_login_branding.unwrap();
        let expected = json!({ "components": { "favicon": { "enabledTypes": ["ICO"] }, "form": { "borderRadius": 2.0 } } });
        assert_eq!(patched.settings, Some(document(&expected)));
        assert_eq!((patched.assets(), patched.creation_date()), (std::slice::from_ref(&logo), style.creation_date()));

        let icon = asset(Category::IdpButtonIcon, Mode::Light, Extension::Svg, SVG);
        let icons = ["Google", "Okta"].map(|provider| {
            let mut icon = icon.clone();
            icon.resource_id = Some(provider.into());
            icon
        });
        let dark = asset(Category::FormLogo, Mode::Dark, Extension::Png, PNG);
        let other = asset(Category::FormLogo, Mode::Light, Extension::Svg, SVG);
        let added = [icons[0].clone(), icons[1].clone(), dark, other];
        update().set_assets(Some(added.to_vec())).send().await.unwrap();
        let read = describe(&pool, id, false).await;
        assert_eq!(read.assets(), added);
        assert_eq!(read.settings, Some(document(&expected)));
        let merged = describe(&pool, id, true).await.settings.unwrap();
        let form = &merged.as_object().unwrap()["components"].as_object().unwrap()["form"];
        assert_eq!(form.as_object().unwrap()["borderRadius"], Document::from(2.0));
        assert!(form.as_object().unwrap().contains_key("logo"));

        // Going back to the defaults leaves nothing but what comes with it.
        let back = update().use_cognito_provided_values(true).assets(logo.clone()).send().await.unwrap();
        let back = back.managed_login_branding.unwrap();
        assert_eq!((back.use_cognito_provided_values(), back.settings(), back.assets()), (true, None, &[logo][..]));
        let own = update().settings(document(&patch)).send().await.unwrap().managed_login_branding.unwrap();
        assert_eq!((own.use_cognito_provided_values(), own.settings), (false, Some(document(&patch))));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_no_style_is_refused(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let create = || server.aws.create_managed_login_branding().user_pool_id(&pool.id).client_id(&pool.client);
        let refused = async |request: aws_sdk_cognitoidentityprovider::operation::create_managed_login_branding::builders::CreateManagedLoginBrandingFluentBuilder| {
            let (name, message) = said(request.send().await.unwrap_err());
            assert_eq!(name, "InvalidParameterException");
            message
        };
        let settings = || document(&json!({ "components": {} }));
        assert!(refused(create()).await.starts_with("Either UseCognitoProvidedValues or Settings"));
        assert!(refused(create().settings(settings()).use_cognito_provided_values(true)).await.starts_with("Settings cannot"));
        assert_eq!(refused(create().settings(Document::String("x".into()))).await, "Settings must be a JSON object.");
        let long = document(&json!({ "a": "x".repeat(256 * 1024) }));
        assert_eq!(refused(create().settings(long)).await, "Settings must not be longer than 256 KiB.");

        for (category, extension, bytes, reason) in [
            (Category::FaviconIco, Extension::Png, PNG, "it cannot be of type Png"),
            (Category::FaviconSvg, Extension::Ico, b"\0\0\x01\0", "it cannot be of type Ico"),
            (Category::IdpButtonIcon, Extension::Jpeg, b"\xff\xd8\xff", "it cannot be of type Jpeg"),
            (Category::FormLogo, Extension::Jpeg, PNG, "its content is not of type Jpeg"),
            (Category::FormLogo, Extension::Png, SVG, "its content is not of type Png"),
            (Category::FormLogo, Extension::Svg, PNG, "it is not UTF-8"),
            (
                Category::FormLogo,
                Extension::Svg,
                b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
                "it has an element <script>",
            ),
            (
                Category::FormLogo,
                Extension::Svg,
                b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
                "attribute onload of <svg> is not allowed",
            ),
            (
                Category::FormLogo,
                Extension::Svg,
                b"<svg xmlns='http://www.w3.org/2000/svg'><image href='//evil.example/x.png'/></svg>",
                "attribute href of <image> is not allowed",
            ),
        ] {
            let message = refused(create().assets(asset(category, Mode::Light, extension, bytes))).await;
            assert!(message.ends_with(&format!("is not allowed: {reason}.")), "{message}");
        }
        let logo = || asset(Category::FormLogo, Mode::Dark, Extension::Png, PNG);
        assert!(refused(create().assets(logo()).assets(logo())).await.starts_with("Assets has two images"));
        let mut empty = logo();
        empty.bytes = None;
        assert_eq!(refused(create().assets(empty)).await, "An asset must have Bytes.");
        let nobody = create().client_id("0".repeat(26)).use_cognito_provided_values(true).send().await;
        assert_eq!(said(nobody.unwrap_err()).0, "ResourceNotFoundException");
        let without_pool = server.aws.update_managed_login_branding().send().await;
        assert_eq!(said(without_pool.unwrap_err()).0, "InvalidParameterException");
    })
    .await;
}

/// RES-2, RES-5: two megabytes for images, and for nothing else; and a bound for all images of a style.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn images_may_be_large_but_not_all_of_them(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let large = [PNG, &vec![0; 1_000_000 - PNG.len()]].concat();
        let one = |category: Category| asset(category, Mode::Light, Extension::Png, &large);
        let style = create(&pool, None, Some(vec![one(Category::FormLogo)])).await;
        let id = style.managed_login_branding_id().unwrap();
        let update = |asset: AssetType| {
            let update = server.aws.update_managed_login_branding().user_pool_id(&pool.id);
            update.managed_login_branding_id(id).assets(asset).send()
        };
        for category in [
            Category::PageBackground,
            Category::FormBackground,
            Category::PageHeaderLogo,
            Category::SmsGraphic,
        ] {
            update(one(category)).await.unwrap();
        }
        let (name, message) = said(update(one(Category::EmailGraphic)).await.unwrap_err());
        assert_eq!(
            (name.as_str(), message.contains("5000000 bytes")),
            ("InvalidParameterException", true),
            "{message}"
        );
        update(one(Category::FormLogo)).await.unwrap();
        assert_eq!(describe(&pool, id, false).await.assets().len(), 5);
        let oversized = [&large[..], &[0]].concat();
        let oversized = update(asset(Category::FormLogo, Mode::Light, Extension::Png, &oversized)).await;
        assert_eq!(said(oversized.unwrap_err()).0, "InvalidParameterException");

        let key = Key::new(server).await;
        let filler = "x".repeat(2 * 1024 * 1024 - 40);
        let fits =
            call(server, "CreateManagedLoginBranding", json!({ "Unheard": filler })).send(server, &key).await;
        assert_eq!(fits.error(), "InvalidParameterException");
        let filler = "x".repeat(2 * 1024 * 1024);
        let more =
            call(server, "CreateManagedLoginBranding", json!({ "Unheard": filler })).send(server, &key).await;
        assert_eq!((more.status, more.error().as_str()), (413, "RequestEntityTooLargeException"));
        let filler = "x".repeat(256 * 1024);
        let other = call(server, "CreateTerms", json!({ "Unheard": filler })).send(server, &key).await;
        assert_eq!(other.status, 413);
    })
    .await;
}
