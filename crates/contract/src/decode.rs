//! From the body of a request to a typed input.

use std::fmt;

use serde_json::{Map, Value};

use crate::validate::validate;
use crate::violation::wrong_type;
use crate::{Input, Shape};

/// Deepest nesting of a request. Documents are the only shapes without a depth of their own.
const DEPTH: usize = 32;

/// Why a body is no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// Not JSON, or a JSON value of the wrong type: `SerializationException`, with the message if there is one.
    Serialization(Option<String>),
    /// Values out of bounds: `InvalidParameterException`, with the message AWS would send.
    Validation(String),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serialization(None) => f.write_str("the body is not JSON"),
            Self::Serialization(Some(message)) | Self::Validation(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Reads the body of a request. An empty body is an empty object.
pub fn decode<T: Input>(body: &[u8]) -> Result<T, DecodeError> {
    decode_with(body, 0)
}

/// Reads the body of a request, whose `Limit` may be as large as the largest page, beyond the model's own maximum.
pub fn decode_with<T: Input>(body: &[u8], largest_page: i64) -> Result<T, DecodeError> {
    let request = checked(T::SHAPE, body, largest_page)?;
    // The walk has seen to it that this cannot fail; if it does, the reason might repeat a secret.
    serde_json::from_value(request).map_err(|_| DecodeError::Serialization(None))
}

/// Reads a body and holds it against a shape.
fn checked(shape: &Shape, body: &[u8], largest_page: i64) -> Result<Value, DecodeError> {
    if too_deep(body) {
        return Err(DecodeError::Serialization(None));
    }
    let mut request = if body.is_empty() {
        Value::Object(Map::new())
    } else {
        serde_json::from_slice(body).map_err(|_| DecodeError::Serialization(None))?
    };
    if !request.is_object() {
        return Err(DecodeError::Serialization(Some(wrong_type(shape, &request))));
    }
    let violations = validate(shape, &mut request, largest_page)
        .map_err(|message| DecodeError::Serialization(Some(message)))?;
    match violations.message() {
        None => Ok(request),
        Some(message) => Err(DecodeError::Validation(message)),
    }
}

/// Whether objects and arrays nest deeper than allowed, found without building anything.
fn too_deep(body: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > DEPTH {
                    return true;
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cognito_idp::*;
    use crate::{Blob, Member, SensitiveString, cognito_identity};

    fn refusal<T: Input>(body: Value) -> String {
        match decode::<T>(body.to_string().as_bytes()).map(|_| ()) {
            Err(DecodeError::Validation(message)) => message,
            other => panic!("{body} gave {other:?}"),
        }
    }

    fn mismatch<T: Input>(body: &str) -> Option<String> {
        match decode::<T>(body.as_bytes()).map(|_| ()) {
            Err(DecodeError::Serialization(message)) => message,
            other => panic!("{body} gave {other:?}"),
        }
    }

    #[test]
    fn pages_may_be_larger_than_the_model_has_them() {
        let body = json!({"UserPoolId": "us-east-1_AbCdEfGhI", "Limit": 200}).to_string();
        let refused = refusal::<ListUsersRequest>(serde_json::from_str(&body).unwrap());
        assert!(refused.ends_with("Member must have value less than or equal to 60"), "{refused}");
        assert!(decode_with::<ListUsersRequest>(body.as_bytes(), 200).is_ok());
        assert!(decode_with::<ListUsersRequest>(body.as_bytes(), 199).is_err());
    }

    #[test]
    fn a_well_formed_request_becomes_its_type() {
        let body = json!({
            "ClientId": "abc", "Username": "ada", "Password": "correct horse", "Unheard": {"of": [1]},
            "UserAttributes": [{"Name": "email", "Value": "ada@example.com"}],
            "ClientMetadata": {}, "ValidationData": null, "SecretHash": null,
        });
        let request: SignUpRequest = decode(body.to_string().as_bytes()).unwrap();
        assert_eq!(request.client_id, "abc");
        assert_eq!(request.password, Some("correct horse".into()));
        let attributes = request.user_attributes.unwrap();
        assert_eq!(
            (attributes[0].name.as_str(), attributes[0].value.as_deref()),
            ("email", Some("ada@example.com"))
        );
        assert!(request.client_metadata.unwrap().is_empty());
        assert!(request.validation_data.is_none() && request.secret_hash.is_none());
    }

    #[test]
    fn an_empty_body_is_an_empty_object() {
        assert!(decode::<ListDevicesRequest>(b"").is_err());
        assert!(decode::<crate::NoInput>(b"").is_ok());
        let get: GetUserPoolMfaConfigRequest = decode(br#"{"UserPoolId":"eu-west-1_abc"}"#).unwrap();
        assert_eq!(get.user_pool_id, "eu-west-1_abc");
    }

    #[test]
    fn an_empty_sensitive_text_breaks_two_rules_pattern_first_and_is_not_shown() {
        assert_eq!(
            refusal::<SignUpRequest>(json!({"ClientId": "", "Username": "ada"})),
            "2 validation errors detected: Value at 'clientId' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\w+]+; \
             Value at 'clientId' failed to satisfy constraint: Member must have length greater than or equal to 1"
        );
    }

    #[test]
    fn a_single_violation_is_counted_in_the_singular_and_shows_a_value_that_is_no_secret() {
        assert_eq!(
            refusal::<DescribeUserPoolRequest>(json!({"UserPoolId": "nonsense"})),
            "1 validation error detected: Value 'nonsense' at 'userPoolId' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+"
        );
    }

    #[test]
    fn a_missing_member_is_null_whether_absent_or_written_as_null() {
        for body in [json!({}), json!({"UserPoolId": null})] {
            assert_eq!(
                refusal::<DescribeUserPoolRequest>(body),
                "1 validation error detected: Value null at 'userPoolId' failed to satisfy constraint: \
                 Member must not be null"
            );
        }
        assert_eq!(
            refusal::<AdminGetUserRequest>(json!({})),
            "2 validation errors detected: Value null at 'userPoolId' failed to satisfy constraint: \
             Member must not be null; Value at 'username' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!(
            refusal::<ListUserPoolsRequest>(json!({"MaxResults": 61})),
            "1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint: \
             Member must have value less than or equal to 60"
        );
        assert!(
            refusal::<ListUserPoolsRequest>(json!({"MaxResults": 0})).ends_with("greater than or equal to 1")
        );
    }

    #[test]
    fn an_unknown_enum_value_is_answered_with_the_set() {
        let body = json!({"UserPoolId": "eu-west-1_a", "Username": "ada", "MessageAction": "SHOUT"});
        assert_eq!(
            refusal::<AdminCreateUserRequest>(body),
            "1 validation error detected: Value 'SHOUT' at 'messageAction' failed to satisfy constraint: \
             Member must satisfy enum value set: [RESEND, SUPPRESS]"
        );
    }

    #[test]
    fn list_items_are_counted_from_one() {
        let attributes = json!([{"Name": "email"}, {"Name": "x".repeat(33)}, {"Value": "nameless"}, null]);
        let body = json!({"ClientId": "a", "Username": "ada", "UserAttributes": attributes});
        assert_eq!(
            refusal::<SignUpRequest>(body),
            "3 validation errors detected: Value 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' at 'userAttributes.2.member.name' \
             failed to satisfy constraint: Member must have length less than or equal to 32; \
             Value null at 'userAttributes.3.member.name' failed to satisfy constraint: Member must not be null; \
             Value null at 'userAttributes.4.member' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn map_values_and_keys_are_found_by_their_key() {
        let body = |links: Value| {
            json!({"UserPoolId": "eu-west-1_a", "ClientId": "a", "TermsName": "terms-of-use",
                   "TermsSource": "LINK", "Enforcement": "NONE", "Links": links})
        };
        assert_eq!(
            refusal::<CreateTermsRequest>(body(json!({"cognito:english": ""}))),
            "2 validation errors detected: Value '' at 'links.cognito:english.member' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: ^[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+$; \
             Value '' at 'links.cognito:english.member' failed to satisfy constraint: \
             Member must have length greater than or equal to 1"
        );
        let message = refusal::<CreateTermsRequest>(body(json!({"klingon": "https://x"})));
        assert!(message.contains("Value 'klingon' at 'links.klingon.member' failed"), "{message}");
        let message = refusal::<CreateTermsRequest>(body(json!({"cognito:english": null})));
        assert!(
            message.contains("Value '{}' at 'links' failed to satisfy constraint: Member must have length")
        );
    }

    #[test]
    fn lists_have_sizes_and_show_only_what_is_no_secret() {
        let tags = json!({"ResourceArn": "arn:aws:cognito-idp:eu-west-1:1:userpool/eu-west-1_a", "Tags": {}});
        assert!(decode::<TagResourceRequest>(tags.to_string().as_bytes()).is_ok());
        let flows = json!({"UserPoolId": "eu-west-1_a", "ClientName": "c", "AllowedOAuthFlows": ["code", "code", "code", "code"]});
        assert_eq!(
            refusal::<CreateUserPoolClientRequest>(flows),
            "1 validation error detected: Value '[code, code, code, code]' at 'allowedOAuthFlows' failed to satisfy \
             constraint: Member must have length less than or equal to 3"
        );
        static SECRETS: Shape = Shape::list(&SECRET).max(1).holds_sensitive();
        static SECRET: Shape = Shape::string().sensitive();
        static REQUEST: Shape = Shape::structure(&[Member::optional("Secrets", &SECRETS)]);
        assert_eq!(
            checked(&REQUEST, br#"{"Secrets":["hunter2","hunter3"]}"#, 0),
            Err(DecodeError::Validation(
                "1 validation error detected: Value at 'secrets' failed to satisfy constraint: \
                 Member must have length less than or equal to 1"
                    .into()
            ))
        );
    }

    #[test]
    fn nothing_inside_a_sensitive_map_is_shown() {
        let long = "hunter2".repeat(20_000);
        for parameters in [json!({"PASSWORD": long}), json!({long.clone(): "x"})] {
            let body =
                json!({"ClientId": "a", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
            assert_eq!(
                refusal::<InitiateAuthRequest>(body),
                "1 validation error detected: Value at 'authParameters.*.member' failed to satisfy constraint: \
                 Member must have length less than or equal to 131072"
            );
        }
    }

    #[test]
    fn null_entries_of_a_map_are_absent() {
        let body = json!({"ClientId": "a", "AuthFlow": "USER_PASSWORD_AUTH",
                          "AuthParameters": {"USERNAME": "ada", "SECRET_HASH": null}});
        let request: InitiateAuthRequest = decode(body.to_string().as_bytes()).unwrap();
        assert_eq!(request.auth_flow, AuthFlowType::UserPasswordAuth);
        assert_eq!(request.auth_parameters.unwrap().keys().collect::<Vec<_>>(), ["USERNAME"]);
    }

    #[test]
    fn lengths_count_characters_and_not_bytes() {
        let body = |name: String| json!({"ClientId": "a", "Username": name}).to_string();
        assert!(decode::<SignUpRequest>(body("ü".repeat(128)).as_bytes()).is_ok());
        assert!(decode::<SignUpRequest>(body("ü".repeat(129)).as_bytes()).is_err());
    }

    #[test]
    fn wrong_types_are_named_before_any_violation() {
        let cases = [
            (r#"{"ClientId":5}"#, "NUMBER_VALUE can not be converted to a String"),
            (r#"{"ClientId":true}"#, "TRUE_VALUE can not be converted to a String"),
            (r#"{"ClientId":{}}"#, "Start of structure or map found where not expected."),
            (r#"{"ClientId":"","Username":[]}"#, "Start of list found where not expected."),
            (r#"{"UserAttributes":"x"}"#, "Unexpected value type in payload."),
            (r#"{"UserAttributes":{}}"#, "Start of structure or map found where not expected."),
            (r#"[]"#, "Start of list found where not expected."),
            (r#"null"#, "Unexpected value type in payload."),
        ];
        for (body, message) in cases {
            assert_eq!(mismatch::<SignUpRequest>(body).as_deref(), Some(message), "{body}");
        }
    }

    #[test]
    fn whole_numbers_are_written_as_such_and_fit() {
        let expected = [
            (r#""60""#, "STRING_VALUE can not be converted to an Integer"),
            ("1.0", "NUMBER_VALUE can not be converted to an Integer"),
            ("1e1", "NUMBER_VALUE can not be converted to an Integer"),
            ("2147483648", "NUMBER_VALUE can not be converted to an Integer"),
            ("18446744073709551615", "NUMBER_VALUE can not be converted to an Integer"),
        ];
        for (number, message) in expected {
            let body = format!(r#"{{"MaxResults":{number}}}"#);
            assert_eq!(mismatch::<ListUserPoolsRequest>(&body).as_deref(), Some(message), "{number}");
        }
        let body = r#"{"IdentityPoolId":"eu-west-1:a","Logins":{},"TokenDuration":86400.5}"#;
        let message = mismatch::<cognito_identity::GetOpenIdTokenForDeveloperIdentityInput>(body);
        assert_eq!(message.as_deref(), Some("NUMBER_VALUE can not be converted to a Long"));
    }

    #[test]
    fn what_is_not_json_is_refused_without_a_word() {
        let bodies: [&[u8]; 5] =
            [b"{", b"x", b"{} {}", b"{\"ClientId\":\"\xff\"}", b"{\"ClientId\":\"\\ud800\"}"];
        for body in bodies {
            assert_eq!(decode::<SignUpRequest>(body).err(), Some(DecodeError::Serialization(None)));
        }
    }

    #[test]
    fn nesting_ends_at_thirty_two() {
        let nested = |depth: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(decode::<crate::NoInput>(nested(32).as_bytes()).is_ok());
        assert_eq!(mismatch::<crate::NoInput>(&nested(33)), None);
        assert_eq!(mismatch::<crate::NoInput>(&nested(10_000)), None);
        assert_eq!(mismatch::<crate::NoInput>(&"[".repeat(1_000_000)), None);
        let brackets = format!(r#"{{"x":"\"{}"}}"#, "[{".repeat(100));
        assert!(decode::<crate::NoInput>(brackets.as_bytes()).is_ok());
    }

    #[test]
    fn documents_are_taken_as_they_are() {
        let body = json!({"UserPoolId": "eu-west-1_a", "ClientId": "a", "Settings": {"a": [1, null, "x"]}});
        let request: CreateManagedLoginBrandingRequest = decode(body.to_string().as_bytes()).unwrap();
        assert_eq!(request.settings, Some(json!({"a": [1, null, "x"]})));
    }

    #[test]
    fn blobs_are_base64_and_have_sizes() {
        let body = |image: String| json!({"UserPoolId": "eu-west-1_a", "ImageFile": image}).to_string();
        let request: SetUICustomizationRequest = decode(body("aGk=".into()).as_bytes()).unwrap();
        assert_eq!(request.image_file, Some(Blob(b"hi".to_vec())));
        let message = mismatch::<SetUICustomizationRequest>(&body("no base64".into()));
        assert_eq!(message.as_deref(), Some("STRING_VALUE can not be converted to a Blob"));
        let message = refusal::<SetUICustomizationRequest>(
            json!({"UserPoolId": "eu-west-1_a", "ImageFile": "AAAA".repeat(50_000)}),
        );
        assert!(message.ends_with("Value at 'imageFile' failed to satisfy constraint: Member must have length less than or equal to 131072"));
    }

    #[test]
    fn times_are_numbers_within_reason() {
        static TIME: Shape = Shape::timestamp();
        static REQUEST: Shape = Shape::structure(&[Member::required("At", &TIME)]);
        assert!(checked(&REQUEST, br#"{"At":1547833345.777}"#, 0).is_ok());
        for body in [r#"{"At":"2020-01-01"}"#, r#"{"At":1e300}"#] {
            let refused =
                matches!(checked(&REQUEST, body.as_bytes(), 0), Err(DecodeError::Serialization(Some(_))));
            assert!(refused, "{body}");
        }
    }

    #[test]
    fn a_request_prints_without_its_secrets() {
        let body = json!({
            "ClientId": "s3cret-client", "Username": "s3cret-name", "Password": "s3cret-word", "SecretHash": "s3cret+hash",
            "UserAttributes": [{"Name": "email", "Value": "s3cret@example.com"}],
            "UserContextData": {"IpAddress": "s3cret-address", "EncodedData": "s3cret-data"},
        });
        let body = body.to_string().replace("s3cret-client", "s3cret");
        let request: SignUpRequest = decode(body.as_bytes()).unwrap();
        let printed = format!("{request:?}");
        assert!(!printed.contains("s3cret"), "{printed}");
        assert!(printed.contains("client_id: [redacted]") && printed.contains("email"), "{printed}");
        let secret: SensitiveString = request.username.clone();
        assert_eq!(secret.into_inner(), "s3cret-name");
    }

    #[test]
    fn odd_bodies_are_answered_and_never_panic() {
        for body in ["", "{}", "[]", "null", "0", r#"{"a":{}}"#] {
            let _ = decode::<CreateUserPoolRequest>(body.as_bytes());
            let _ = decode::<RespondToAuthChallengeRequest>(body.as_bytes());
            let _ = decode::<cognito_identity::GetIdInput>(body.as_bytes());
        }
    }
}
