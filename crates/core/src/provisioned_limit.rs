//! How many requests of a kind an account may make in a second. This server has no such limits: it sheds work when there
//! is more than it can do, whoever asks and for whatever.

use crate::{Error, Result};

/// The kinds of requests that Cognito limits.
const CATEGORIES: [&str; 17] = [
    "ClientAuthentication",
    "UserAccountRecovery",
    "UserAuthentication",
    "UserCreation",
    "UserFederation",
    "UserList",
    "UserPoolClientRead",
    "UserPoolClientUpdate",
    "UserPoolRead",
    "UserPoolResourceRead",
    "UserPoolResourceUpdate",
    "UserPoolUpdate",
    "UserRead",
    "UserResourceRead",
    "UserResourceUpdate",
    "UserToken",
    "UserUpdate",
];

/// The largest number that can be said: no request is refused for its category.
const UNLIMITED: i32 = i32::MAX;

/// Requests of a category in a second.
///
/// # Errors
/// [`Error::InvalidParameter`] for a category that there is not.
pub fn get(category: &str) -> Result<i32> {
    match CATEGORIES.contains(&category) {
        true => Ok(UNLIMITED),
        false => Err(Error::invalid(format!("There is no API category {category}."))),
    }
}

/// Changes the limit of a category, which cannot be done where there is none.
///
/// # Errors
/// [`Error::InvalidParameter`], unless it is asked for what is in force.
pub fn update(category: &str, requested: i32) -> Result<i32> {
    match get(category)? {
        limit if limit == requested => Ok(limit),
        _ => Err(Error::invalid(
            "This server does not limit requests by category, so there is no limit to change.",
        )),
    }
}
