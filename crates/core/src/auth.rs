//! Signing in: the flows, the challenges between, and the count of wrong passwords.

pub mod challenge;
pub mod guess;
pub mod second_factor;
pub mod sign_in;
pub mod srp;

/// The ways to sign in that are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Name and password from the user.
    UserPassword,
    /// Name and password through a trusted server.
    AdminUserPassword,
    /// The password, proven without being sent.
    UserSrp,
    /// A refresh token.
    RefreshToken,
}
