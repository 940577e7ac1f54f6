//! Whose words a message has: those of its client or of its pool, in the language that its reader likes best.

use std::iter::successors;

use cognate_store::message::MessageBody;
use cognate_store::message_template::{MessageTemplate, TemplateWords};

/// The words that fit a message best, where there are any in a language of its reader's: in each language, and then in what is
/// left of its tag without its last parts (RFC 4647, 3.4), the client's before the pool's.
pub(super) fn fitting<'a>(templates: &'a [MessageTemplate], body: &MessageBody) -> Option<&'a TemplateWords> {
    let wanted = body.languages.iter().flat_map(|tag| {
        successors(Some(tag.as_str()), |tag| tag.rsplit_once('-').map(|(shorter, _)| shorter))
    });
    wanted.into_iter().find_map(|language| {
        let of = |client: Option<&str>| {
            let is = |it: &&MessageTemplate| {
                it.language == language && it.client.as_ref().map(|id| id.as_str()) == client
            };
            templates.iter().find(is)
        };
        let own = body.client.as_deref().and_then(|client| of(Some(client)));
        own.or_else(|| of(None)).map(|it| &it.words)
    })
}
