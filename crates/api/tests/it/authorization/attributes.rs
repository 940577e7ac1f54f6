//! What people say of themselves at the pages: what is asked for, and what does not fit.

use aws_sdk_cognitoidentityprovider::types::{
    AttributeDataType, NumberAttributeConstraintsType, SchemaAttributeType, StringAttributeConstraintsType,
    UsernameAttributeType,
};

use super::*;
use crate::server::{OTHER_PASSWORD, Setup};

/// A first password of one's own comes with what the pool requires, and what is left empty is asked for again.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_first_password_comes_with_what_is_missing(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let required =
            |name: &str| SchemaAttributeType::builder().name(name).required(true).mutable(true).build();
        let create = server.aws.create_user_pool().pool_name("attributes");
        let create = create.schema(required("birthdate")).schema(required("given_name"));
        let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
        let pool = TestPool { server, id, client: String::new() };
        let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("ada");
        create.temporary_password(PASSWORD).message_action("SUPPRESS".into()).send().await.unwrap();
        let app = App::public(&pool).await;
        let mut browser = Browser::new(&pool);
        let page = app.opened(&mut browser, &[]).await;
        let page = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        let fields = [("password", OTHER_PASSWORD), ("attribute.birthdate", "1815")];
        let wrong = browser.submit(&page, &fields).await;
        for said in ["Date of birth: please enter year, month and day", "First name: please fill this in."] {
            assert_eq!(wrong.text().matches(said).count(), 2, "{said} {}", wrong.text());
        }
        let fields = [
            ("password", OTHER_PASSWORD),
            ("attribute.birthdate", "1815-12-10"),
            ("attribute.given_name", "Ada"),
        ];
        let sent = browser.submit(&wrong, &fields).await;
        assert!(sent.sent("code").is_some(), "{}", sent.text());
    })
    .await;
}

/// What does not fit is said at its field, in the page's language.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_does_not_fit_is_said_at_its_field(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let required =
            |name: &str| SchemaAttributeType::builder().name(name).required(true).mutable(true).build();
        let age = NumberAttributeConstraintsType::builder().min_value("18").max_value("120").build();
        let age = SchemaAttributeType::builder().name("age").number_attribute_constraints(age);
        let age = age.attribute_data_type(AttributeDataType::Number).mutable(true).build();
        let city = StringAttributeConstraintsType::builder().min_length("2").max_length("5").build();
        let city = SchemaAttributeType::builder().name("city").string_attribute_constraints(city);
        let city = city.attribute_data_type(AttributeDataType::String).mutable(true).build();
        let create = server.aws.create_user_pool().pool_name("attributes").schema(age).schema(city);
        let create = create.schema(required("birthdate")).schema(required("given_name"));
        let create = create.username_attributes(UsernameAttributeType::Email);
        let made = create.send().await.unwrap().user_pool.unwrap();
        let pool = TestPool { server, id: made.id.unwrap(), client: String::new() };
        let app = App::public(&pool).await;
        let writes = ["email", "birthdate", "given_name", "custom:age", "custom:city"].map(str::to_owned);
        app.update(&["openid"]).set_write_attributes(Some(writes.into())).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(900)).await;
        let mut browser = Browser::new(&pool);
        let good = [
            ("username", "ada@example.com"),
            ("attribute.birthdate", "1815-12-10"),
            ("attribute.given_name", "Ada"),
            ("attribute.custom:age", "36"),
            ("attribute.custom:city", "Paris"),
            ("password", PASSWORD),
        ];
        for (name, value, id, said) in [
            (
                "username",
                "ada",
                "username",
                "E-Mail-Adresse: Bitte gib eine Adresse wie ada@example.com ein.",
            ),
            (
                "attribute.birthdate",
                "1815",
                "attribute-birthdate",
                "Geburtsdatum: Bitte gib Jahr, Monat und Tag ein",
            ),
            ("attribute.custom:age", "old", "attribute-custom-age", "age: Bitte gib eine ganze Zahl ein."),
            ("attribute.custom:age", "7", "attribute-custom-age", "age: bitte 18 oder mehr."),
            ("attribute.custom:age", "700", "attribute-custom-age", "age: bitte 120 oder weniger."),
            ("attribute.custom:city", "X", "attribute-custom-city", "city: bitte mindestens 2 Zeichen."),
            (
                "attribute.custom:city",
                "Lissabon",
                "attribute-custom-city",
                "city: bitte höchstens 5 Zeichen.",
            ),
        ] {
            let page = browser.get(&app.page("signup", &[("lang", "de")])).await;
            let fields = good.map(|(field, good)| (field, if field == name { value } else { good }));
            let page = browser.submit(&page, &fields).await;
            assert!(page.text().contains(said), "{said} {}", page.text());
            assert!(page.body.contains(&format!("href=\"#{id}\"")), "{}", page.body);
            assert!(page.body.contains(&format!("aria-describedby=\"{id}-error")), "{}", page.body);
        }
        // All of it at once.
        let page = browser.get(&app.page("signup", &[("lang", "de")])).await;
        let wrong = ["attribute.birthdate", "attribute.custom:age", "attribute.given_name"];
        let fields = good.map(|(name, good)| match name {
            "attribute.given_name" => (name, ""),
            name if wrong.contains(&name) => (name, "x"),
            name => (name, good),
        });
        let page = browser.submit(&page, &fields).await;
        for (id, said) in [
            ("attribute-birthdate", "Geburtsdatum: Bitte gib Jahr"),
            ("attribute-custom-age", "age: Bitte gib eine ganze Zahl ein."),
            ("attribute-given_name", "Vorname: Bitte fülle das aus."),
        ] {
            assert_eq!(page.text().matches(said).count(), 2, "{said} {}", page.text());
            assert!(page.body.contains(&format!("href=\"#{id}\"")), "{}", page.body);
            assert!(page.body.contains(&format!("id=\"{id}-error\"")), "{}", page.body);
        }
        let page = browser.get(&app.page("signup", &[("lang", "ar")])).await;
        let fields: Vec<_> = good.into_iter().filter(|(name, _)| *name != "attribute.given_name").collect();
        let page = browser.submit(&page, &fields).await;
        assert!(page.body.contains("يُرجى ملء هذا الحقل"), "{}", page.text());
        assert!(page.body.contains(r##"href="#attribute-given_name""##), "{}", page.body);
        let ready = browser.submit(&page, &good).await;
        assert!(!ready.body.contains(r#"role="alert""#), "{}", ready.text());
    })
    .await;
}
