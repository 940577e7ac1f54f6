//! How long a client's tokens live.

use chrono::Duration;
use cognate_store::AppClientSettings;
use cognate_store::app_client::TimeUnit;

/// How long a refresh token lives: 30 days unless the client says otherwise.
pub(crate) fn refresh(settings: &AppClientSettings) -> Duration {
    let validity = &settings.validity;
    match validity.refresh {
        None | Some(0) => Duration::days(30),
        Some(value) => of(value, validity.refresh_unit.unwrap_or(TimeUnit::Days)),
    }
}

/// How long an access token lives: an hour unless the client says otherwise.
pub(crate) fn access(settings: &AppClientSettings) -> Duration {
    let validity = &settings.validity;
    validity
        .access
        .map_or(Duration::hours(1), |value| of(value, validity.access_unit.unwrap_or(TimeUnit::Hours)))
}

/// How long an ID token lives: an hour unless the client says otherwise.
pub(crate) fn id(settings: &AppClientSettings) -> Duration {
    let validity = &settings.validity;
    validity.id.map_or(Duration::hours(1), |value| of(value, validity.id_unit.unwrap_or(TimeUnit::Hours)))
}

fn of(value: i32, unit: TimeUnit) -> Duration {
    let seconds = match unit {
        TimeUnit::Seconds => 1,
        TimeUnit::Minutes => 60,
        TimeUnit::Hours => 3_600,
        TimeUnit::Days => 86_400,
    };
    Duration::seconds(i64::from(value) * seconds)
}
