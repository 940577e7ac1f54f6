//! What is around every page: its language, its look, and the choice of another language.

use std::sync::Arc;

use cognate_core::branding::Picture;
use cognate_core::look::{self, Look};
use cognate_core::site::Site;
use cognate_store::{AppClient, UserPool};

use super::Words;
use crate::server::Server;

/// What is around a page.
#[derive(Clone)]
pub(super) struct Shell {
    pub words: Words,
    pub look: Arc<Look>,
    /// What the app calls itself; empty where no app is known.
    pub app: String,
    /// Where the files of the look are.
    files: String,
    pub languages: Option<Languages>,
}

/// Opens a page again in another language.
#[derive(Clone)]
pub(super) struct Languages {
    pub action: String,
    pub parameters: Vec<(String, String)>,
}

impl Shell {
    /// Around the pages of an app.
    pub(super) fn of(words: Words, look: Arc<Look>, app: &str, site: &Site) -> Self {
        let files = format!("{}/ui/{}", site.base, look.owner);
        Self { words, look, app: app.to_owned(), files, languages: None }
    }

    /// Around a page of a pool that somebody comes to by a link, for an app if one is known: in its look and words, or in those that the
    /// pages of a pool have that are no app's. A page in our own is better than none.
    pub(super) async fn for_link(
        server: &Server,
        pool: &UserPool,
        client: Option<&AppClient>,
        site: &Site,
        words: Words,
    ) -> Self {
        let id = client.map(|client| &client.id);
        let words = server.own_words.over(&server.app, pool, id, words).await;
        match look::of(&server.app, pool, id, site).await {
            Ok(look) => Self::of(words, look, client.map_or("", |client| &client.name), site),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a look cannot be read");
                Self::plain(words)
            }
        }
    }

    /// Around a page of which nothing is known.
    pub(super) fn plain(words: Words) -> Self {
        Self { words, look: Arc::default(), app: String::new(), files: String::new(), languages: None }
    }

    /// The address of one of the look's files.
    pub(super) fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.files)
    }

    /// The form's logo, if that is where it is.
    pub(super) fn logo_at(&self, is_inside: bool, is_above: bool) -> Option<&Picture> {
        let logo = self.look.style.form_logo.as_ref();
        logo.filter(|it| it.is_inside == is_inside && it.is_above == is_above).map(|it| &it.picture)
    }
}
