//! Walks the tables of operations: what holds for every row, whoever built it.

use cognate_api::aws::{Access, Row, identity_pools, user_pools};
use cognate_contract::{cognito_identity, cognito_idp};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::security::signing::{Answer, Key, Unsigned, call};
use crate::server::{OTHER_PASSWORD, PASSWORD, TestServer};

/// The models that the contract is generated from.
const USER_POOLS_MODEL: &str = include_str!("../../../contract/model/cognito-idp.json");
const IDENTITY_POOLS_MODEL: &str = include_str!("../../../contract/model/cognito-identity.json");

struct Service {
    prefix: &'static str,
    signing_name: &'static str,
    table: &'static [Row],
    model: Value,
}

fn services() -> [Service; 2] {
    let model = |text: &str| serde_json::from_str(text).unwrap();
    [
        Service {
            prefix: user_pools::TARGET_PREFIX,
            signing_name: user_pools::SIGNING_NAME,
            table: user_pools::TABLE,
            model: model(USER_POOLS_MODEL),
        },
        Service {
            prefix: identity_pools::TARGET_PREFIX,
            signing_name: identity_pools::SIGNING_NAME,
            table: identity_pools::TABLE,
            model: model(IDENTITY_POOLS_MODEL),
        },
    ]
}

impl Service {
    fn rows(&self, wanted: impl Fn(&Row) -> bool) -> impl Iterator<Item = &'static Row> {
        self.table.iter().filter(move |row| wanted(row))
    }

    /// A call, to be signed for this service.
    fn call(&self, server: &TestServer, row: &Row, body: impl ToString) -> Unsigned {
        let target = format!("{}.{}", self.prefix, row.name);
        Unsigned { target, service: self.signing_name, ..call(server, row.name, body) }
    }

    /// The members of an operation's request, each with the JSON type the model gives it. A document has none.
    fn members(&self, row: &Row) -> Vec<(String, &'static str)> {
        let shapes = &self.model["shapes"];
        let input = self.model["operations"][row.name]["input"].as_str();
        let members = input.and_then(|input| shapes[input]["members"].as_object());
        let typed = |shape: &Value| match shapes[shape["shape"].as_str().unwrap()]["type"].as_str().unwrap() {
            "string" | "blob" => "text",
            "integer" | "long" | "timestamp" => "number",
            "boolean" => "boolean",
            "list" => "array",
            "structure" | "map" => "object",
            other => panic!("{other}"),
        };
        let is_document = |shape: &Value| shapes[shape["shape"].as_str().unwrap()]["document"] == true;
        let members = members.into_iter().flatten().filter(|(_, shape)| !is_document(shape));
        members.map(|(name, shape)| (name.clone(), typed(shape))).collect()
    }
}

/// Calls without a signature.
async fn unsigned(server: &TestServer, service: &Service, row: &Row, body: &str) -> Answer {
    let request = server
        .http
        .post(&server.url)
        .header("x-amz-target", format!("{}.{}", service.prefix, row.name))
        .header("content-type", "application/x-amz-json-1.1")
        .body(body.to_owned());
    Answer::of(request.send().await.unwrap()).await
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

#[test]
fn every_operation_of_the_contract_has_exactly_one_row() {
    let contract = sorted(cognito_idp::Operation::ALL.iter().map(|operation| operation.name()));
    assert_eq!(sorted(user_pools::TABLE.iter().map(|row| row.name)), contract);
    let contract = sorted(cognito_identity::Operation::ALL.iter().map(|operation| operation.name()));
    assert_eq!(sorted(identity_pools::TABLE.iter().map(|row| row.name)), contract);
}

/// AWS-1.
#[test]
fn who_may_call_is_what_the_contract_says() {
    // Their documentation has them authorised by what the request holds, though the model does not say so.
    let by_their_content = ["GetClientToken", "GetDerivedToken"];
    let signed = |name: &str| {
        cognito_idp::Operation::from_name(name).unwrap().signed() && !by_their_content.contains(&name)
    };
    for row in user_pools::TABLE {
        assert_eq!(row.access == Access::Signed, signed(row.name), "{}", row.name);
    }
    let signed = |name: &str| cognito_identity::Operation::from_name(name).unwrap().signed();
    for row in identity_pools::TABLE {
        assert_eq!(row.access == Access::Signed, signed(row.name), "{}", row.name);
    }
}

#[test]
fn a_token_holder_has_somewhere_to_put_the_token() {
    for service in services() {
        for row in service.rows(|row| row.access == Access::TokenHolder) {
            let members = service.members(row);
            assert!(members.iter().any(|(name, _)| name == "AccessToken"), "{}", row.name);
        }
    }
}

/// AWS-1, case 25: built or not.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn every_signed_operation_refuses_who_did_not_sign(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let key = Key::new(server).await;
        let wrong = key.with_wrong_secret();
        let unknown = Key { id: "AKIAIOSFODNN7EXAMPLE".into(), secret: key.secret.clone() };
        for service in services() {
            for row in service.rows(|row| row.access == Access::Signed) {
                for body in ["{}", "", "not JSON"] {
                    let refused = unsigned(server, &service, row, body).await;
                    let said = (refused.status, refused.error(), refused.message());
                    let expected = "MissingAuthenticationTokenException".to_owned();
                    assert_eq!(
                        said,
                        (400, expected, "Missing Authentication Token".to_owned()),
                        "{}",
                        row.name
                    );
                }
                let refused = service.call(server, row, "{}").send(server, &wrong).await;
                let said = (refused.status, refused.error());
                assert_eq!(said, (400, "InvalidSignatureException".to_owned()), "{}", row.name);
                let refused = service.call(server, row, "{}").send(server, &unknown).await;
                let said = (refused.status, refused.error());
                assert_eq!(said, (400, "UnrecognizedClientException".to_owned()), "{}", row.name);
            }
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_signature_nobody_asked_for_is_not_looked_at(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let wrong = Key { id: "AKIAIOSFODNN7EXAMPLE".into(), secret: "nonsense".into() };
        for service in services() {
            for row in service.rows(|row| row.access != Access::Signed) {
                let plain = unsigned(server, &service, row, "{}").await;
                let signed = service.call(server, row, "{}").send(server, &wrong).await;
                assert_eq!((plain.status, &plain.body), (signed.status, &signed.body), "{}", row.name);
            }
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn every_missing_operation_says_that_it_is_missing(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let key = Key::new(server).await;
        for service in services() {
            for row in service.rows(|row| !row.built) {
                let answer = service.call(server, row, "{}").send(server, &key).await;
                assert_eq!(answer.status, 400, "{}", row.name);
                assert_eq!(answer.error(), "UnsupportedOperationException");
                assert_eq!(answer.message(), format!("{} is not supported by this server yet.", row.name));
            }
        }
    })
    .await;
}

/// TOK-2, cases 1 and 3, over every operation that takes an access token.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn every_token_holder_operation_refuses_what_is_no_access_token(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let (access, id) = (tokens.access_token.unwrap(), tokens.id_token.unwrap());
        let payload = access.split('.').nth(1).unwrap();
        // {"alg":"none"}
        let unsecured = format!("eyJhbGciOiJub25lIn0.{payload}.");
        for service in services() {
            for row in service.rows(|row| row.access == Access::TokenHolder && row.built) {
                for token in ["garbage", "a.b.c", &unsecured, &id, &format!("{access}x"), tokens.refresh_token.as_ref().unwrap()] {
                    let body = json!({
                        "AccessToken": token, "PreviousPassword": PASSWORD, "ProposedPassword": OTHER_PASSWORD,
                        "UserAttributes": [{ "Name": "name", "Value": "x" }], "UserAttributeNames": ["name"],
                        "AttributeName": "email", "Code": "123456", "MFAOptions": [], "SessionId": "tkn0000000000000000000000000",
                        "Credential": {}, "CredentialId": "x",
                        "DeviceKey": "us-east-1_00000000-0000-4000-8000-000000000000",
                    });
                    let refused = unsigned(server, &service, row, &body.to_string()).await;
                    assert_eq!(refused.status, 400, "{}: {token}", row.name);
                    assert_eq!(refused.error(), "NotAuthorizedException", "{}: {token}", row.name);
                    assert_eq!(refused.message(), "Invalid Access Token", "{}: {token}", row.name);
                }
            }
        }
        server.aws.get_user().access_token(access).send().await.unwrap();
    })
    .await;
}

/// AWS-4.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn every_built_operation_refuses_what_is_no_request(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let key = Key::new(server).await;
        for service in services() {
            for row in service.rows(|row| row.built) {
                let empty = service.call(server, row, "{}").send(server, &key).await;
                assert_eq!(
                    (empty.status, empty.error().as_str()),
                    (400, "InvalidParameterException"),
                    "{}",
                    row.name
                );
                assert_eq!(service.call(server, row, "").send(server, &key).await.body, empty.body);
                for body in ["not JSON", "[]", "null", "7", "\"text\"", "{", "{}{}", "{\"a\":}", "\u{feff}{}"]
                {
                    let refused = service.call(server, row, body).send(server, &key).await;
                    let said = (refused.status, refused.error());
                    assert_eq!(said, (400, "SerializationException".to_owned()), "{} {body}", row.name);
                }
                for (member, wanted) in service.members(row) {
                    let values = [
                        ("text", json!("text")),
                        ("number", json!(7)),
                        ("boolean", json!(true)),
                        ("array", json!([])),
                        ("object", json!({})),
                    ];
                    for (_, value) in values.iter().filter(|(kind, _)| *kind != wanted) {
                        let body = json!({ (&member): value });
                        let refused = service.call(server, row, &body).send(server, &key).await;
                        let said = (refused.status, refused.error());
                        assert_eq!(said, (400, "SerializationException".to_owned()), "{} {body}", row.name);
                    }
                }
            }
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_out_of_bounds_is_said_in_the_words_of_aws(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let key = Key::new(server).await;
        let nobody = call(server, "AdminGetUser", "{}").send(server, &key).await;
        assert_eq!(
            nobody.message(),
            "2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not \
             be null; Value at 'username' failed to satisfy constraint: Member must not be null"
        );
        let nonsense = call(server, "DescribeUserPool", json!({ "UserPoolId": "nonsense" }));
        assert_eq!(
            nonsense.send(server, &key).await.message(),
            "1 validation error detected: Value 'nonsense' at 'userPoolId' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+"
        );
        let (status, empty) = server.refusal("SignUp", r#"{"ClientId":"","Username":"ada"}"#).await;
        assert_eq!((status, empty["__type"].as_str().unwrap()), (400, "InvalidParameterException"));
        assert_eq!(
            empty["message"],
            "2 validation errors detected: Value at 'clientId' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: [\\w+]+; Value at 'clientId' failed to satisfy constraint: Member must have \
             length greater than or equal to 1"
        );
        let (_, wrong) = server.refusal("SignUp", r#"{"ClientId":7}"#).await;
        assert_eq!(wrong["message"], "NUMBER_VALUE can not be converted to a String");
    })
    .await;
}
