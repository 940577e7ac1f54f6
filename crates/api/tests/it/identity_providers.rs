//! Identity providers: what their records keep, show, hide and refuse.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::operation::create_identity_provider::builders::CreateIdentityProviderFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{IdentityProviderType, IdentityProviderTypeType as Type};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{TestPool, TestServer, said};

const METADATA: &str = include_str!("identity_providers/metadata.xml");

fn map(entries: &[(&str, &str)]) -> HashMap<String, String> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

const OIDC: [(&str, &str); 5] = [
    ("client_id", "us"),
    ("client_secret", "hush"),
    ("attributes_request_method", "GET"),
    ("oidc_issuer", "https://idp.example.com"),
    ("authorize_scopes", "openid email"),
];
const SOCIAL: [(&str, &str); 3] =
    [("client_id", "us"), ("client_secret", "hush"), ("authorize_scopes", "email")];
const APPLE: [(&str, &str); 5] = [
    ("client_id", "com.example"),
    ("team_id", "TEAM"),
    ("key_id", "KEY"),
    ("private_key", "PEM"),
    ("authorize_scopes", "email name"),
];

impl TestPool<'_> {
    fn provider(
        &self,
        name: &str,
        of: Type,
        details: &[(&str, &str)],
    ) -> CreateIdentityProviderFluentBuilder {
        let create = self.server.aws.create_identity_provider().user_pool_id(&self.id).provider_name(name);
        create.provider_type(of).set_provider_details(Some(map(details)))
    }

    async fn described(&self, name: &str) -> IdentityProviderType {
        let describe =
            self.server.aws.describe_identity_provider().user_pool_id(&self.id).provider_name(name);
        describe.send().await.unwrap().identity_provider.unwrap()
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_provider_is_described_with_what_is_known_of_its_type(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let known = |entries: &[(&str, &str)], added: &[(&str, &str)]| map(&[entries, added].concat());
        let facebook = [&SOCIAL[..], &[("api_version", "v17.0")]].concat();
        let cases = [
            (
                "Corp",
                Type::Oidc,
                &OIDC[..],
                "sub",
                known(&OIDC, &[("attributes_url_add_attributes", "false")]),
            ),
            (
                "Google",
                Type::Google,
                &SOCIAL,
                "sub",
                known(
                    &SOCIAL,
                    &[
                        ("oidc_issuer", "https://accounts.google.com"),
                        ("authorize_url", "https://accounts.google.com/o/oauth2/v2/auth"),
                        ("token_url", "https://www.googleapis.com/oauth2/v4/token"),
                        ("token_request_method", "POST"),
                        ("attributes_url", "https://people.googleapis.com/v1/people/me?personFields="),
                        ("attributes_url_add_attributes", "true"),
                    ],
                ),
            ),
            (
                "Facebook",
                Type::Facebook,
                &facebook,
                "id",
                known(
                    &facebook,
                    &[
                        ("authorize_url", "https://www.facebook.com/v17.0/dialog/oauth"),
                        ("token_url", "https://graph.facebook.com/v17.0/oauth/access_token"),
                        ("token_request_method", "GET"),
                        ("attributes_url", "https://graph.facebook.com/v17.0/me?fields="),
                        ("attributes_url_add_attributes", "true"),
                    ],
                ),
            ),
            (
                "LoginWithAmazon",
                Type::LoginWithAmazon,
                &SOCIAL,
                "user_id",
                known(
                    &SOCIAL,
                    &[
                        ("authorize_url", "https://www.amazon.com/ap/oa"),
                        ("token_url", "https://api.amazon.com/auth/o2/token"),
                        ("token_request_method", "POST"),
                        ("attributes_url", "https://api.amazon.com/user/profile"),
                        ("attributes_url_add_attributes", "false"),
                    ],
                ),
            ),
            (
                "SignInWithApple",
                Type::SignInWithApple,
                &APPLE,
                "sub",
                known(
                    &[APPLE[0], APPLE[1], APPLE[2], APPLE[4]],
                    &[
                        ("oidc_issuer", "https://appleid.apple.com"),
                        ("authorize_url", "https://appleid.apple.com/auth/authorize"),
                        ("token_url", "https://appleid.apple.com/auth/token"),
                        ("token_request_method", "POST"),
                        ("attributes_url_add_attributes", "false"),
                    ],
                ),
            ),
        ];
        for (name, of, details, subject, shown) in cases {
            let created =
                pool.provider(name, of, details).attribute_mapping("email", "mail").send().await.unwrap();
            let created = created.identity_provider.unwrap();
            assert_eq!(created.provider_details, Some(shown), "{name}");
            let mapping = map(&[("email", "mail"), ("username", subject)]);
            assert_eq!(created.attribute_mapping, Some(mapping), "{name}");
            assert_eq!(pool.described(name).await, created);
            // What is shown may be sent back.
            let again = server.aws.update_identity_provider().user_pool_id(&pool.id).provider_name(name);
            let again = again.set_provider_details(created.provider_details.clone()).send().await.unwrap();
            assert_eq!(again.identity_provider.unwrap().provider_details, created.provider_details, "{name}");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_saml_provider_is_completed_from_its_metadata(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let file = [("MetadataFile", METADATA), ("EncryptedResponses", "true"), ("IDPInit", "false")];
        let created = pool.provider("Corp-SAML", Type::Saml, &file).attribute_mapping("email", "urn:mail");
        let created = created.send().await.unwrap().identity_provider.unwrap();
        let mut details = created.provider_details.clone().unwrap();
        assert!(details.remove("ActiveEncryptionCertificate").unwrap().starts_with("MII"));
        let read = [
            ("SSORedirectBindingURI", "https://idp.example.com/in"),
            ("SLORedirectBindingURI", "https://idp.example.com/out"),
        ];
        assert_eq!(details, map(&[&file[..], &read].concat()));
        assert_eq!(created.attribute_mapping, Some(map(&[("email", "urn:mail")])));

        // The certificate stays what it is, whatever else changes.
        let update = |details: &[(&str, &str)]| {
            let update =
                server.aws.update_identity_provider().user_pool_id(&pool.id).provider_name("Corp-SAML");
            update.set_provider_details(Some(map(details))).send()
        };
        let url =
            [("MetadataURL", "https://idp.example.com/metadata"), ("RequestSigningAlgorithm", "rsa-sha256")];
        let updated = update(&url).await.unwrap().identity_provider.unwrap();
        let mut details = updated.provider_details.unwrap();
        let certificate = details.remove("ActiveEncryptionCertificate");
        assert_eq!(
            certificate.as_ref(),
            created.provider_details.unwrap().get("ActiveEncryptionCertificate")
        );
        assert_eq!(details, map(&url));
        let read_only = [("MetadataFile", METADATA), ("ActiveEncryptionCertificate", "MII")];
        assert_eq!(
            said(update(&read_only).await.unwrap_err()).1,
            "ActiveEncryptionCertificate is not a valid key for SAML identity provider details."
        );
        for bad in [
            &[][..],
            &[("IDPInit", "true")],
            &[("MetadataURL", "https://idp.example.com"), ("MetadataFile", METADATA)],
            &[("MetadataURL", "http://idp.example.com")],
            &[("MetadataURL", "https://169.254.169.254/latest")],
            &[("MetadataURL", "https://localhost/metadata")],
            &[("MetadataFile", "<html/>")],
            &[("MetadataFile", METADATA), ("IDPSignout", "yes")],
            &[("MetadataFile", METADATA), ("RequestSigningAlgorithm", "rsa-sha1")],
        ] {
            assert_eq!(said(update(bad).await.unwrap_err()).0, "InvalidParameterException", "{bad:?}");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn details_names_and_mappings_are_checked(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let refused = async |create: CreateIdentityProviderFluentBuilder| {
            let (name, message) = said(create.send().await.unwrap_err());
            assert_eq!(name, "InvalidParameterException", "{message}");
            message
        };
        let short = refused(pool.provider("Google", Type::Google, &SOCIAL[..2])).await;
        assert_eq!(short, "client_id, client_secret and authorize_scopes are all required idp details.");
        let with = |extra: (&'static str, &'static str)| [&OIDC[..], &[extra]].concat();
        let unknown = refused(pool.provider("Corp", Type::Oidc, &with(("colour", "red")))).await;
        assert_eq!(unknown, "colour is not a valid key for OIDC identity provider details.");
        for (key, value) in [
            ("attributes_request_method", "PUT"),
            ("oidc_issuer", "http://idp.example.com"),
            ("oidc_issuer", "https://10.0.0.1"),
            ("token_url", "https://[::1]/token"),
            ("authorize_url", "javascript:alert(1)"),
            ("attributes_url_add_attributes", "perhaps"),
        ] {
            refused(pool.provider("Corp", Type::Oidc, &with((key, value)))).await;
        }
        let version = [&SOCIAL[..], &[("api_version", "../v1")]].concat();
        refused(pool.provider("Facebook", Type::Facebook, &version)).await;
        for name in ["COGNITO", "cognito", "Google", "SignInWithApple", "ab", "a_b_c", "has space"] {
            refused(pool.provider(name, Type::Oidc, &OIDC)).await;
        }
        refused(pool.provider("Other", Type::Google, &SOCIAL)).await;
        let corp = || pool.provider("Corp", Type::Oidc, &OIDC);
        let schema = refused(corp().attribute_mapping("custom:team", "team")).await;
        assert_eq!(schema, "Invalid user attributes: custom:team: Attribute does not exist in the schema.");
        for (attribute, source) in [("username", "email"), ("sub", "sub"), ("email", "")] {
            refused(corp().attribute_mapping(attribute, source)).await;
        }
        refused(corp().idp_identifiers("a").idp_identifiers("a")).await;
        refused(corp().acr_mapping("Level1", "low").acr_mapping("Level2", "low")).await;
        refused(pool.provider("Google", Type::Google, &SOCIAL).acr_mapping("Level1", "low")).await;
        let list = server.aws.list_identity_providers().user_pool_id(&pool.id).send().await.unwrap();
        assert!(list.providers().is_empty());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn names_and_identifiers_lead_to_one_provider(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        let corp =
            |pool: &TestPool<'_>| pool.provider("Corp", Type::Oidc, &OIDC).idp_identifiers("corp.example");
        corp(&pool).idp_identifiers("corp").send().await.unwrap();
        corp(&other).send().await.unwrap();
        let taken =
            ("DuplicateProviderException".into(), format!("Corp already exists in user pool {}", pool.id));
        assert_eq!(said(pool.provider("Corp", Type::Oidc, &OIDC).send().await.unwrap_err()), taken);
        let in_other_case = pool.provider("corp", Type::Oidc, &OIDC).send().await.unwrap_err();
        assert_eq!(said(in_other_case).0, "DuplicateProviderException");
        let rival = || pool.provider("Rival", Type::Oidc, &OIDC);
        let stolen = rival().idp_identifiers("corp").send().await.unwrap_err();
        assert_eq!(said(stolen).0, "InvalidParameterException");

        let by = |identifier: &str| {
            let get = server.aws.get_identity_provider_by_identifier().user_pool_id(&pool.id);
            get.idp_identifier(identifier).send()
        };
        let found = by("corp").await.unwrap().identity_provider.unwrap();
        assert_eq!(found, pool.described("Corp").await);
        assert_eq!(said(by("Corp").await.unwrap_err()).0, "ResourceNotFoundException");

        let update = || server.aws.update_identity_provider().user_pool_id(&pool.id);
        let update = |name: &str| update().provider_name(name);
        update("Corp").set_idp_identifiers(Some(vec!["corp2".into()])).send().await.unwrap();
        assert_eq!(said(by("corp").await.unwrap_err()).0, "ResourceNotFoundException");
        rival().idp_identifiers("corp").send().await.unwrap();
        assert_eq!(by("corp").await.unwrap().identity_provider.unwrap().provider_name(), Some("Rival"));
        let stolen = update("Rival").idp_identifiers("corp2").send().await.unwrap_err();
        assert_eq!(said(stolen).0, "InvalidParameterException");
        assert_eq!(pool.described("Rival").await.idp_identifiers(), ["corp"]);
        update("Corp").set_idp_identifiers(Some(vec![])).send().await.unwrap();
        assert!(pool.described("Corp").await.idp_identifiers().is_empty());
        assert_eq!(other.described("Corp").await.idp_identifiers(), ["corp.example"]);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_update_keeps_what_it_leaves_out(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let create = pool.provider("Corp", Type::Oidc, &OIDC).idp_identifiers("corp");
        let create = create.attribute_mapping("email", "mail").acr_mapping("Level1", "low");
        let created = create.send().await.unwrap().identity_provider.unwrap();
        let update =
            |name: &str| server.aws.update_identity_provider().user_pool_id(&pool.id).provider_name(name);
        update("Corp").send().await.unwrap();
        let kept = pool.described("Corp").await;
        assert_eq!(kept.provider_details, created.provider_details);
        assert_eq!(kept.attribute_mapping, created.attribute_mapping);
        assert_eq!(kept.acr_mapping, created.acr_mapping);
        assert_eq!(kept.idp_identifiers, created.idp_identifiers);
        assert_eq!(kept.creation_date, created.creation_date);

        // What is given replaces all there was of it.
        update("Corp").attribute_mapping("name", "cn").send().await.unwrap();
        let changed = pool.described("Corp").await;
        assert_eq!(changed.attribute_mapping, Some(map(&[("name", "cn"), ("username", "sub")])));
        let public = [OIDC[0], OIDC[2], OIDC[3], OIDC[4]];
        update("Corp").set_provider_details(Some(map(&public))).send().await.unwrap();
        let details = pool.described("Corp").await.provider_details.unwrap();
        assert!(!details.contains_key("client_secret"), "{details:?}");

        let missing = ("ResourceNotFoundException".into(), "Identity provider Nobody does not exist.".into());
        assert_eq!(said(update("Nobody").send().await.unwrap_err()), missing);
        let own = said(update("COGNITO").send().await.unwrap_err());
        assert_eq!(own.0, "UnsupportedIdentityProviderException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn clients_lose_a_provider_that_is_deleted(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        let client = async |pool: &TestPool<'_>| {
            pool.provider("Corp", Type::Oidc, &OIDC).send().await.unwrap();
            let create = server.aws.create_user_pool_client().user_pool_id(&pool.id).client_name("x");
            let create = create.supported_identity_providers("Corp").supported_identity_providers("COGNITO");
            create.send().await.unwrap().user_pool_client.unwrap().client_id.unwrap()
        };
        let offers = async |pool: &TestPool<'_>, client: &str| {
            let describe = server.aws.describe_user_pool_client().user_pool_id(&pool.id).client_id(client);
            let client = describe.send().await.unwrap().user_pool_client.unwrap();
            client.supported_identity_providers.unwrap_or_default()
        };
        let (mine, others) = (client(&pool).await, client(&other).await);
        let delete = server.aws.delete_identity_provider().user_pool_id(&pool.id).provider_name("Corp");
        delete.send().await.unwrap();
        assert_eq!(offers(&pool, &mine).await, ["COGNITO"]);
        assert!(offers(&other, &others).await.contains(&"Corp".to_owned()));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn providers_are_listed_in_pages_and_deleted(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        for number in 0..5 {
            pool.provider(&format!("Corp{number}"), Type::Oidc, &OIDC).send().await.unwrap();
        }
        other.provider("Corp0", Type::Oidc, &OIDC).send().await.unwrap();
        let list = server.aws.list_identity_providers().user_pool_id(&pool.id).max_results(2);
        let pages = list.into_paginator().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        assert_eq!(pages.iter().map(|page| page.providers().len()).collect::<Vec<_>>(), [2, 2, 1]);
        let first = &pages[0].providers()[0];
        assert_eq!((first.provider_name(), first.provider_type()), (Some("Corp0"), Some(&Type::Oidc)));
        assert!(first.creation_date().is_some() && first.last_modified_date().is_some());

        let delete = |name: &str| {
            server.aws.delete_identity_provider().user_pool_id(&pool.id).provider_name(name).send()
        };
        delete("Corp0").await.unwrap();
        assert_eq!(said(delete("Corp0").await.unwrap_err()).0, "ResourceNotFoundException");
        assert_eq!(said(delete("COGNITO").await.unwrap_err()).0, "UnsupportedIdentityProviderException");
        other.described("Corp0").await;
        server.aws.delete_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        other.described("Corp0").await;
    })
    .await;
}
