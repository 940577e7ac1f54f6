//! Somebody who signs in: a user, or nobody, who gets as far (ENU-1).

use cognate_store::password::Password;
use cognate_store::user_pool::Trigger;
use cognate_store::{User, UserPool};
use uuid::Uuid;

use crate::app_client::ClientContext;
use crate::trigger::{self, Subject};
use crate::user::{look_up, stand_in, username};
use crate::{App, Error, Result};

/// The name that somebody gave, and who that is.
pub(super) struct Person {
    pub name: String,
    pub found: Option<(User, Option<Password>)>,
}

impl Person {
    /// Whoever has that name in a pool.
    pub(super) async fn named(app: &App, pool: &UserPool, name: String) -> Result<Self> {
        let found = look_up(app, pool, &name).await?;
        Ok(Self { name, found })
    }

    /// Refuses nobody, where the client may know that.
    ///
    /// # Errors
    /// [`Error::UserNotFound`].
    pub(super) fn check_known(&self, context: &ClientContext) -> Result<()> {
        if self.found.is_none() && !context.hides_users() { Err(Error::UserNotFound) } else { Ok(()) }
    }

    /// Asks the pool's function whether they may try to sign in, and looks again for who they are: it may have changed them
    /// (TRG-2).
    ///
    /// # Errors
    /// What it says.
    pub(super) async fn may_try(&mut self, app: &App, context: &ClientContext) -> Result<()> {
        let pool = &context.pool;
        if !trigger::has(pool, Trigger::PreAuthentication) {
            return Ok(());
        }
        let shown = self.shown(pool);
        trigger::pre_authentication(app, context, Subject::named(&shown, self.user())).await?;
        self.found = look_up(app, pool, &self.name).await?;
        Ok(())
    }

    /// The user, if it is one.
    pub(super) fn user(&self) -> Option<&User> {
        self.found.as_ref().map(|(user, _)| user)
    }

    /// The user's id, or what stands for nobody of that name.
    pub(super) fn subject(&self, pool: &UserPool) -> Uuid {
        self.user().map_or_else(|| stand_in(pool, &self.name), |user| user.id.as_uuid())
    }

    /// The user's real username, or what nobody of that name is called.
    pub(super) fn shown(&self, pool: &UserPool) -> String {
        self.user().map_or_else(|| username::of_nobody(pool, &self.name), |user| user.username.clone())
    }
}
