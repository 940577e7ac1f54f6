//! Setting options.

use std::collections::BTreeMap;

use cognate_store::{AppClientId, AppClientSettings, UserPool, UserPoolSettings};
use url::Url;

use super::known::{KNOWN, Known, Values, known};
use super::{PREFIX, place};
use crate::{App, Error, Result, app_client, user_pool};

/// The longest URL.
const LONGEST_URL: usize = 2048;

/// Checks an option that somebody sets.
///
/// # Errors
/// [`Error::InvalidParameter`], which names what there is.
fn check(name: &str, value: &str, is_of_client: bool) -> Result<()> {
    let here = |known: &&Known| known.is_here(is_of_client);
    let Some(known) = known(name).filter(|known| here(known)) else {
        let names: Vec<_> = KNOWN.iter().filter(here).map(|known| known.name).collect();
        return Err(Error::invalid(format!("There is no option {name} here: {}.", names.join(", "))));
    };
    match known.values {
        Values::OneOf(values) if !values.contains(&value) => {
            Err(Error::invalid(format!("The option {name} is one of {}.", values.join(", "))))
        }
        Values::Hosts if value != "off" && !are_hosts(value) => Err(Error::invalid(format!(
            "The option {name} is off; or on, names of hosts, and names of hosts after -, between blanks."
        ))),
        // Where a URL leads is looked at by who sets it.
        Values::OneOf(_) | Values::Url | Values::Hosts => Ok(()),
    }
}

/// Whether a text is `on` and names of hosts, some of them after `-`, as URLs have them: in lower case and in ASCII.
fn are_hosts(text: &str) -> bool {
    let is_host = |name: &str| {
        Url::parse(&format!("https://{name}/")).is_ok_and(|url| place(&url).as_deref() == Some(name))
    };
    let names_host = |it: &str| {
        let name = it.strip_prefix('-').unwrap_or(it);
        !name.starts_with('-') && is_host(name)
    };
    text.split(' ').all(|it| it == "on" || names_host(it))
}

/// Checks the options among a pool's tags.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_tags(tags: &BTreeMap<String, String>) -> Result<()> {
    let mut options = tags.iter().filter_map(|(tag, value)| Some((tag.strip_prefix(PREFIX)?, value)));
    options.try_for_each(|(name, value)| check(name, value, false))
}

/// Options to set; those without a value are as if nobody had said anything.
pub type Changes = [(String, Option<String>)];

async fn check_changes(app: &App, changes: &Changes, is_of_client: bool) -> Result<()> {
    for (name, value) in changes {
        let default = known(name).map_or("", Known::default);
        check(name, value.as_deref().unwrap_or(default), is_of_client)?;
        if let (Some(Known { values: Values::Url, .. }), Some(url)) = (known(name), value) {
            check_url(app, url).await?;
        }
    }
    Ok(())
}

/// Checks a URL that this server is to call.
///
/// # Errors
/// [`Error::InvalidParameter`], which says what is wrong with it.
pub(crate) async fn check_url(app: &App, url: &str) -> Result<()> {
    if url.len() > LONGEST_URL {
        return Err(Error::invalid("The URL is too long."));
    }
    let checked = app.functions.outbound().check(url).await;
    checked.map_err(|wrong| Error::invalid(format!("The URL {wrong}.")))
}

/// Sets options of a pool.
///
/// # Errors
/// [`Error::UserPoolNotFound`], [`Error::InvalidParameter`], [`Error::Busy`].
pub async fn set_of_pool(app: &App, pool: &UserPool, changes: &Changes) -> Result<()> {
    check_changes(app, changes, false).await?;
    user_pool::update(app, &pool.account, &pool.id, |pool| {
        let mut tags = pool.settings.tags.clone();
        for (name, value) in changes {
            let tag = format!("{PREFIX}{name}");
            match value {
                Some(value) => tags.insert(tag, value.clone()),
                None => tags.remove(&tag),
            };
        }
        Ok((pool.name.clone(), UserPoolSettings { tags, ..pool.settings.clone() }))
    })
    .await
}

/// Sets options of a client.
///
/// # Errors
/// [`Error::AppClientNotFound`], [`Error::InvalidParameter`], [`Error::Busy`].
pub async fn set_of_client(
    app: &App,
    pool: &UserPool,
    client: &AppClientId,
    changes: &Changes,
) -> Result<()> {
    check_changes(app, changes, true).await?;
    app_client::reconfigure(app, pool, client, |client| {
        let mut options = client.settings.options.clone();
        for (name, value) in changes {
            match value {
                Some(value) => options.insert(name.clone(), value.clone()),
                None => options.remove(name),
            };
        }
        Ok((client.name.clone(), AppClientSettings { options, ..client.settings.clone() }))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_checked_and_other_tags_are_not() {
        let tags = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(tag, value)| ((*tag).to_owned(), (*value).to_owned())).collect()
        };
        assert!(check_tags(&tags(&[("team", "shop"), ("cognate:profile", "openid")])).is_ok());
        let refused = |tag: &str, value: &str| check_tags(&tags(&[(tag, value)])).unwrap_err().to_string();
        assert!(refused("cognate:profile", "oidc").contains("cognito, openid"));
        assert!(refused("cognate:profil", "openid").contains("profile, pkce"));
        assert!(check("profile", "openid", true).is_err(), "not a client's");
        let documents = "cognate:client_metadata_documents";
        for good in
            ["off", "on", "app.example.com [2001:db8::1]:8443 10.0.0.1", "on -app.example.com a.internal"]
        {
            assert!(check_tags(&tags(&[(documents, good)])).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "on yes/",
            "https://app.example.com",
            "APP.example.com",
            "app.example.com:443",
            "app.example.com/x",
            "me@app.example.com",
            "a.example.com  b.example.com",
            "--app.example.com",
        ] {
            assert!(refused(documents, wrong).contains("hosts"), "{wrong}");
        }
        assert!(refused("cognate:backchannel_logout_uri", "https://app.example.com/").contains("no option"));
    }
}
