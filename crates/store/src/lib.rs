//! Cognate's tables: all SQL, one file per table or close family, and what is sealed at rest.
//!
//! A repository is a module of functions. `&Db` in a signature borrows a connection for the length of the call;
//! `&mut PgConnection` means "inside somebody's transaction" and never leaves this crate, so no transaction can
//! contain a hash, a webhook or an email.

pub mod access_key;
pub mod account;
pub mod app_client;
pub mod attempt;
pub mod auth_event;
pub mod authorization_code;
pub mod challenge_session;
mod db;
pub mod device;
pub mod device_grant;
pub mod domain;
pub mod embedded;
mod error;
pub mod group;
mod id;
pub mod identity_provider;
pub mod instance;
pub mod login_name;
pub mod logout_notice;
pub mod message;
pub mod message_template;
pub mod passkey;
pub mod password;
mod pool;
pub mod purge;
pub mod record;
pub mod saml_signing_key;
pub mod seal;
pub mod second_factor;
pub mod signing_key;
pub mod statistics;
pub mod user;
pub mod user_import;
pub mod user_pool;
pub mod user_session;
pub mod verification_code;

pub use app_client::{AppClient, AppClientSettings};
pub use db::{Db, MIGRATOR, Options};
pub use error::{Constraint, Error, Result};
pub use id::{AccountId, AppClientId, UserId, UserPoolId, UserSessionId};
pub use user::{User, UserStatus};
pub use user_pool::{UserPool, UserPoolSettings};

/// A moment in UTC, as the database keeps it: to the microsecond.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
