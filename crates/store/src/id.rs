//! One id type per thing, so that they cannot be mistaken for each other.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is; whether it exists is for the database to say.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh random id.
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// The id as a UUID.
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text_id! {
    /// An account: twelve digits. The tenant.
    AccountId
}
text_id! {
    /// A user pool: `{region}_{nine letters and digits}`.
    UserPoolId
}
text_id! {
    /// An app client: 26 letters and digits, unique over all pools.
    AppClientId
}
uuid_id! {
    /// A user; the `sub` of their tokens.
    UserId
}
uuid_id! {
    /// One sign-in and all tokens that come of it; their `origin_jti` and `event_id`.
    UserSessionId
}

impl AccountId {
    /// The account that development mode maps every caller to.
    pub fn development() -> Self {
        Self::new("000000000000")
    }
}

impl UserPoolId {
    /// The id without its region: what Cognito's SRP calls the pool's name.
    pub fn short_name(&self) -> &str {
        self.0.rsplit_once('_').map_or(self.as_str(), |(_, name)| name)
    }
}
