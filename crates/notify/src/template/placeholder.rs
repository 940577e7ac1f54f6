//! Placeholders: `{####}`, `{username}`, `{##text##}`, and what notices of sign-ins tell.

/// Which placeholders a template has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `{####}` is the code.
    Code,
    /// `{####}` is the temporary password, `{username}` whose it is.
    Invitation,
    /// `{##text##}` is a link.
    Link,
    /// `{ip-address}` and the like: what a notice of a sign-in tells.
    Notice,
}

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    Code,
    Username,
    Link(&'t str),
    Told(&'t str),
}

/// What the placeholders stand for.
pub(super) struct Values<'a> {
    pub(super) code: &'a str,
    pub(super) username: &'a str,
    pub(super) url: &'a str,
    /// What a notice tells, by its names.
    pub(super) told: &'a [(&'static str, String)],
}

impl Values<'_> {
    fn told(&self, name: &str) -> &str {
        self.told.iter().find(|(it, _)| *it == name).map_or("", |(_, value)| value)
    }

    /// Fills a template whose text is HTML.
    pub(super) fn html(&self, template: &str, form: Form) -> String {
        fill(template, form, |part, out| match part {
            Part::Text(text) => out.push_str(text),
            Part::Code => escape(self.code, out),
            Part::Username => escape(self.username, out),
            Part::Told(name) => escape(self.told(name), out),
            Part::Link(text) => {
                out.push_str("<a href=\"");
                escape(self.url, out);
                out.push_str("\">");
                match text {
                    "" => escape(self.url, out),
                    text => out.push_str(text),
                }
                out.push_str("</a>");
            }
        })
    }

    /// Fills a template whose text is plain.
    pub(super) fn plain(&self, template: &str, form: Form) -> String {
        fill(template, form, |part, out| match part {
            Part::Text(text) => out.push_str(text),
            Part::Code => out.push_str(self.code),
            Part::Username => out.push_str(self.username),
            Part::Told(name) => out.push_str(self.told(name)),
            Part::Link("") => out.push_str(self.url),
            Part::Link(text) => out.extend([text, ": ", self.url]),
        })
    }

    /// Fills a subject. It becomes a header, so it is one line; a link in it is its text.
    pub(super) fn subject(&self, template: &str, form: Form) -> String {
        let subject = fill(template, form, |part, out| match part {
            Part::Text(text) | Part::Link(text) => out.push_str(text),
            Part::Code => out.push_str(self.code),
            Part::Username => out.push_str(self.username),
            Part::Told(name) => out.push_str(self.told(name)),
        });
        let words = subject.split(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
        words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

fn fill(template: &str, form: Form, mut write: impl FnMut(Part<'_>, &mut String)) -> String {
    let mut out = String::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some(brace) = rest.find('{') {
        let (before, from) = rest.split_at(brace);
        let (part, length) = placeholder(from, form).unwrap_or((Part::Text("{"), 1));
        write(Part::Text(before), &mut out);
        write(part, &mut out);
        rest = &from[length..];
    }
    write(Part::Text(rest), &mut out);
    out
}

/// The placeholder that `from` begins with, and its length.
fn placeholder(from: &str, form: Form) -> Option<(Part<'_>, usize)> {
    const CODE: &str = "{####}";
    const USERNAME: &str = "{username}";
    match form {
        Form::Link => {
            let text = from.strip_prefix("{##")?.split_once("##}")?.0;
            Some((Part::Link(text), text.len() + CODE.len()))
        }
        Form::Notice if from.starts_with(USERNAME) => Some((Part::Username, USERNAME.len())),
        Form::Notice => {
            let name = from.strip_prefix('{')?.split_once('}')?.0;
            let is_known = super::notice::NAMES.contains(&name);
            is_known.then(|| (Part::Told(name), name.len() + "{}".len()))
        }
        Form::Invitation if from.starts_with(USERNAME) => Some((Part::Username, USERNAME.len())),
        Form::Code | Form::Invitation => from.starts_with(CODE).then_some((Part::Code, CODE.len())),
    }
}

fn escape(value: &str, out: &mut String) {
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}
