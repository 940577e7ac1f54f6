//! What a call of a function can fail by.

/// Why a function did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// Nothing says where it is, or what says so leads where calls may not.
    #[error("it leads nowhere")]
    Configuration,
    /// There is no key for what it is to be told.
    #[error("its key cannot be used")]
    Key,
    /// Whoever runs it does not let it be called.
    #[error("access is denied")]
    AccessDenied,
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or one that broke off.
    #[error("it cannot be reached")]
    Unreachable,
    /// It answered with a status that is none of success.
    #[error("it answered with status {0}")]
    Status(u16),
    /// It did not answer of late, and is left alone for a while.
    #[error("it did not answer of late")]
    Paused,
}
