//! Pages for people: those of pools, and in development the inbox.

mod hosted;
mod inbox;
pub(crate) mod look;
mod message_words;
pub mod own_words;
mod page;
mod words;

use actix_web::web::ServiceConfig;

/// The pages of every pool, and of development mode.
pub(crate) fn routes(config: &mut ServiceConfig, development: bool) {
    if development {
        inbox::routes(config);
    }
    page::routes(config);
    hosted::routes(config);
    look::routes(config);
}
