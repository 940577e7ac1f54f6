//! Terms documents: two for each client, each with its addresses by language.

use aws_sdk_cognitoidentityprovider::types::{TermsEnforcementType, TermsSourceType, TermsType};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{TestPool, TestServer, said};

const DEFAULT: &str = "cognito:default";

/// A CreateTerms, to be sent.
fn create(
    pool: &TestPool<'_>,
    name: &str,
    link: &str,
) -> aws_sdk_cognitoidentityprovider::operation::create_terms::builders::CreateTermsFluentBuilder {
    let create = pool.server.aws.create_terms().user_pool_id(&pool.id).client_id(&pool.client);
    let create = create.terms_name(name).terms_source(TermsSourceType::Link);
    create.enforcement(TermsEnforcementType::None).links(DEFAULT, link)
}

async fn created(pool: &TestPool<'_>, name: &str) -> TermsType {
    create(pool, name, "https://example.com/terms").send().await.unwrap().terms.unwrap()
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_has_two_documents_that_are_read_changed_and_deleted(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let request = create(&pool, "terms-of-use", "https://example.com/terms");
        let request = request.links("cognito:german", "https://example.com/agb?a=ä");
        let terms = request.send().await.unwrap().terms.unwrap();
        assert_eq!((terms.user_pool_id(), terms.client_id()), (pool.id.as_str(), pool.client.as_str()));
        assert_eq!(terms.links().len(), 2);

        let describe = |id: &str| server.aws.describe_terms().user_pool_id(&pool.id).terms_id(id).send();
        let by_client = |name: &str| {
            let describe = server.aws.describe_terms_by_client().user_pool_id(&pool.id);
            describe.client_id(&pool.client).terms_name(name).send()
        };
        assert_eq!(describe(terms.terms_id()).await.unwrap().terms.unwrap(), terms);
        assert_eq!(describe(&terms.terms_id().to_uppercase()).await.unwrap().terms.unwrap(), terms);
        assert_eq!(by_client("terms-of-use").await.unwrap().terms.unwrap(), terms);
        assert_eq!(said(by_client("privacy-policy").await.unwrap_err()).0, "ResourceNotFoundException");

        let again = create(&pool, "terms-of-use", "https://example.com/other").send().await;
        assert_eq!(said(again.unwrap_err()).0, "TermsExistsException");
        let policy = created(&pool, "privacy-policy").await;
        let update = || server.aws.update_terms().user_pool_id(&pool.id).terms_id(policy.terms_id());
        let taken = update().terms_name("terms-of-use").send().await;
        assert_eq!(said(taken.unwrap_err()).0, "TermsExistsException");
        let updated = update().links("cognito:french", "http://example.com/fr").send().await.unwrap();
        let updated = updated.terms.unwrap();
        assert_eq!(updated.links().keys().collect::<Vec<_>>(), ["cognito:french"]);
        assert_eq!(
            (updated.terms_name(), updated.creation_date()),
            ("privacy-policy", policy.creation_date())
        );
        assert!(updated.last_modified_date() > policy.last_modified_date());
        assert_eq!(describe(policy.terms_id()).await.unwrap().terms.unwrap(), updated);

        let delete = |id: &str| server.aws.delete_terms().user_pool_id(&pool.id).terms_id(id).send();
        delete(terms.terms_id()).await.unwrap();
        assert_eq!(said(delete(terms.terms_id()).await.unwrap_err()).0, "ResourceNotFoundException");
        assert_eq!(said(describe(terms.terms_id()).await.unwrap_err()).0, "ResourceNotFoundException");
        // The name is free again: for the other document, and then for a new one of its old name.
        assert_eq!(
            update().terms_name("terms-of-use").send().await.unwrap().terms.unwrap().terms_name(),
            "terms-of-use"
        );
        created(&pool, "privacy-policy").await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_link_must_lead_to_a_web_page(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for link in [
            "javascript:alert(1)",
            "data:text/html,x",
            "/terms",
            "example.com",
            "https://",
            "mailto:a@example.com",
            "https://user:secret@example.com",
        ] {
            let refused = said(create(&pool, "terms-of-use", link).send().await.unwrap_err());
            let message = "The link of cognito:default is not a URL of a web page.".to_owned();
            assert_eq!(refused, ("InvalidParameterException".into(), message), "{link}");
        }
        let terms = created(&pool, "terms-of-use").await;
        let update = server.aws.update_terms().user_pool_id(&pool.id).terms_id(terms.terms_id());
        let refused = said(update.links(DEFAULT, "javascript:1").send().await.unwrap_err());
        assert_eq!(refused.0, "InvalidParameterException");
        let none = server.aws.create_terms().user_pool_id(&pool.id).client_id(&pool.client);
        let none = none.terms_name("privacy-policy").terms_source(TermsSourceType::Link);
        let refused = none.enforcement(TermsEnforcementType::None).send().await;
        assert_eq!(said(refused.unwrap_err()).0, "InvalidParameterException");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn documents_are_listed_page_by_page_and_go_with_their_client(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let (sibling, other) = (server.with_client(pool.id.clone(), false).await, server.user_pool().await);
        for pool in [&pool, &sibling, &other] {
            created(pool, "terms-of-use").await;
            created(pool, "privacy-policy").await;
        }
        let list = |pool: &str| server.aws.list_terms().user_pool_id(pool);
        let (mut names, mut token) = (Vec::new(), None);
        loop {
            let page = list(&pool.id).max_results(3).set_next_token(token).send().await.unwrap();
            names.extend(page.terms.into_iter().map(|terms| terms.terms_name));
            token = page.next_token;
            let Some(token) = &token else { break };
            let elsewhere = list(&other.id).next_token(token).send().await;
            assert_eq!(said(elsewhere.unwrap_err()).1, "Invalid pagination token");
        }
        names.sort();
        assert_eq!(names, ["privacy-policy", "privacy-policy", "terms-of-use", "terms-of-use"]);

        let delete = server.aws.delete_user_pool_client().user_pool_id(&pool.id).client_id(&sibling.client);
        delete.send().await.unwrap();
        assert_eq!(list(&pool.id).send().await.unwrap().terms.len(), 2);
        let (theirs, of_theirs) = (list(&other.id).send().await.unwrap().terms, list(&pool.id));
        let foreign = server.aws.describe_terms().user_pool_id(&pool.id).terms_id(theirs[0].terms_id());
        assert_eq!(said(foreign.send().await.unwrap_err()).0, "ResourceNotFoundException");
        server.aws.delete_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        assert_eq!(said(of_theirs.send().await.unwrap_err()).0, "ResourceNotFoundException");
    })
    .await;
}
