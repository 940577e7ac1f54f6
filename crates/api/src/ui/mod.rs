//! Pages for people: the confirmation link, the links of notices, and in development the inbox.

mod confirm_user;
mod feedback;
mod hosted;
mod inbox;
pub(crate) mod look;
mod page;
mod words;

use actix_web::web::ServiceConfig;

/// The pages of every pool, and of development mode.
pub(crate) fn routes(config: &mut ServiceConfig, development: bool) {
    if development {
        inbox::routes(config);
    }
    confirm_user::routes(config);
    hosted::routes(config);
    feedback::routes(config);
    look::routes(config);
}
