//! Words of owners in place of ours: Fluent messages by the names that our catalogues have, for a pool or one of its clients.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use cognate_core::{App, page_text};
use cognate_store::record::{Record, Stamp};
use cognate_store::{AppClientId, UserPool, UserPoolId};
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use moka::future::Cache;

use super::words::{self, Bundle, Words};

/// The longest catalogue, in bytes: ours is a fraction of it.
const LONGEST: usize = 128 * 1024;
/// How much of owners' catalogues is remembered, in bytes.
const REMEMBERED: u64 = 16 * 1024 * 1024;

/// The texts that must say all that ours say: whom an app that nobody looked at sends its users to, what they agree to, where a code
/// went and what it is, and which device is signed in as whom.
const WHOLE: [&str; 9] = [
    "stranger",
    "stranger-scopes",
    "agreement",
    "code-sent",
    "message-code",
    "message-link",
    "message-sign-in",
    "allow-device-lead",
    "allow-device-caution",
];

/// A catalogue of an owner's.
pub(super) struct Own {
    pub(super) bundle: Bundle,
    weight: u32,
}

impl Own {
    fn read(tag: &str, catalogue: String) -> Self {
        // A bundle takes about twice what it was read from.
        let weight = u32::try_from(2 * catalogue.len()).unwrap_or(u32::MAX);
        Self { bundle: words::bundle(tag, catalogue), weight }
    }
}

/// Those that were read of late, by what they are made from, so that none is ever old.
#[derive(Clone)]
pub struct OwnWords(Cache<(UserPoolId, Stamp), Arc<Own>>);

impl Default for OwnWords {
    fn default() -> Self {
        let cache = Cache::builder().weigher(|_, own: &Arc<Own>| own.weight.saturating_add(1024));
        Self(cache.max_capacity(REMEMBERED).time_to_idle(Duration::from_secs(300)).build())
    }
}

impl OwnWords {
    /// These words, with those in their place that a pool and a client of it have. A page without them is better than none.
    pub(super) async fn over(
        &self,
        app: &App,
        pool: &UserPool,
        client: Option<&AppClientId>,
        words: Words,
    ) -> Words {
        match self.of(app, pool, client, words.tag()).await {
            Ok(own) => words.under(own),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "an owner's words cannot be read");
                words
            }
        }
    }

    async fn of(
        &self,
        app: &App,
        pool: &UserPool,
        client: Option<&AppClientId>,
        tag: &str,
    ) -> cognate_core::Result<Vec<Arc<Own>>> {
        let mut own = Vec::new();
        for stamp in page_text::stamps(app, pool, client, tag).await? {
            let key = (pool.id.clone(), stamp);
            if let Some(read) = self.0.get(&key).await {
                own.push(read);
            } else if let Some(catalogue) = page_text::catalogue(app, pool, &key.1).await? {
                let read = Arc::new(Own::read(tag, catalogue));
                self.0.insert(key, read.clone()).await;
                own.push(read);
            }
        }
        Ok(own)
    }
}

/// Sets the words of a client in a language, or of all clients of a pool, in place of those that are there.
///
/// # Errors
/// In words for the operator.
pub async fn set(
    app: &App,
    pool: &UserPool,
    client: Option<&AppClientId>,
    language: &str,
    catalogue: Vec<u8>,
) -> anyhow::Result<()> {
    let tag = tag(language)?;
    ensure!(catalogue.len() <= LONGEST, "the texts are longer than {LONGEST} bytes");
    let catalogue = String::from_utf8(catalogue).context("the texts are not UTF-8")?;
    check(&catalogue)?;
    Ok(page_text::set(app, pool, client, tag, catalogue).await?)
}

/// The words that a pool and its clients have.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, pool: &UserPool) -> anyhow::Result<Vec<Record<page_text::PageTexts>>> {
    Ok(page_text::list(app, pool).await?)
}

/// Takes words away.
///
/// # Errors
/// In words for the operator.
pub async fn remove(
    app: &App,
    pool: &UserPool,
    client: Option<&AppClientId>,
    language: &str,
) -> anyhow::Result<()> {
    let removed = page_text::remove(app, pool, client, tag(language)?).await?;
    ensure!(removed, "there are no such texts");
    Ok(())
}

/// The pages' tag of a language.
fn tag(language: &str) -> anyhow::Result<&'static str> {
    let tags = words::NAMES.map(|(tag, _)| tag);
    let found = tags.into_iter().find(|tag| tag.eq_ignore_ascii_case(language));
    found.with_context(|| format!("the pages are not in {language:?}, but in {}", tags.join(", ")))
}

/// Refuses what the pages could not say: texts by names that they do not have, and what our own text of that name does not name.
fn check(catalogue: &str) -> anyhow::Result<()> {
    let line = |at: usize| catalogue.get(..at).unwrap_or_default().matches('\n').count() + 1;
    let read = FluentResource::try_new(catalogue.to_owned());
    let resource = read.map_err(|(_, errors)| {
        let told = errors.iter().map(|error| format!("line {}: {}", line(error.pos.start), error.kind));
        anyhow::anyhow!("the texts cannot be read: {}", told.collect::<Vec<_>>().join("; "))
    })?;
    let ours = FluentResource::try_new(words::ENGLISH.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let bundle = words::bundle("en", catalogue.to_owned());
    let mut named = BTreeSet::new();
    for entry in resource.entries() {
        let message = match entry {
            Entry::Message(message) => message,
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
            Entry::Term(_) | Entry::Junk { .. } => bail!("the texts hold something that is no text"),
        };
        let id = message.id.name;
        let known = ours.entries().find_map(|it| match it {
            Entry::Message(known) if known.id.name == id => Some(known),
            _ => None,
        });
        let known = known.with_context(|| format!("the pages have no text {id}"))?;
        ensure!(named.insert(id), "{id} is there twice");
        let value = message.value.as_ref().filter(|_| message.attributes.is_empty());
        let value = value.with_context(|| format!("{id} is not just a text"))?;
        let wanted = variables(value);
        let wanted =
            wanted.with_context(|| format!("{id} refers to something else than what is put into it"))?;
        let given = known.value.as_ref().and_then(variables).unwrap_or_default();
        if let Some(unknown) = wanted.difference(&given).next() {
            bail!("{id} names ${unknown}, which there is none of in it");
        }
        if let Some(missing) = given.difference(&wanted).next().filter(|_| WHOLE.contains(&id)) {
            bail!("{id} must name ${missing}, which people have to know");
        }
        says_something(id, &wanted, &bundle)?;
    }
    Ok(())
}

/// What is put into a text, if that is all that it refers to.
fn variables<'a>(text: &Pattern<&'a str>) -> Option<BTreeSet<&'a str>> {
    let mut found = BTreeSet::new();
    pattern_within(text, &mut found).then_some(found)
}

/// Collects what is put into a part of a text; says whether that is all that it refers to.
fn pattern_within<'a>(pattern: &Pattern<&'a str>, found: &mut BTreeSet<&'a str>) -> bool {
    pattern.elements.iter().all(|element| match element {
        PatternElement::TextElement { .. } => true,
        PatternElement::Placeable { expression } => within(expression, found),
    })
}

fn within<'a>(expression: &Expression<&'a str>, found: &mut BTreeSet<&'a str>) -> bool {
    match expression {
        Expression::Inline(inline) => inline_within(inline, found),
        Expression::Select { selector, variants } => {
            inline_within(selector, found)
                && variants.iter().all(|variant| pattern_within(&variant.value, found))
        }
    }
}

fn inline_within<'a>(inline: &InlineExpression<&'a str>, found: &mut BTreeSet<&'a str>) -> bool {
    match inline {
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => true,
        InlineExpression::VariableReference { id } => {
            found.insert(id.name);
            true
        }
        InlineExpression::Placeable { expression } => within(expression, found),
        InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => false,
    }
}

/// Says a text once.
fn says_something(id: &str, wanted: &BTreeSet<&str>, bundle: &Bundle) -> anyhow::Result<()> {
    let pattern = bundle.get_message(id).and_then(|it| it.value());
    let said = pattern.map(|pattern| {
        let mut args = FluentArgs::new();
        wanted.iter().for_each(|name| args.set((*name).to_owned(), 2));
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        (text, errors)
    });
    let is_said = said.is_some_and(|(text, errors)| errors.is_empty() && !text.trim().is_empty());
    ensure!(is_said, "{id} says nothing");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_names_and_the_variables_that_ours_have() {
        check("# Ours\nsign-in-title = Welcome back\nsign-in-lead = { $app } is waiting\n").unwrap();
        check("rule-length = { $count ->\n    [one] one\n   *[other] { $count } letters\n }\n").unwrap();
        for (catalogue, told) in [
            ("sign-in-title Welcome", "line 1"),
            ("a = b\nsign-in-title = x", "no text a"),
            ("sign-in-title = a\nsign-in-title = b", "twice"),
            ("sign-in-title = Hello { $app }", "$app"),
            ("sign-in-title = { sign-in-lead }", "something else"),
            ("sign-in-title = { NUMBER(3) }", "something else"),
            ("-brand = Shop\nsign-in-title = { -brand }", "no text"),
            ("sign-in-title =\n    .label = x", "not just a text"),
            ("sign-in-title = { \"\" }", "says nothing"),
            ("stranger = { $app } is fine", "must name $place"),
        ] {
            let refused = check(catalogue).unwrap_err().to_string();
            assert!(refused.contains(told), "{catalogue}: {refused}");
        }
        assert_eq!(tag("PT-br").unwrap(), "pt-BR");
        assert!(tag("tlh").unwrap_err().to_string().contains("zh-TW"));
    }
}
