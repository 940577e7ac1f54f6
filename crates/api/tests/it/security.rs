//! What attackers try. The rules and cases are those of the threat model.

mod guesses;
mod load;
mod logs;
mod recovery;
mod secret_hash;
mod sessions;
mod signatures;
pub(crate) mod signing;
mod tokens;
