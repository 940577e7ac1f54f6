//! Words that owners have for messages, beside their templates: those of their pages.

use std::future::Future;
use std::pin::Pin;

use cognate_store::message::{CustomWords, MessageBody};
use cognate_store::{AppClientId, UserPool};

use crate::App;

/// What finds them.
pub trait OwnersWording: Send + Sync {
    /// Those for a message that is asked for through a client, in the first of its languages that they are in; none where the owner has
    /// none of their own for it, or what has them cannot be read.
    fn words<'a>(
        &'a self,
        app: &'a App,
        pool: &'a UserPool,
        client: Option<&'a AppClientId>,
        message: &'a MessageBody,
    ) -> Pin<Box<dyn Future<Output = Option<CustomWords>> + Send + 'a>>;
}
