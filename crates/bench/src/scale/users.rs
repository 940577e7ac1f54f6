//! A pool of a million users beside one of a thousand.

use std::net::SocketAddr;

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::{Caller, Connection, Request, aws_call};
use crate::seed;
use crate::server::Postgres;

/// How many users a page holds. A prefix and a group have a hundred, in a pool of whatever size.
const PAGE: usize = 60;
const HUNDRED: usize = 100;

/// A pool whose users were written straight into the database.
pub(super) struct Filled {
    host: SocketAddr,
    pool: String,
    /// How many users it has.
    pub(super) users: usize,
}

/// Makes a pool and fills it.
pub(super) fn fill(host: SocketAddr, postgres: &Postgres, users: usize) -> Result<Filled> {
    let pool = seed::user_pool(&mut Connection::open(host)?, json!({ "PoolName": "scale" }))?;
    postgres.run(include_str!("users.sql"), &[("pool", &pool), ("users", &users.to_string())])?;
    Ok(Filled { host, pool, users })
}

impl Filled {
    /// AdminGetUser for users from all over the pool.
    pub(super) fn admin_get_user(&self, asked_for: usize) -> Vec<Request> {
        self.requests(1, asked_for, |number| {
            let name = format!("user-{number:07}");
            let expected = format!("\"Username\":\"{name}\"");
            ("AdminGetUser", json!({ "UserPoolId": self.pool, "Username": name }), expected, 1)
        })
    }

    /// ListUsers by the beginning of an email address that a hundred users share.
    pub(super) fn list_users(&self, asked_for: usize) -> Vec<Request> {
        self.requests(HUNDRED, asked_for, |number| {
            let filter = format!("email ^= \"u{number:05}\"");
            let input = json!({ "UserPoolId": self.pool, "Filter": filter, "Limit": PAGE });
            ("ListUsers", input, "\"Username\":".to_owned(), PAGE)
        })
    }

    /// ListUsersInGroup for groups of a hundred users.
    pub(super) fn list_users_in_group(&self, asked_for: usize) -> Vec<Request> {
        self.requests(HUNDRED, asked_for, |number| {
            let group = format!("group-{number:05}");
            let input = json!({ "UserPoolId": self.pool, "GroupName": group, "Limit": PAGE });
            ("ListUsersInGroup", input, "\"Username\":".to_owned(), PAGE)
        })
    }

    /// Requests for things that so many users share each, for so many users, who lie evenly all over the pool.
    fn requests(
        &self,
        share: usize,
        asked_for: usize,
        ask: impl Fn(usize) -> (&'static str, Value, String, usize),
    ) -> Vec<Request> {
        let numbers = (0..self.users / share).step_by(self.users / asked_for);
        let request = |number| {
            let (operation, input, expected, times) = ask(number);
            Request::new(aws_call(self.host, operation, Caller::Signed, &input), &expected, times)
        };
        numbers.map(request).collect()
    }
}
