use super::*;

fn from(toml: &str) -> anyhow::Result<Config> {
    let figment = Figment::from(Serialized::defaults(DEFAULTS)).merge(Toml::string(toml));
    let config: Config = figment.extract()?;
    check::check(&config)?;
    Ok(config)
}

#[test]
fn the_defaults_are_development_on_loopback() {
    let config = from("").unwrap();
    assert!(config.is_development());
    assert_eq!(config.public_url(), "http://localhost:4566");
}

#[test]
fn a_database_ends_development_mode_unless_asked_for() {
    let url = "public_url = 'https://id.example.com'\ndatabase_url = 'postgres://x'";
    assert!(!from(url).unwrap().is_development());
    assert!(from("database_url = 'postgres://x'\ndev = true").unwrap().is_development());
}

#[test]
fn unknown_keys_and_contradictions_refuse() {
    assert!(from("listne = '127.0.0.1:1'").is_err());
    assert!(from("listen = '0.0.0.0:4566'").is_err());
    assert!(from("root_key = 'x'\nroot_key_file = 'y'").is_err());
    assert!(from("public_url = 'https://id.example.com/'").is_err());
    assert!(from("region = 'us east'").is_err());
    assert!(from("largest_page = 1001").is_err());
    for out_of_bounds in ["code_digits = 5", "guesses_per_hour = 0", "longest_lock_seconds = 0"] {
        assert!(from(out_of_bounds).is_err(), "{out_of_bounds}");
    }
    assert_eq!(from("messages_per_hour = 7").unwrap().limits().messages_per_hour, 7);
    let real = "listen = '0.0.0.0:4566'\ndatabase_url = 'postgres://x'";
    assert!(from(real).is_err(), "no public_url");
    assert!(from(&format!("{real}\npublic_url = 'https://id.example.com'")).is_ok());
}

#[test]
fn text_messages_leave_by_tls_save_to_this_machine_while_developing() {
    let real = "public_url = 'https://id.example.com'\ndatabase_url = 'postgres://x'\n";
    let with = |mode: &str, url: &str, more: &str| from(&format!("{mode}sns_endpoint_url = '{url}'\n{more}"));
    for url in ["https://sns.eu-north-1.amazonaws.com", "https://[2001:db8::1]:8443/sns"] {
        assert!(with(real, url, "").is_ok() && with("", url, "").is_ok(), "{url}");
    }
    for url in ["http://localhost:4575", "http://127.0.0.1:4575", "http://[::1]:4575/"] {
        assert!(with("", url, "").is_ok() && with(real, url, "").is_err(), "{url}");
    }
    for url in [
        "",
        "sns",
        "http://sns.example",
        "ftp://localhost",
        "https://",
        "https://u:p@sns.example",
        "https://s.example?x",
    ] {
        assert!(with("", url, "").is_err(), "{url}");
    }
    let url = "https://sns.example";
    for wrong in [
        "sns_access_key_id = 'AKID'",
        "sns_secret_access_key = 'sesame'",
        "sns_region = 'eu north'",
        "sns_sender_id = 'Twelve-chars'",
        "sns_sender_id = '12345'",
        "sns_origination_number = '+1 206'",
    ] {
        assert!(with("", url, wrong).is_err(), "{wrong}");
        assert!(from(wrong).is_err(), "{wrong}, and no endpoint");
    }
    let all = "sns_access_key_id = 'AKID'\nsns_secret_access_key = 'sesame'\nsns_region = 'eu-north-1'\n\
               sns_sender_id = 'Cognate'\nsns_origination_number = '+12065550100'";
    let config = with(real, url, all).unwrap();
    assert!(config.sends_sms() && !format!("{config:?}").contains("sesame"));
}

#[test]
fn secrets_are_not_shown() {
    let config = from("dev = true\nroot_key = 'sesame'\ndatabase_url = 'postgres://u:sesame@h/d'").unwrap();
    assert!(!format!("{config:?}").contains("sesame"));
}
