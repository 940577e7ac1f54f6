//! The users every request is about: made through the API, signed in once, and turned into requests.

use std::net::SocketAddr;
use std::thread;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use crate::client::{self, Caller, Connection, Request, aws_call};
use crate::raw;
use crate::srp::SrpClient;

/// A user pool full of users who hold tokens.
pub(crate) struct Seeded {
    host: SocketAddr,
    pool: String,
    client: String,
    /// A client that proves passwords by SRP, and whose refresh tokens rotate.
    rotating_client: String,
    users: Vec<User>,
}

/// One user, their password and the tokens they hold.
struct User {
    name: String,
    password: String,
    access_token: String,
    refresh_token: String,
}

/// Makes the pool, an app client and so many users, and signs each of them in.
pub(crate) fn fill(host: SocketAddr, users: usize) -> Result<Seeded> {
    let mut connection = Connection::open(host)?;
    let pool = user_pool(&mut connection, json!({ "PoolName": "bench" }))?;
    let flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    let client = json!({ "UserPoolId": pool, "ClientName": "bench", "ExplicitAuthFlows": flows });
    let created = connection.call("CreateUserPoolClient", Caller::Signed, &client)?;
    let client = text(&created, "/UserPoolClient/ClientId")?;
    let rotating = json!({
        "UserPoolId": pool, "ClientName": "rotating", "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
        "RefreshTokenRotation": { "Feature": "ENABLED" },
    });
    let created = connection.call("CreateUserPoolClient", Caller::Signed, &rotating)?;
    let rotating_client = text(&created, "/UserPoolClient/ClientId")?;

    // Two callers per core keep the server hashing; more would only queue.
    let callers = 2 * raw::cores();
    let users = thread::scope(|scope| {
        let (pool, client) = (&pool, &client);
        let threads: Vec<_> = (0..callers)
            .map(|caller| {
                scope.spawn(move || {
                    let mut connection = Connection::open(host)?;
                    let numbers = (0..users).skip(caller).step_by(callers);
                    numbers
                        .map(|number| user(&mut connection, pool, client, number))
                        .collect::<Result<Vec<_>>>()
                })
            })
            .collect();
        let mut users = Vec::with_capacity(users);
        for thread in threads {
            users.extend(thread.join().map_err(|_| anyhow!("a seeding thread gave up"))??);
        }
        anyhow::Ok(users)
    })?;
    Ok(Seeded { host, pool, client, rotating_client, users })
}

/// Creates a pool and tells its id.
pub(crate) fn user_pool(connection: &mut Connection, settings: Value) -> Result<String> {
    let created = connection.call("CreateUserPool", Caller::Signed, &settings)?;
    text(&created, "/UserPool/Id")
}

/// Creates one user with a password of their own and signs them in.
fn user(connection: &mut Connection, pool: &str, client: &str, number: usize) -> Result<User> {
    let (name, password) = (format!("bench-{number:06}"), format!("Correct-Horse-{number}"));
    let attributes = json!([
        { "Name": "email", "Value": format!("{name}@example.com") },
        { "Name": "email_verified", "Value": "true" },
    ]);
    let new = json!({
        "UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS", "UserAttributes": attributes,
    });
    connection.call("AdminCreateUser", Caller::Signed, &new)?;
    let permanent = json!({ "UserPoolId": pool, "Username": name, "Password": password, "Permanent": true });
    connection.call("AdminSetUserPassword", Caller::Signed, &permanent)?;
    let tokens = connection.call("InitiateAuth", Caller::Public, &sign_in(client, &name, &password))?;
    Ok(User {
        access_token: text(&tokens, "/AuthenticationResult/AccessToken")?,
        refresh_token: text(&tokens, "/AuthenticationResult/RefreshToken")?,
        name,
        password,
    })
}

/// The input of a sign-in with a password.
pub(crate) fn sign_in(client: &str, name: &str, password: &str) -> Value {
    let parameters = json!({ "USERNAME": name, "PASSWORD": password });
    json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client, "AuthParameters": parameters })
}

/// A text in an answer.
pub(crate) fn text(answer: &Value, pointer: &str) -> Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    Ok(text.with_context(|| format!("{pointer} is missing from {answer}"))?.to_owned())
}

impl Seeded {
    /// The pool's id.
    pub(crate) fn pool(&self) -> &str {
        &self.pool
    }

    /// The client's id.
    pub(crate) fn client(&self) -> &str {
        &self.client
    }

    /// Names and passwords of the users.
    pub(crate) fn credentials(&self) -> impl Iterator<Item = (&str, &str)> {
        self.users.iter().map(|user| (user.name.as_str(), user.password.as_str()))
    }

    /// Every user's sign-in with their password.
    pub(crate) fn sign_in(&self) -> Vec<Request> {
        let input = |user: &User| sign_in(&self.client, &user.name, &user.password);
        self.requests("InitiateAuth", input, |_| "\"AccessToken\":\"".to_owned())
    }

    /// A client for every user's sign-in by SRP.
    pub(crate) fn srp_clients(&self) -> Result<Vec<SrpClient>> {
        let of = |user: &User| SrpClient::new(&self.pool, &self.rotating_client, &user.name, &user.password);
        self.users.iter().map(of).collect()
    }

    /// The first call of each.
    pub(crate) fn srp_openings(&self, clients: &[SrpClient]) -> Vec<Request> {
        let request = |client: &SrpClient| {
            let bytes = aws_call(self.host, "InitiateAuth", Caller::Public, &client.opening());
            Request::new(bytes, "\"SECRET_BLOCK\":\"", 1)
        };
        clients.iter().map(request).collect()
    }

    /// The exchange of every refresh token in these answers, each for the next one.
    pub(crate) fn rotations(&self, answers: &[Vec<u8>]) -> Result<Vec<Request>> {
        let request = |answer: &Vec<u8>| {
            let token = text(&serde_json::from_slice(answer)?, "/AuthenticationResult/RefreshToken")?;
            let input = json!({ "ClientId": self.rotating_client, "RefreshToken": token });
            let bytes = aws_call(self.host, "GetTokensFromRefreshToken", Caller::Public, &input);
            Ok(Request::new(bytes, "\"RefreshToken\":\"", 1))
        };
        answers.iter().map(request).collect()
    }

    /// Every user's exchange of their refresh token.
    pub(crate) fn refresh(&self) -> Vec<Request> {
        let input = |user: &User| {
            let parameters = json!({ "REFRESH_TOKEN": user.refresh_token });
            json!({ "AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": self.client, "AuthParameters": parameters })
        };
        self.requests("InitiateAuth", input, |_| "\"AccessToken\":\"".to_owned())
    }

    /// Every user's question who they are.
    pub(crate) fn get_user(&self) -> Vec<Request> {
        let input = |user: &User| json!({ "AccessToken": user.access_token });
        self.requests("GetUser", input, |user| format!("\"Username\":\"{}\"", user.name))
    }

    /// The pool's public keys: two of them.
    pub(crate) fn jwks(&self) -> Vec<Request> {
        let path = format!("/{}/.well-known/jwks.json", self.pool);
        vec![Request::new(client::get(self.host, &path), "\"kid\":", 2)]
    }

    fn requests(
        &self,
        operation: &str,
        input: impl Fn(&User) -> Value,
        expected: impl Fn(&User) -> String,
    ) -> Vec<Request> {
        let request = |user: &User| {
            let bytes = aws_call(self.host, operation, Caller::Public, &input(user));
            Request::new(bytes, &expected(user), 1)
        };
        self.users.iter().map(request).collect()
    }
}
