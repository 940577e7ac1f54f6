//! Style sheets of tenants: parsed, and held against lists of what they may say (HUI-5). Nothing in them reaches beyond
//! the page: no import, no address, no script.

use cssparser::{Delimiter, ParseError, Parser, Token};

use crate::{Error, Result};

/// The classes that the classic pages let tenants style, each with the state it may be styled in.
const SELECTORS: [&str; 18] = [
    "background-customizable",
    "banner-customizable",
    "errorMessage-customizable",
    "idpButton-customizable",
    "idpButton-customizable:hover",
    "idpDescription-customizable",
    "inputField-customizable",
    "inputField-customizable:focus",
    "label-customizable",
    "legalText-customizable",
    "logo-customizable",
    "passwordCheck-valid-customizable",
    "passwordCheck-notValid-customizable",
    "redirect-customizable",
    "socialButton-customizable",
    "submitButton-customizable",
    "submitButton-customizable:hover",
    "textDescription-customizable",
];

/// The functions that values may use: colours, numbers, gradients and movement. None of them loads anything.
const FUNCTIONS: [&str; 46] = [
    "blur",
    "brightness",
    "calc",
    "clamp",
    "color",
    "color-mix",
    "conic-gradient",
    "contrast",
    "cubic-bezier",
    "drop-shadow",
    "grayscale",
    "hsl",
    "hsla",
    "hue-rotate",
    "hwb",
    "invert",
    "lab",
    "lch",
    "light-dark",
    "linear-gradient",
    "matrix",
    "max",
    "min",
    "oklab",
    "oklch",
    "opacity",
    "perspective",
    "radial-gradient",
    "repeating-conic-gradient",
    "repeating-linear-gradient",
    "repeating-radial-gradient",
    "rgb",
    "rgba",
    "rotate",
    "rotatex",
    "rotatey",
    "saturate",
    "scale",
    "scalex",
    "scaley",
    "sepia",
    "skew",
    "steps",
    "translate",
    "translatex",
    "translatey",
];

/// Functions that load an image or run a script in some browser.
const LOADERS: [&str; 9] =
    ["url", "src", "image", "image-set", "-webkit-image-set", "cross-fade", "element", "expression", "paint"];

/// How deep brackets may nest.
const DEPTH: u8 = 8;

type Parsed<T> = std::result::Result<T, ParseError<String>>;

fn refuse<T>(reason: impl Into<String>) -> Parsed<T> {
    Err(ParseError::custom(reason.into()))
}

fn parse(css: &str, rules: impl FnOnce(&mut Parser<'_>) -> Parsed<()>) -> std::result::Result<(), String> {
    let mut parser = Parser::new(css);
    parser.set_nested_block_limit(DEPTH);
    rules(&mut parser).map_err(|error| match error.kind {
        cssparser::ParseErrorKind::Custom(reason) => reason,
        cssparser::ParseErrorKind::Basic(_) => {
            format!("it cannot be read near \"{}\"", excerpt(parser.current_line()))
        }
    })
}

/// The beginning of what is wrong, for a message.
pub(crate) fn excerpt(text: &str) -> String {
    text.trim().chars().take(40).collect()
}

/// Checks a style sheet for the classic pages: rules for the listed classes, and nothing else.
///
/// # Errors
/// [`Error::InvalidParameter`] that says what is not allowed.
pub(crate) fn check_for_pages(css: &str) -> Result<()> {
    let checked = match css.contains('<') {
        // Not even in a comment: nothing that ends an element may stand in it, wherever it is put.
        true => Err("it contains \"<\"".to_owned()),
        false => parse(css, |parser| {
            while !parser.is_exhausted() {
                parser.parse_until_before(Delimiter::CurlyBracketBlock, selectors)?;
                parser.expect_curly_bracket_block()?;
                parser.parse_nested_block(declarations)?;
            }
            Ok(())
        }),
    };
    checked.map_err(|reason| Error::invalid(format!("The CSS is not allowed: {reason}.")))
}

fn selectors(parser: &mut Parser<'_>) -> Parsed<()> {
    parser.parse_comma_separated(|parser| {
        parser.skip_whitespace();
        let mut selector = String::new();
        match parser.next_including_whitespace()? {
            Token::Delim('.') => {}
            Token::AtKeyword(name) => return refuse(format!("it uses @{name}")),
            _ => return Err(ParseError::unexpected_token()),
        }
        while let Ok(token) = parser.next_including_whitespace() {
            match token {
                Token::Ident(name) => selector.push_str(name),
                Token::Colon => selector.push(':'),
                Token::WhiteSpace(_) => break,
                _ => return Err(ParseError::unexpected_token()),
            }
        }
        match SELECTORS.contains(&selector.as_str()) {
            true => Ok(()),
            false => refuse(format!(
                "it styles \".{}\", which is none of the customizable classes",
                excerpt(&selector)
            )),
        }
    })?;
    Ok(())
}

fn declarations(parser: &mut Parser<'_>) -> Parsed<()> {
    while !parser.is_exhausted() {
        let property = match parser.next()? {
            Token::Semicolon => continue,
            Token::Ident(name) => name.to_ascii_lowercase(),
            Token::AtKeyword(name) => return refuse(format!("it uses @{name}")),
            _ => return Err(ParseError::unexpected_token()),
        };
        if property.starts_with("--")
            || ["behavior", "-ms-behavior", "-moz-binding"].contains(&property.as_str())
        {
            return refuse(format!("it sets \"{}\"", excerpt(&property)));
        }
        parser.expect_colon()?;
        parser.parse_until_after(Delimiter::Semicolon, value)?;
    }
    Ok(())
}

fn value(parser: &mut Parser<'_>) -> Parsed<()> {
    while let Ok(token) = parser.next() {
        match token.clone() {
            Token::Ident(_)
            | Token::Hash(_)
            | Token::IDHash(_)
            | Token::QuotedString(_)
            | Token::Number { .. }
            | Token::Percentage { .. }
            | Token::Dimension { .. }
            | Token::Comma
            | Token::Delim('!' | '+' | '-' | '*' | '/') => {}
            Token::Function(name) if FUNCTIONS.contains(&name.to_ascii_lowercase().as_str()) => {
                parser.parse_nested_block(value)?;
            }
            Token::Function(name) => return refuse(format!("it uses {}()", excerpt(&name))),
            Token::UnquotedUrl(_) | Token::BadUrl(_) => return refuse("it uses url()"),
            Token::ParenthesisBlock | Token::SquareBracketBlock => parser.parse_nested_block(value)?,
            _ => return Err(ParseError::unexpected_token()),
        }
    }
    Ok(())
}

/// Whether a style sheet, a list of declarations or a single value inside a drawing refers to nothing but the drawing's
/// own parts.
pub(crate) fn stays_inside(css: &str) -> bool {
    parse(css, inside).is_ok()
}

fn inside(parser: &mut Parser<'_>) -> Parsed<()> {
    while let Ok(token) = parser.next() {
        match token.clone() {
            Token::UnquotedUrl(target) if !target.starts_with('#') => return refuse("url"),
            Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                parser.parse_nested_block(|parser| match parser.expect_string()?.starts_with('#') {
                    true => Ok(()),
                    false => refuse("url"),
                })?
            }
            Token::Function(name) if LOADERS.contains(&name.to_ascii_lowercase().as_str()) => {
                return refuse("loader");
            }
            Token::AtKeyword(_) | Token::BadUrl(_) | Token::BadString(_) | Token::CDO | Token::CDC => {
                return refuse("rule");
            }
            Token::Function(_)
            | Token::ParenthesisBlock
            | Token::SquareBracketBlock
            | Token::CurlyBracketBlock => parser.parse_nested_block(inside)?,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_of_the_listed_classes_is_allowed() {
        for css in [
            "",
            ".label-customizable {font-weight: 400;}",
            "/* ours */\n.submitButton-customizable:hover, .idpButton-customizable { color: #fff !important; \
             background: linear-gradient(90deg, rgba(0, 0, 0, .5) 0%, red); margin: calc((1px + 2px) * -1) auto }",
            ".background-customizable{font-family:\"Open Sans\",Arial;;border:1px solid #CCC}",
            ".inputField-customizable:focus\n{\n}\n",
        ] {
            check_for_pages(css).unwrap();
        }
    }

    #[test]
    fn a_style_sheet_that_says_more_is_refused() {
        for css in [
            "body { color: red }",
            "* { color: red }",
            ".mine { color: red }",
            ".label-customizable .mine { color: red }",
            ".label-customizable:hover { color: red }",
            ".label-customizable > a { color: red }",
            ".label-customizable#x { color: red }",
            "@import 'https://evil.example/x.css';",
            "@media print { .label-customizable { color: red } }",
            ".label-customizable { @media print { color: red } }",
            ".label-customizable { .mine { color: red } }",
            ".label-customizable { background: url(https://evil.example/x.png) }",
            ".label-customizable { background: url('https://evil.example/x.png') }",
            ".label-customizable { background: \\75rl(https://evil.example/x.png) }",
            ".label-customizable { background: URL(\"//evil.example\") }",
            ".label-customizable { background: image-set('https://evil.example/x.png' 1x) }",
            ".label-customizable { width: expression(alert(1)) }",
            ".label-customizable { --x: red }",
            ".label-customizable { color: var(--x) }",
            ".label-customizable { behavior: none }",
            ".label-customizable { -moz-binding: none }",
            ".label-customizable { color: red } </style><script>alert(1)</script>",
            "/* </style> */",
            "<!-- .label-customizable { color: red } -->",
            ".label-customizable { color: {} }",
            ".label-customizable { color: red",
            ".label-customizable { content: \"open\n }",
            ".label-customizable",
            "}",
        ] {
            // What is cut short is closed by its end (CSS Syntax 3, section 5), as a browser does.
            let cut_short = css == ".label-customizable { color: red";
            assert_eq!(check_for_pages(css).is_ok(), cut_short, "{css}");
        }
        let deep = format!(".label-customizable {{ width: {}1px }}", "calc(".repeat(10_000));
        assert!(check_for_pages(&deep).is_err());
    }

    #[test]
    fn references_to_the_drawing_itself_stay_inside() {
        for css in [
            "url(#gradient)",
            "fill: url('#a'); stroke: rgb(0,0,0)",
            ".a{fill:url(#b)} #c{}",
            "translate(1 2)",
        ] {
            assert!(stays_inside(css), "{css}");
        }
        for css in [
            "url(https://evil.example/)",
            "url('//evil.example')",
            ".a{background:u\\72l(x)}",
            "@import 'x';",
            "image-set('x' 1x)",
            "a{b:c(d(url(x)))}",
        ] {
            assert!(!stays_inside(css), "{css}");
        }
    }
}
