//! Somebody who signs in: a user, or nobody, who gets as far (ENU-1).

use cognate_store::group::Membership;
use cognate_store::password::guess::Guessing;
use cognate_store::password::{self, Password};
use cognate_store::user_pool::Trigger;
use cognate_store::{User, UserPool};
use uuid::Uuid;

use super::guess::Guesser;
use crate::app_client::ClientContext;
use crate::trigger::{self, Subject};
use crate::user::{login, look_up, stand_in, username};
use crate::{App, Error, Result, name};

/// The name that somebody gave, and who that is.
pub(super) struct Person {
    pub name: String,
    pub found: Option<(User, Option<Password>)>,
    /// The groups they are in, where that was read with them.
    pub groups: Option<Vec<Membership>>,
    /// Whether a guess of theirs at the password was admitted already.
    is_admitted: bool,
}

impl Person {
    /// Whoever has that name in a pool.
    pub(super) async fn named(app: &App, pool: &UserPool, name: String) -> Result<Self> {
        let found = look_up(app, pool, &name).await?;
        Ok(Self { name, found, groups: None, is_admitted: false })
    }

    /// Whoever has that name in a pool, and guesses at their password next: their guess is counted as they are looked for. A
    /// guess at nobody is, where the client may not know that.
    pub(super) async fn guessing(app: &App, context: &ClientContext, name: String) -> Result<Self> {
        let (pool, normalised) = (&context.pool, name::normalise(&context.pool.settings, &name));
        let stand_in = context.hides_users().then(|| stand_in(pool, &name));
        let login = login(&name, &normalised);
        let (lockout, now) = (app.limits.lockout, app.clock.now());
        let guessing =
            password::guess::find_and_admit(&app.db, &pool.id, Some(login), stand_in, lockout, now).await?;
        let Guessing { found, groups, is_admitted } = guessing;
        Ok(Self { name, found, groups, is_admitted })
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
        (self.found, self.groups) = (look_up(app, pool, &self.name).await?, None);
        Ok(())
    }

    /// The user, if it is one.
    pub(super) fn user(&self) -> Option<&User> {
        self.found.as_ref().map(|(user, _)| user)
    }

    /// Whose guess at the password it is.
    pub(super) fn guesser(&self, pool: &UserPool) -> Guesser {
        Guesser { subject: self.subject(pool), is_admitted: self.is_admitted }
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
