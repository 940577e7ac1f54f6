//! The root key (KEY-1): from configuration, or made once in development.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognate_store::seal::RootKey;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::Config;

pub(super) fn load(config: &Config) -> anyhow::Result<RootKey> {
    let text: SecretString = match (&config.root_key, &config.root_key_file) {
        (Some(key), _) => key.clone(),
        (None, Some(file)) => std::fs::read_to_string(file)
            .with_context(|| format!("cannot read root_key_file {}", file.display()))?
            .into(),
        (None, None) if config.is_development() => {
            let make = || Ok(STANDARD.encode(*RootKey::generate()?));
            config.data_dir()?.read_or_create("root.key", make)?.into()
        }
        (None, None) => anyhow::bail!(
            "there is no root key: set root_key or root_key_file to 32 random bytes, such as `openssl rand -base64 32` gives"
        ),
    };
    let bytes = decode(text.expose_secret().trim()).context(
        "the root key is not 32 bytes in base64 or 64 hexadecimal digits; `openssl rand -base64 32` gives a good one",
    )?;
    Ok(RootKey::new(&bytes)?)
}

fn decode(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(match text.len() {
        64 if text.is_ascii() => {
            let digit = |index: usize| u8::from_str_radix(text.get(index..index + 2)?, 16).ok();
            (0..64).step_by(2).map(digit).collect::<Option<Vec<u8>>>()?
        }
        _ => STANDARD.decode(text).ok()?,
    });
    let mut key = Zeroizing::new([0; 32]);
    (bytes.len() == 32).then(|| key.copy_from_slice(&bytes))?;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_base64_or_hexadecimal_and_in_one_length() {
        assert!(decode(&"ab".repeat(32)).is_some());
        assert!(decode(&STANDARD.encode([7; 32])).is_some());
        for bad in ["", "short", &"zz".repeat(32), &STANDARD.encode([7; 31])] {
            assert!(decode(bad).is_none(), "{bad}");
        }
    }
}
