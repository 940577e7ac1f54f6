//! The AWS wire types of Cognito and how a request becomes one of them.
//!
//! The modules of the two services are generated from the models in `model/`; run `cargo run -p cognate-codegen` after
//! changing either. What a request must look like is checked here, before any operation sees it, in the words AWS uses.
//! What an operation does with a well-formed request is none of this crate's business.

#[macro_use]
mod macros;

mod blob;
pub mod cognito_identity;
pub mod cognito_idp;
mod decode;
mod pattern;
mod sensitive;
mod shape;
mod timestamp;
mod validate;
mod violation;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use blob::Blob;
pub use decode::{DecodeError, decode, decode_with};
pub use pattern::Pattern;
pub use sensitive::{SensitiveMap, SensitiveString};
pub use shape::{Member, Shape};
pub use timestamp::Timestamp;

/// An operation: what goes in and what comes out.
pub trait Call {
    /// The request.
    type Input: Input;
    /// The response, or [`NoOutput`].
    type Output: Serialize;
    /// The name on the wire, as in `X-Amz-Target`.
    const NAME: &'static str;
}

/// A request, together with the rules it must obey.
pub trait Input: DeserializeOwned {
    /// What the request must look like.
    const SHAPE: &'static Shape;
}

/// The request of an operation that takes nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct NoInput {}

impl Input for NoInput {
    const SHAPE: &'static Shape = &shape::NOTHING;
}

/// The response of an operation that returns nothing, not even an empty object.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct NoOutput;

/// A text that is none of an enumeration's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownValue;

impl std::fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a value of this enumeration")
    }
}

impl std::error::Error for UnknownValue {}

/// Writes the body of a response. [`NoOutput`] has an empty one.
pub fn encode<T: Serialize>(output: &T) -> Vec<u8> {
    // Wire types are structs with string keys, which serde_json cannot fail to write.
    let body = serde_json::to_vec(output).unwrap_or_default();
    if body == b"null" { Vec::new() } else { body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cognito_idp::{Operation, UserStatusType, op};

    #[test]
    fn an_operation_without_output_has_an_empty_body_and_an_empty_output_does_not() {
        assert_eq!(encode(&NoOutput), b"");
        assert_eq!(encode(&cognito_idp::AddCustomAttributesResponse::default()), b"{}");
    }

    #[test]
    fn absent_members_are_left_out() {
        let response = cognito_idp::SignUpResponse { user_sub: "sub".into(), ..Default::default() };
        assert_eq!(encode(&response), br#"{"UserConfirmed":false,"UserSub":"sub"}"#);
    }

    #[test]
    fn operations_are_found_by_their_exact_name() {
        assert_eq!(Operation::from_name("SignUp"), Some(Operation::SignUp));
        assert_eq!(Operation::from_name("signUp"), None);
        assert_eq!(Operation::from_name(op::SignUp::NAME).map(Operation::name), Some("SignUp"));
        for operation in Operation::ALL {
            assert_eq!(Operation::from_name(operation.name()), Some(*operation));
        }
    }

    #[test]
    fn the_model_says_who_signs_and_which_errors_may_come() {
        assert!(Operation::AdminGetUser.signed());
        assert!(!Operation::SignUp.signed());
        assert_eq!(Operation::ALL.iter().filter(|operation| !operation.signed()).count(), 34);
        assert!(Operation::SignUp.errors().contains(&"UsernameExistsException"));
        assert!(cognito_idp::ERRORS.contains(&("UsernameExistsException", 400)));
        assert!(cognito_idp::ERRORS.contains(&("InternalErrorException", 500)));
    }

    #[test]
    fn every_error_of_every_operation_has_a_status() {
        for error in Operation::ALL.iter().flat_map(|operation| operation.errors()) {
            assert!(cognito_idp::ERRORS.iter().any(|(name, _)| name == error), "{error}");
        }
    }

    #[test]
    fn enumerations_speak_the_wire() {
        assert_eq!(UserStatusType::ForceChangePassword.to_string(), "FORCE_CHANGE_PASSWORD");
        assert_eq!("CONFIRMED".parse(), Ok(UserStatusType::Confirmed));
        assert_eq!("confirmed".parse::<UserStatusType>(), Err(UnknownValue));
        assert_eq!(serde_json::to_value(UserStatusType::Unknown).unwrap(), "UNKNOWN");
        assert_eq!(UserStatusType::ALL.len(), 8);
    }
}
