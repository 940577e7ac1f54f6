//! A few words for a user agent: the browser or app with its major version, and the operating system.

/// Browsers by what only they say of themselves. The order matters: nearly all claim to be several.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
];

/// Operating systems by a word in lower case. The order matters: Android is a Linux, and iPhones are like Macs.
const SYSTEMS: &[(&str, &str)] = &[
    ("windows", "Windows"),
    ("android", "Android"),
    ("iphone", "iOS"),
    ("ipad", "iPadOS"),
    ("os/ios", "iOS"),
    ("cros", "ChromeOS"),
    ("macintosh", "macOS"),
    ("os/macos", "macOS"),
    ("linux", "Linux"),
];

/// The longest name of an app that is repeated.
const LONGEST_NAME: usize = 64;

/// Describes a device: `Chrome 126, Windows`. What is not recognised is left out.
pub(super) fn describe(user_agent: &str) -> Option<String> {
    let parts = [browser(user_agent).or_else(|| app(user_agent)), system(user_agent).map(str::to_owned)];
    let known: Vec<_> = parts.into_iter().flatten().collect();
    (!known.is_empty()).then(|| known.join(", "))
}

fn browser(user_agent: &str) -> Option<String> {
    let found = BROWSERS.iter().find_map(|(token, name)| Some((*name, user_agent.split_once(token)?.1)));
    let safari = || user_agent.contains("Safari/").then(|| user_agent.split_once("Version/")).flatten();
    let (name, rest) = found.or_else(|| safari().map(|(_, rest)| ("Safari", rest)))?;
    Some(with_version(name, rest))
}

/// Any other program by the first thing that it calls itself (RFC 9110, section 10.1.5), which `Mozilla` is not.
fn app(user_agent: &str) -> Option<String> {
    let product = user_agent.split_whitespace().next()?;
    let (name, version) = product.split_once('/').unwrap_or((product, ""));
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let fits = !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_token);
    (fits && name != "Mozilla").then(|| with_version(name, version))
}

fn with_version(name: &str, version: &str) -> String {
    let digits = version.bytes().take_while(u8::is_ascii_digit).count();
    match &version[..digits.min(5)] {
        "" => name.to_owned(),
        major => format!("{name} {major}"),
    }
}

/// The parts of such a description without their versions, which change by themselves.
pub(crate) fn without_versions(device: &str) -> Vec<&str> {
    fn name(part: &str) -> &str {
        let is_version = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
        part.rsplit_once(' ').filter(|(_, last)| is_version(last)).map_or(part, |(name, _)| name)
    }
    device.split(", ").map(name).collect()
}

fn system(user_agent: &str) -> Option<&'static str> {
    let lower = user_agent.to_ascii_lowercase();
    SYSTEMS.iter().find(|(word, _)| lower.contains(word)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_apps_are_told_apart() {
        for (user_agent, device) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                "Chrome 126, Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.68",
                "Edge 126, Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128, Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari 17, iOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1",
                "Chrome 126, iOS",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "Safari 17, macOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
                "Samsung Internet 25, Android",
            ),
            ("aws-sdk-rust/1.3.15 os/linux lang/rust/1.95.0", "aws-sdk-rust 1, Linux"),
            ("curl/8.5.0", "curl 8"),
            ("Shop (Android 14)", "Shop, Android"),
            ("Mozilla/5.0 (PlayStation 5)", ""),
            ("<script>alert(1)</script>", ""),
            ("x/\u{0}", "x"),
            ("/1", ""),
            ("", ""),
        ] {
            assert_eq!(describe(user_agent).unwrap_or_default(), device, "{user_agent}");
        }
        let digits = format!("x/{}", "1".repeat(500));
        assert_eq!(describe(&digits).unwrap(), "x 11111");
        assert_eq!(describe(&"x".repeat(500)), None);
    }

    #[test]
    fn a_device_stays_itself_when_its_programs_are_updated() {
        for (device, parts) in [
            ("Firefox 128, Linux", vec!["Firefox", "Linux"]),
            ("Samsung Internet 25, Android", vec!["Samsung Internet", "Android"]),
            ("aws-sdk-rust 1, Linux", vec!["aws-sdk-rust", "Linux"]),
            ("x", vec!["x"]),
        ] {
            assert_eq!(without_versions(device), parts);
        }
    }
}
