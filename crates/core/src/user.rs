//! Users: finding them, and what they and their administrators do with their accounts.

pub mod admin;
pub mod attribute;
pub mod change;
pub mod code;
pub mod filter;
pub mod list;
pub(crate) mod migration;
pub mod passkey;
pub mod password;
mod pool_budget;
pub mod second_factor;
pub mod settings;
pub mod sign_up;
pub mod username;

use cognate_store::password::Password;
use cognate_store::user::{self, Login};
use cognate_store::{User, UserId, UserPool};
use uuid::Uuid;

use crate::{App, Error, Result, name};

/// The user of a username, verified alias or `sub`, and their password.
pub(crate) async fn look_up(
    app: &App,
    pool: &UserPool,
    username: &str,
) -> Result<Option<(User, Option<Password>)>> {
    let name = name::normalise(&pool.settings, username);
    Ok(user::by_login(&app.db, pool, login(username, &name)).await?)
}

/// What somebody signs in with who gave a username, which is normalised to that name.
pub(crate) fn login<'a>(username: &str, name: &'a str) -> Login<'a> {
    Login { name, sub: Uuid::try_parse(username).ok() }
}

/// The user of a username, verified alias or `sub`, for an administrator.
///
/// # Errors
/// [`Error::UserNotFound`].
pub async fn find(app: &App, pool: &UserPool, username: &str) -> Result<User> {
    look_up(app, pool, username).await?.map(|(user, _)| user).ok_or(Error::UserNotFound)
}

/// Deletes a user and all that belongs to them: for the user themselves, or an administrator.
///
/// # Errors
/// [`Error::UserNotFound`].
pub async fn delete(app: &App, pool: &UserPool, id: UserId) -> Result<()> {
    if !user::delete(&app.db, &pool.id, id, app.clock.now()).await? {
        return Err(Error::UserNotFound);
    }
    app.caches.forget_user(&pool.id, id).await;
    Ok(())
}

/// The id that stands for a name that nobody has: derived from the name, the same each time (ENU-1). An id that nobody has
/// stands for itself, as a user's does.
pub(crate) fn stand_in(pool: &UserPool, username: &str) -> Uuid {
    if let Ok(id) = Uuid::try_parse(username) {
        return id;
    }
    let digest = pool.key.digest("stand-in", &[name::normalise(&pool.settings, username).as_bytes()]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
