//! Tokens: issuing, refreshing, checking and revoking them.

pub(crate) mod claims;
pub mod exchange;
pub mod introspect;
pub mod issue;
pub mod machine;
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
}
