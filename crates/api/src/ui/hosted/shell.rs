//! What is around every page: its language, its look, and the choice of another language.

use std::sync::Arc;

use cognate_core::branding::Picture;
use cognate_core::look::Look;
use cognate_core::site::Site;

use super::Words;

/// What is around a page.
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

    /// Around a page that is no app's.
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
