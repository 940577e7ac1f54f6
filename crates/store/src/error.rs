//! What the database said.

use crate::user_pool::Alias;

/// The result of a store call.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed store call.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row changed between the load and the save; the caller's decision is out of date.
    #[error("the row has changed since it was read")]
    Stale,
    /// A constraint that stands for a rule of ours refused the change.
    #[error("refused by {0:?}")]
    Refused(Constraint),
    /// The database is out of reach or out of connections; trying again may help.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The root key given is no key to build on.
    #[error("{0}")]
    RootKey(&'static str),
    /// Something that should not fail did.
    #[error("internal: {0}")]
    Internal(String),
    /// A stored value could not be read: a wrong root key, or a damaged row.
    #[error("stored value cannot be read: {0}")]
    Unreadable(String),
    /// A text holds what the database cannot: a NUL character.
    #[error("text the database cannot hold")]
    InvalidText,
    /// Anything else.
    #[error("database error")]
    Database(#[source] sqlx::Error),
}

/// The constraints that callers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// The account id is taken.
    AccountExists,
    /// Somebody in the pool signs in with that username already.
    LoginNameTaken,
    /// Somebody in the pool signs in with that alias already.
    AliasTaken(Alias),
    /// The pool has a group of that name already.
    GroupExists,
    /// The pool has a record of that kind and id already.
    RecordExists,
    /// Another pool, client or user has that id already.
    IdTaken,
    /// The account has an active import job already.
    ImportIsActive,
    /// A provider of the pool has that identifier already.
    IdentifierTaken,
    /// The domain leads to a pool already.
    DomainTaken,
    /// The pool has a domain, of that kind if one is created.
    PoolHasDomain,
    /// The row this one belongs to is gone (deleted in between).
    ParentGone,
}

impl Error {
    /// The same error for others who waited for the same answer: that the database gave none. Anything else may be about one of them.
    pub fn of_all(&self) -> Option<Self> {
        matches!(self, Self::Unavailable(_)).then_some(Self::Unavailable(sqlx::Error::PoolTimedOut))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match (database.kind(), database.table()) {
                (sqlx::error::ErrorKind::UniqueViolation, Some("accounts")) => {
                    Self::Refused(Constraint::AccountExists)
                }
                (sqlx::error::ErrorKind::UniqueViolation, Some("login_names")) => {
                    Self::Refused(Constraint::LoginNameTaken)
                }
                (sqlx::error::ErrorKind::UniqueViolation, Some("groups")) => {
                    Self::Refused(Constraint::GroupExists)
                }
                (sqlx::error::ErrorKind::UniqueViolation, Some("records")) => {
                    Self::Refused(Constraint::RecordExists)
                }
                (
                    sqlx::error::ErrorKind::UniqueViolation,
                    Some("user_pools" | "app_clients" | "app_client_directory" | "users"),
                ) => Self::Refused(Constraint::IdTaken),
                (sqlx::error::ErrorKind::UniqueViolation, Some("user_import_jobs")) => {
                    Self::Refused(Constraint::ImportIsActive)
                }
                (sqlx::error::ErrorKind::UniqueViolation, Some("identity_provider_identifiers")) => {
                    Self::Refused(Constraint::IdentifierTaken)
                }
                (sqlx::error::ErrorKind::UniqueViolation, Some("domains")) => {
                    Self::Refused(match database.constraint() {
                        Some("domains_one_prefix") => Constraint::PoolHasDomain,
                        _ => Constraint::DomainTaken,
                    })
                }
                (sqlx::error::ErrorKind::ForeignKeyViolation, _) => Self::Refused(Constraint::ParentGone),
                _ if matches!(database.code().as_deref(), Some("22021" | "22P05")) => Self::InvalidText,
                _ if database.code().is_some_and(|code| is_passing(&code)) => Self::Unavailable(error),
                _ => Self::Database(error),
            },
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_) => Self::Unavailable(error),
            _ => Self::Database(error),
        }
    }
}

/// SQLSTATE classes that pass by themselves: connection loss (08), resources (53), operator intervention (57),
/// serialisation and deadlock (40), lock timeout (55P03).
fn is_passing(code: &str) -> bool {
    ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class)) || code == "55P03"
}
