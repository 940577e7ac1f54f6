//! Tokens: issuing, refreshing, checking and revoking them.

pub(crate) mod claims;
pub mod exchange;
pub mod introspect;
pub mod issue;
pub(crate) mod lifetime;
pub mod machine;
pub(crate) mod pair;
pub mod refresh;
pub(crate) mod refresh_token;
pub mod revoke;
pub mod signing_key;
pub mod userinfo;
pub mod verify;

use secrecy::SecretString;

/// The scope that lets a user's access token call the API.
pub const USER_ADMIN_SCOPE: &str = "aws.cognito.signin.user.admin";

/// The scope that makes a grant one of OpenID Connect.
pub const OPENID_SCOPE: &str = "openid";

/// The scopes that tell a client who the user is (OpenID Connect Core 1.0, section 5.4), which every pool has.
pub const IDENTITY_SCOPES: [&str; 4] = [OPENID_SCOPE, "email", "phone", "profile"];

/// What a sign-in or a refresh yields.
#[derive(Debug)]
pub struct Tokens {
    /// Signed; for the API.
    pub access: SecretString,
    /// Signed; says who the user is. Absent where the OAuth endpoints were not asked for `openid`.
    pub id: Option<SecretString>,
    /// Opaque; absent when an old one goes on.
    pub refresh: Option<SecretString>,
    /// What the device is given that has no key yet, where the pool tracks devices.
    pub new_device: Option<crate::device::Metadata>,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// How the access token is used.
    pub token_type: TokenType,
    /// What the access token is good for.
    pub scopes: Vec<String>,
}

/// How an access token is used (RFC 6749, section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// By whoever has it (RFC 6750).
    Bearer,
    /// By whoever proves to have the key that it is bound to (RFC 9449).
    Dpop,
}

impl TokenType {
    /// Of a token that is bound to a key, or is not.
    pub(crate) fn of(key: Option<&str>) -> Self {
        if key.is_some() { Self::Dpop } else { Self::Bearer }
    }

    /// As clients know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
}
