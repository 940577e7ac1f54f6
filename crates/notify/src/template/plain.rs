//! The plain part of an email, from a tenant's HTML: enough for a short letter, not a browser.

/// The text of some HTML. Links keep where they lead: `text: address`.
pub(super) fn from_html(html: &str) -> String {
    let mut text = Text::default();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        text.push(before);
        rest = if let Some(comment) = tag.strip_prefix("<!--") {
            after(comment, "-->")
        } else if let Some((inside, behind)) = markup(tag) {
            let name = name(inside);
            text.tag(&name, inside);
            match name.as_str() {
                "head" | "script" | "style" | "title" => {
                    after(behind, &format!("</{name}")).trim_start_matches('>')
                }
                _ => behind,
            }
        } else {
            text.push("<");
            &tag[1..]
        };
    }
    text.push(rest);
    text.out.trim().to_owned()
}

/// What is inside a tag and what follows it; `None` for a `<` that begins no tag.
fn markup(tag: &str) -> Option<(&str, &str)> {
    let inside = tag.get(1..)?;
    inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')).then_some(())?;
    inside.split_once('>')
}

/// `a` of `A href=...`, `/p` of `/p`, `br` of `br/`.
fn name(inside: &str) -> String {
    let end = inside.char_indices().skip(1).find(|(_, c)| !c.is_ascii_alphanumeric());
    inside[..end.map_or(inside.len(), |(end, _)| end)].to_ascii_lowercase()
}

/// What follows the first `end`, whose letters are lower case, in whatever case it is written.
fn after<'h>(html: &'h str, end: &str) -> &'h str {
    html.to_ascii_lowercase().find(end).map_or("", |at| &html[at + end.len()..])
}

fn href(inside: &str) -> Option<&str> {
    let at = inside.to_ascii_lowercase().find("href=")?;
    let value = &inside[at + "href=".len()..];
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split_ascii_whitespace().next(),
    }
}

#[derive(Default)]
struct Text {
    out: String,
    /// Where the link that is open leads, and where its text begins.
    link: Option<(String, usize)>,
}

impl Text {
    fn tag(&mut self, name: &str, inside: &str) {
        match name {
            "br" | "/p" | "/div" | "/tr" | "/li" | "/h1" | "/h2" | "/h3" | "/h4" => {
                self.out.truncate(self.out.trim_end_matches(' ').len());
                self.out.push('\n');
            }
            "a" => self.link = href(inside).map(|href| (decode(href), self.out.len())),
            "/a" => {
                if let Some((href, start)) = self.link.take()
                    && self.out.get(start..).is_some_and(|text| text.trim() != href)
                {
                    self.out.extend([": ", &href]);
                }
            }
            _ => {}
        }
    }

    /// Adds text, with its white space collapsed as a browser would.
    fn push(&mut self, html: &str) {
        for c in decode(html).chars() {
            match c {
                ' ' | '\t' | '\r' | '\n' if self.out.is_empty() || self.out.ends_with([' ', '\n']) => {}
                ' ' | '\t' | '\r' | '\n' => self.out.push(' '),
                '\u{a0}' => self.out.push(' '),
                c => self.out.push(c),
            }
        }
    }
}

/// Decodes the character references that letters contain.
fn decode(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        match rest.split_once(';').and_then(|(name, behind)| Some((reference(name)?, behind))) {
            Some((c, behind)) => {
                out.push(c);
                rest = behind;
            }
            None => out.push('&'),
        }
    }
    out + rest
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let hexadecimal = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
            char::from_u32(hexadecimal.unwrap_or_else(|| number.parse()).ok()?)
        }
    }
}
