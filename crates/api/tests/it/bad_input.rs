//! Every built operation against every way a request can be wrong, taken from the service model; and against itself, at
//! the same time.

use cognate_api::aws::user_pools;
use cognate_contract::cognito_idp::Operation;
use serde_json::{Map, Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::isolation::{MODEL, everything, request};
use crate::security::signing::{Answer, Key, call};
use crate::server::TestServer;

/// A request with one thing wrong, and what must be said of it.
struct Spoiled {
    body: Value,
    error: &'static str,
    said: String,
}

struct Model(Value);

impl Model {
    fn shape(&self, name: &str) -> &Value {
        &self.0["shapes"][name]
    }

    fn input(&self, operation: &str) -> Option<&str> {
        self.0["operations"][operation]["input"].as_str()
    }

    /// A value of the right type, as small as the model allows. It may break a pattern: then more is wrong than one thing.
    fn example(&self, name: &str) -> Value {
        let shape = self.shape(name);
        let least = usize::try_from(shape["min"].as_i64().unwrap_or(0).max(0)).unwrap();
        match shape["type"].as_str().unwrap() {
            "string" => match shape["enum"].as_array() {
                Some(values) => values[0].clone(),
                None => json!("a".repeat(least.max(1))),
            },
            "blob" => json!("YQ=="),
            "integer" | "long" => json!(least),
            "timestamp" => json!(1),
            "boolean" => json!(true),
            "list" => {
                let item = shape["member"]["shape"].as_str().unwrap();
                Value::Array((0..least).map(|_| self.example(item)).collect())
            }
            "map" => json!({}),
            "structure" if shape["document"] == true => json!({}),
            "structure" => {
                let required = shape["required"].as_array().into_iter().flatten();
                let member = |name: &Value| {
                    let name = name.as_str().unwrap();
                    let shape = shape["members"][name]["shape"].as_str().unwrap();
                    (name.to_owned(), self.example(shape))
                };
                Value::Object(required.map(member).collect())
            }
            other => panic!("{other}"),
        }
    }

    /// All the ways in which a value of a shape can be wrong. `within` puts a value where it belongs in the request.
    fn spoil(&self, name: &str, within: &dyn Fn(Value) -> Value, depth: usize, out: &mut Vec<Spoiled>) {
        let shape = self.shape(name);
        let mut add =
            |value: Value, error, said: String| out.push(Spoiled { body: within(value), error, said });
        let kind = shape["type"].as_str().unwrap();
        let is_document = shape["document"] == true;
        if !is_document {
            let mistyped = if matches!(kind, "list") { json!(true) } else { json!([1]) };
            add(mistyped, "SerializationException", String::new());
        }
        let out_of = |what: &str, how: &str, bound: i64| {
            format!("Member must have {what} {how} than or equal to {bound}")
        };
        let (least, most) = (shape["min"].as_i64(), shape["max"].as_i64());
        match kind {
            "string" => {
                if let Some(values) = shape["enum"].as_array() {
                    let known: Vec<_> = values.iter().map(|value| value.as_str().unwrap()).collect();
                    let said = format!("Member must satisfy enum value set: [{}]", known.join(", "));
                    add(json!("nonsense"), "InvalidParameterException", said);
                    return;
                }
                if let Some(pattern) = shape["pattern"].as_str().filter(|pattern| !matches_anything(pattern))
                {
                    let said = format!("Member must satisfy regular expression pattern: {pattern}");
                    add(json!("\u{7}"), "InvalidParameterException", said);
                }
                if let Some(most) = most.filter(|most| *most < 200_000) {
                    let long = "a".repeat(usize::try_from(most).unwrap() + 1);
                    add(json!(long), "InvalidParameterException", out_of("length", "less", most));
                }
                if let Some(least) = least.filter(|least| *least > 0) {
                    let short = "a".repeat(usize::try_from(least).unwrap() - 1);
                    add(json!(short), "InvalidParameterException", out_of("length", "greater", least));
                }
            }
            "integer" | "long" => {
                if let Some(most) = most.filter(|most| *most < i64::from(i32::MAX)) {
                    add(json!(most + 1), "InvalidParameterException", out_of("value", "less", most));
                }
                if let Some(least) = least {
                    add(json!(least - 1), "InvalidParameterException", out_of("value", "greater", least));
                }
            }
            "list" => {
                let item = shape["member"]["shape"].as_str().unwrap();
                if let Some(most) = most.filter(|most| *most < 1_000) {
                    let long = (0..=most).map(|_| self.example(item)).collect();
                    add(Value::Array(long), "InvalidParameterException", out_of("length", "less", most));
                }
                if least == Some(1) {
                    add(json!([]), "InvalidParameterException", out_of("length", "greater", 1));
                }
                add(json!([null]), "InvalidParameterException", "Member must not be null".to_owned());
                if depth > 0 {
                    self.spoil(item, &|value| within(json!([value])), depth - 1, out);
                }
            }
            "map" if depth > 0 => {
                let (key, item) =
                    (shape["key"]["shape"].as_str().unwrap(), shape["value"]["shape"].as_str().unwrap());
                let known = self.example(key);
                let known = known.as_str().unwrap();
                self.spoil(item, &|value| within(json!({ known: value })), depth - 1, out);
            }
            "structure" if depth > 0 && !is_document => {
                let Value::Object(valid) = self.example(name) else { panic!("{name}") };
                self.spoil_members(name, &valid, within, depth, out);
            }
            _ => {}
        }
    }

    /// What can be wrong with the members of a structure whose other members are those given.
    fn spoil_members(
        &self,
        name: &str,
        valid: &Map<String, Value>,
        within: &dyn Fn(Value) -> Value,
        depth: usize,
        out: &mut Vec<Spoiled>,
    ) {
        let shape = self.shape(name);
        for required in shape["required"].as_array().into_iter().flatten() {
            let mut others = valid.clone();
            others.remove(required.as_str().unwrap());
            let said = "Member must not be null".to_owned();
            out.push(Spoiled {
                body: within(Value::Object(others)),
                error: "InvalidParameterException",
                said,
            });
        }
        for (member, its) in shape["members"].as_object().into_iter().flatten() {
            let put = |value: Value| {
                let mut members = valid.clone();
                members.insert(member.clone(), value);
                within(Value::Object(members))
            };
            self.spoil(its["shape"].as_str().unwrap(), &put, depth - 1, out);
        }
    }
}

/// Whether a pattern lets a control character pass.
fn matches_anything(pattern: &str) -> bool {
    ["[\\S\\s]", "[\\s\\S]", "\\p{C}", "[\\S]+", "\\S*", ".*", ".+"].iter().any(|any| pattern.contains(any))
}

/// The members that a request for an operation needs, of a request that holds those of every operation.
fn members_of(model: &Model, operation: &str, all: &Value) -> Map<String, Value> {
    let input = model.input(operation).unwrap();
    let members = model.shape(input)["members"].as_object().unwrap();
    let wanted = all.as_object().unwrap().iter().filter(|(name, _)| members.contains_key(*name));
    wanted.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// AWS-4: nothing of a request that is wrong anywhere is done.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn whatever_is_wrong_with_a_request_is_said_and_nothing_is_done(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let model = Model(serde_json::from_str(MODEL).unwrap());
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let key = Key::new(server).await;
        let before = everything(&pool, &key).await;
        let (mut tried, all) = (0, request(&pool.id, &pool.client));
        for row in user_pools::TABLE.iter().filter(|row| row.built) {
            let valid = members_of(&model, row.name, &all);
            let mut spoiled = Vec::new();
            model.spoil_members(model.input(row.name).unwrap(), &valid, &|value| value, 4, &mut spoiled);
            for Spoiled { body, error, said } in spoiled {
                let size = body.to_string().len();
                if size > 200_000 {
                    continue;
                }
                let answer = call(server, row.name, &body).send(server, &key).await;
                let shown = body.to_string().chars().take(300).collect::<String>();
                assert_eq!(answer.status, 400, "{} {shown}: {}", row.name, answer.body);
                assert_eq!(answer.error(), error, "{} {shown}: {}", row.name, answer.body);
                assert!(
                    answer.message().contains(&said),
                    "{} {shown}: {} lacks {said}",
                    row.name,
                    answer.body
                );
                tried += 1;
            }
        }
        assert!(tried > 1_000, "{tried}");
        assert_eq!(everything(&pool, &key).await, before);
    })
    .await;
}

/// The same request four times at once: each is answered as if it came alone, or with an error that the model has.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_same_request_four_times_at_once_is_never_a_fault(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let model = Model(serde_json::from_str(MODEL).unwrap());
        let key = Key::new(server).await;
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let mut built: Vec<_> = user_pools::TABLE.iter().filter(|row| row.built).collect();
        // What takes things away comes last, the pool itself at the very end.
        built.sort_by_key(|row| (row.name == "DeleteUserPool", row.name.contains("Delete")));
        for row in built {
            let body = Value::Object(members_of(&model, row.name, &request(&pool.id, &pool.client)));
            let once = || call(server, row.name, &body).send(server, &key);
            let (a, b, c, d) = tokio::join!(once(), once(), once(), once());
            for answer in [a, b, c, d] {
                assert!(
                    is_modelled(row.name, &answer),
                    "{} {body}: {} {}",
                    row.name,
                    answer.status,
                    answer.body
                );
            }
        }
    })
    .await;
}

fn is_modelled(operation: &str, answer: &Answer) -> bool {
    let modelled = Operation::from_name(operation).unwrap().errors();
    answer.status == 200 || answer.status == 400 && modelled.contains(&answer.error().as_str())
}
