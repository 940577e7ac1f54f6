//! A page that is a form: what there is to fill in, and what else one may do.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use cognate_core::branding::{self, Category};
use cognate_store::user_pool::PasswordPolicy;

use super::shell::Shell;
use super::{Frame, Visit, Words};

/// A page with a form.
#[derive(Template)]
#[template(path = "hosted/form.html")]
pub(super) struct Form {
    pub shell: Shell,
    pub frame: Frame,
    /// What stands for what is asked for.
    pub graphic: Option<branding::Picture>,
    pub heading: String,
    pub lead: Option<String>,
    /// What to think of first.
    pub caution: Option<String>,
    /// Good news.
    pub note: Option<String>,
    /// What is wrong, and with which field, if it is one.
    pub problem: Option<Problem>,
    /// What else is wrong.
    pub besides: Vec<Problem>,
    /// What scripts know it by.
    pub name: &'static str,
    pub action: String,
    pub hidden: Vec<(String, String)>,
    /// Whose new password it takes, for password managers.
    pub whose: Option<String>,
    pub picture: Option<Picture>,
    pub fields: Vec<Field>,
    pub choices: Vec<Choice>,
    pub rules: Vec<Rule>,
    pub button: String,
    /// What one agrees to.
    pub terms: Option<Vec<Piece>>,
    /// Another page that the same form may be sent to.
    pub other_way: Option<Link>,
    /// What a passkey is asked.
    pub passkey: Option<PasskeyRequest>,
    /// What any passkey of the browser is asked beside it.
    pub offer: Option<PasskeyOffer>,
    pub others: Vec<Other>,
    pub links: Vec<Link>,
}

/// What a browser's passkeys are asked, which a script puts to them.
pub(super) struct PasskeyRequest {
    /// `get` or `create`.
    pub act: &'static str,
    /// The options, as JSON.
    pub options: String,
}

/// What the passkeys of a browser are asked whose user has not said who they are: a form of its own.
pub(super) struct PasskeyOffer {
    pub action: String,
    /// What it repeats.
    pub session: String,
    /// The options, as JSON.
    pub options: String,
}

/// What is wrong.
pub(super) struct Problem {
    pub text: String,
    /// The id of the field that it is about.
    pub field: Option<Cow<'static, str>>,
}

/// Something to fill in.
pub(super) struct Field {
    pub id: String,
    pub name: String,
    pub label: String,
    pub hint: Option<String>,
    pub kind: &'static str,
    pub autocomplete: &'static str,
    pub inputmode: Option<&'static str>,
    pub value: String,
    pub is_required: bool,
    pub is_focused: bool,
    /// What a password manager makes new passwords by.
    pub password_rules: Option<String>,
    pub is_code: bool,
}

/// One of several things to choose.
pub(super) struct Choice {
    pub value: &'static str,
    pub label: String,
}

/// What a new password needs; the pattern lets a script tick it off.
pub(super) struct Rule {
    pub text: String,
    pub pattern: String,
}

/// A second form below the first.
pub(super) struct Other {
    pub lead: Option<String>,
    pub action: String,
    pub hidden: Vec<(String, String)>,
    pub button: String,
    /// What its button says for as long as it waits, with `{}` for how much longer; it does not where there is none.
    pub waiting: Option<String>,
}

/// A part of a sentence, which may lead somewhere.
pub(super) struct Piece {
    pub text: String,
    pub href: Option<String>,
}

/// A way to another page.
pub(super) struct Link {
    pub lead: Option<String>,
    pub text: String,
    pub href: String,
}

/// The secret of an authenticator app, for cameras and for people.
pub(super) struct Picture {
    /// SVG of our own.
    pub svg: String,
    pub alternative: String,
    pub key_label: String,
    pub key: String,
}

impl Form {
    /// A form of that name that is sent to another page.
    pub(super) fn to(visit: &Visit, page: &str, name: &'static str, heading: &str, button: &str) -> Self {
        Self::new(visit.frame(), visit.shell(), page, name, heading, button)
    }

    /// The same for somebody whom no app sent.
    pub(super) fn new(
        frame: Frame,
        shell: Shell,
        page: &str,
        name: &'static str,
        heading: &str,
        button: &str,
    ) -> Self {
        Self {
            heading: frame.t(heading),
            button: frame.t(button),
            action: frame.to(page),
            frame,
            shell,
            graphic: None,
            lead: None,
            caution: None,
            note: None,
            problem: None,
            besides: Vec::new(),
            name,
            hidden: Vec::new(),
            whose: None,
            picture: None,
            fields: Vec::new(),
            choices: Vec::new(),
            rules: Vec::new(),
            terms: None,
            other_way: None,
            passkey: None,
            offer: None,
            others: Vec::new(),
            links: Vec::new(),
        }
    }

    /// On a page that can be opened again in another language.
    pub(super) fn on(mut self, visit: &Visit, page: &str) -> Self {
        self.shell.languages = visit.languages(page);
        self
    }

    /// With the graphic that the look has for what is asked for, if any.
    pub(super) fn with_graphic(mut self, category: Category) -> Self {
        let graphics = &self.shell.look.style.graphics;
        self.graphic = graphics.iter().find(|(it, _)| *it == category).map(|(_, picture)| picture.clone());
        self
    }

    /// With something that it repeats.
    pub(super) fn repeating(mut self, name: &str, value: &str) -> Self {
        self.hidden.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With the name that a password manager keeps the password by.
    pub(super) fn of_user(self, name: &str) -> Self {
        Self { whose: Some(name.to_owned()), ..self }
    }

    /// Where something is wrong.
    pub(super) fn but(mut self, problem: Option<Problem>) -> Self {
        self.problem = problem;
        self
    }

    /// With what else is wrong with its fields.
    pub(super) fn and(mut self, besides: Vec<Problem>) -> Self {
        self.besides = besides;
        self.besides.retain(|problem| self.fields.iter().any(|field| field.is_wrong(problem)));
        self
    }

    /// With what a new password needs.
    pub(super) fn with_rules_of(mut self, policy: &PasswordPolicy) -> Self {
        let (t, words) = (|id: &str| self.frame.t(id), &self.frame.words);
        let length = i32::try_from(policy.minimum_length).unwrap_or(i32::MAX);
        let mut rules =
            vec![Rule { text: words.counted("rule-length", length), pattern: format!(".{{{length},}}") }];
        for (is_needed, id, pattern) in [
            (policy.require_uppercase, "rule-upper", "[A-Z]"),
            (policy.require_lowercase, "rule-lower", "[a-z]"),
            (policy.require_numbers, "rule-digit", "[0-9]"),
            (policy.require_symbols, "rule-symbol", r#"[\^$*.\[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]"#),
        ] {
            if is_needed {
                rules.push(Rule { text: t(id), pattern: pattern.to_owned() });
            }
        }
        self.rules = rules;
        self
    }

    /// What is wrong, and the field that it is about, where the page has it.
    fn problems(&self) -> Vec<(&str, Option<&str>)> {
        let all = self.problem.iter().chain(&self.besides);
        let field = |problem: &Problem| self.fields.iter().find(|it| it.is_wrong(problem));
        all.map(|problem| (&*problem.text, field(problem).map(|it| &*it.id))).collect()
    }

    /// What is wrong with a field.
    fn problem_of(&self, field: &Field) -> Option<&Problem> {
        self.problem.iter().chain(&self.besides).find(|problem| field.is_wrong(problem))
    }

    /// Shows it to the browser.
    pub(super) fn show(self, visit: &Visit) -> HttpResponse {
        let token = self.frame.form_token.clone();
        visit.show(StatusCode::OK, &self, &token)
    }
}

/// A sentence with links in it, each by the name of its text and of its place in the sentence.
pub(super) fn sentence(words: &Words, id: &str, links: [(&str, &str, String); 2]) -> Vec<Piece> {
    // Marks that no text has stand for the links until the sentence is in order.
    let marked = links.map(|(text, place, href)| (place, format!("\u{1}{place}\u{1}"), words.of(text), href));
    let values: Vec<_> = marked.iter().map(|(place, mark, ..)| (*place, mark.as_str())).collect();
    let sentence = words.with(id, &values);
    let pieces = sentence.split('\u{1}').map(|piece| {
        let link = marked.iter().find(|(place, ..)| *place == piece);
        match link {
            Some((_, _, text, href)) => Piece { text: text.clone(), href: Some(href.clone()) },
            None => Piece { text: piece.to_owned(), href: None },
        }
    });
    pieces.collect()
}

impl Other {
    /// What sends another code; where one was sent just now, that is given time to come.
    pub(super) fn resend(frame: &Frame, page: &str, hidden: Vec<(String, String)>, is_sent: bool) -> Self {
        Self {
            lead: Some(frame.t("resend-lead")),
            action: frame.to(page),
            hidden,
            button: frame.t("button-resend"),
            waiting: is_sent.then(|| frame.with("button-resend-in", "time", "{}")),
        }
    }
}

impl Field {
    /// A text.
    pub(super) fn text(id: &str, name: &str, label: String) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            label,
            hint: None,
            kind: "text",
            autocomplete: "off",
            inputmode: None,
            value: String::new(),
            is_required: true,
            is_focused: false,
            password_rules: None,
            is_code: false,
        }
    }

    /// The password of somebody who has one.
    pub(super) fn password(id: &str, label: String) -> Self {
        Self { kind: "password", autocomplete: "current-password", ..Self::text(id, "password", label) }
    }

    /// A password that is being chosen.
    pub(super) fn new_password(label: String, policy: &PasswordPolicy) -> Self {
        let mut rules = vec![format!("minlength: {}", policy.minimum_length)];
        for (is_needed, class) in [
            (policy.require_uppercase, "upper"),
            (policy.require_lowercase, "lower"),
            (policy.require_numbers, "digit"),
            (policy.require_symbols, "special"),
        ] {
            if is_needed {
                rules.push(format!("required: {class}"));
            }
        }
        let password_rules = Some(rules.join("; "));
        Self { autocomplete: "new-password", password_rules, ..Self::password("newPassword", label) }
    }

    /// A one-time code.
    pub(super) fn code(label: String) -> Self {
        let (autocomplete, inputmode) = ("one-time-code", Some("numeric"));
        Self { autocomplete, inputmode, is_code: true, is_focused: true, ..Self::text("code", "code", label) }
    }

    /// With what was typed before.
    pub(super) fn holding(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    /// Whether it is for a phone number.
    fn is_phone(&self) -> bool {
        self.kind == "tel"
    }

    /// Whether it is what a problem is about.
    fn is_wrong(&self, problem: &Problem) -> bool {
        problem.field.as_ref().is_some_and(|id| *id == self.id)
    }
}
