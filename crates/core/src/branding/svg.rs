//! Drawings in lines (SVG) of tenants: only what draws, nothing that runs, loads or leads elsewhere (HUI-5).

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

use crate::css::{self, excerpt};

const SVG: &str = "http://www.w3.org/2000/svg";

/// What may be drawn with.
const ELEMENTS: [&str; 52] = [
    "svg",
    "g",
    "defs",
    "symbol",
    "use",
    "title",
    "desc",
    "metadata",
    "style",
    "switch",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "textPath",
    "image",
    "linearGradient",
    "radialGradient",
    "stop",
    "pattern",
    "clipPath",
    "mask",
    "marker",
    "view",
    "filter",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feTurbulence",
];

/// Why a drawing is refused, for its owner.
type Refusal = String;

/// Whether a drawing does nothing but show.
///
/// # Errors
/// What it has that it must not have.
pub(super) fn check(bytes: &[u8]) -> Result<(), Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    // How deep the current element is, and where a style sheet began that has not ended.
    let (mut depth, mut roots, mut style): (usize, usize, Option<String>) = (0, 0, None);
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(ref element) | Event::Empty(ref element) => {
                if style.is_some() {
                    return Err("it has elements inside of a style sheet".to_owned());
                }
                if depth == 0 {
                    roots += 1;
                }
                if depth == 0 && (roots > 1 || name(element) != "svg") {
                    return Err("it is not one <svg> element".to_owned());
                }
                if namespace != ResolveResult::Bound(Namespace(SVG)) {
                    return Err(format!("<{}> is not in the namespace of SVG", excerpt(name(element))));
                }
                check_element(element)?;
                if matches!(event, Event::Start(_)) {
                    depth += 1;
                    style = (name(element) == "style").then(String::new);
                }
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if style.take().is_some_and(|css| !css::stays_inside(&css)) {
                    return Err("its style sheet refers to something outside of it".to_owned());
                }
            }
            Event::Text(text) => {
                if let Some(css) = &mut style {
                    css.push_str(&text.xml10_content());
                }
            }
            Event::CData(text) => {
                if let Some(css) = &mut style {
                    css.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(_) if style.is_some() => {
                return Err("its style sheet uses entities".to_owned());
            }
            Event::Decl(declaration) => match declaration.encoding() {
                None => {}
                Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("utf-8") => {}
                Some(_) => return Err("it is not UTF-8".to_owned()),
            },
            Event::DocType(_) => return Err("it has a document type".to_owned()),
            Event::PI(_) => return Err("it has a processing instruction".to_owned()),
            Event::Comment(_) | Event::GeneralRef(_) => {}
            Event::Eof if depth == 0 && roots == 1 => return Ok(()),
            Event::Eof => return Err("it is cut short".to_owned()),
        }
    }
}

fn name<'a>(element: &'a BytesStart<'_>) -> &'a str {
    element.local_name().into_inner()
}

fn check_element(element: &BytesStart<'_>) -> Result<(), Refusal> {
    if !ELEMENTS.contains(&name(element)) {
        return Err(format!("it has an element <{}>", excerpt(name(element))));
    }
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = attribute.key.local_name().into_inner().to_ascii_lowercase();
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| error.to_string())?;
        let allowed = match key.as_str() {
            _ if key.starts_with("on") => false,
            "base" => false,
            "href" | "src" => is_inside(&value) || (name(element) == "image" && is_embedded(&value)),
            "style" => css::stays_inside(&value),
            // A value that names a part of the drawing (`fill="url(#a)"`), which CSS would read with its escapes.
            _ => !value.contains(['(', '\\']) || css::stays_inside(&value),
        };
        if !allowed {
            return Err(format!("attribute {} of <{}> is not allowed", excerpt(&key), name(element)));
        }
    }
    Ok(())
}

fn is_inside(reference: &str) -> bool {
    reference.trim().starts_with('#')
}

/// Whether an address holds its image itself, in pixels.
fn is_embedded(address: &str) -> bool {
    let address = address.trim().to_ascii_lowercase();
    ["png", "jpeg", "jpg", "gif", "webp"]
        .iter()
        .any(|kind| address.starts_with(&format!("data:image/{kind};base64,")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(inside: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><svg xmlns=\"{SVG}\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
             viewBox=\"0 0 1 1\">{inside}</svg>"
        )
    }

    #[test]
    fn a_drawing_may_draw() {
        for inside in [
            "",
            "<!-- made by hand --><path d=\"M0 0 L1 1z\" fill=\"url(#a)\" style=\"stroke:#000\"/>",
            "<defs><linearGradient id=\"a\"><stop offset=\"0\"/></linearGradient></defs><use xlink:href=\"#a\"/>",
            "<style>.a{fill:url(#b)}</style><style><![CDATA[.b > .c{fill:red}]]></style>",
            "<image href=\"data:image/png;base64,AAAA\" width=\"1\"/>",
            "<text transform=\"translate(1 2)\">a &amp; b</text>",
        ] {
            check(drawing(inside).as_bytes()).unwrap();
        }
        check(b"<svg xmlns='http://www.w3.org/2000/svg'/>\n").unwrap();
    }

    #[test]
    fn a_drawing_may_not_run_load_or_lead_elsewhere() {
        for inside in [
            "<script>alert(1)</script>",
            "<foreignObject/>",
            "<a href=\"https://evil.example\"/>",
            "<set attributeName=\"href\" to=\"javascript:alert(1)\"/>",
            "<animate/>",
            "<path onload=\"alert(1)\"/>",
            "<path ONCLICK=\"alert(1)\"/>",
            "<use href=\"https://evil.example/x.svg#a\"/>",
            "<use xlink:href=\"&#106;avascript:alert(1)\"/>",
            "<image href=\"https://evil.example/x.png\"/>",
            "<image href=\"data:image/svg+xml;base64,AAAA\"/>",
            "<use href=\"data:image/png;base64,AAAA\"/>",
            "<path fill=\"url(https://evil.example/x)\"/>",
            "<path fill=\"&#117;rl(//evil.example)\"/>",
            "<path style=\"fill:u\\72l(//evil.example)\"/>",
            "<path xml:base=\"https://evil.example\"/>",
            "<style>@import 'https://evil.example';</style>",
            "<style>.a{background:url(//evil.example)}</style>",
            "<style>.a{background:<![CDATA[url(//evil.example)]]>}</style>",
            "<style>.a{background:u&#114;l(//evil.example)}</style>",
            "<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\"/>",
            "<x:image xmlns:x=\"http://www.w3.org/1999/xhtml\"/>",
            "<?xml-stylesheet href=\"x\"?>",
            "<path a=\"1\" a=\"2\"/>",
            "<path",
            "<g>",
        ] {
            assert!(check(drawing(inside).as_bytes()).is_err(), "{inside}");
        }
        for whole in [
            "",
            "text",
            "<svg/>",
            "<html xmlns='http://www.w3.org/1999/xhtml'/>",
            "<svg xmlns='http://www.w3.org/2000/svg'/><svg xmlns='http://www.w3.org/2000/svg'/>",
            "<!DOCTYPE svg [<!ENTITY x 'y'>]><svg xmlns='http://www.w3.org/2000/svg'/>",
            "<?xml version='1.0' encoding='UTF-7'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        ] {
            assert!(check(whole.as_bytes()).is_err(), "{whole}");
        }
        assert!(check(b"\xff\xfe<\0s\0v\0g\0").is_err());
    }
}
