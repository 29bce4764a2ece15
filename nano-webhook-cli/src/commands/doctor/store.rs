use super::kinds;
use super::report::Report;
use super::settings::variable;

#[cfg(feature = "stores")]
mod claims;
#[cfg(feature = "stores")]
mod postgres;
#[cfg(feature = "stores")]
mod redis;
#[cfg(feature = "stores")]
mod sqlite;

/// The store that the variables of the receivers name. No option does: a URL can hold a
/// password. For the same reason, no finding quotes one.
pub(super) async fn check(report: &mut Report) {
    let redis = variable("NANO_WEBHOOK_REDIS_URL");
    let database = variable("NANO_WEBHOOK_DATABASE_URL");
    match (redis, database) {
        (None, None) => {
            let why = "no NANO_WEBHOOK_REDIS_URL or NANO_WEBHOOK_DATABASE_URL";
            report.skip("the store", why);
        }
        (Some(_), Some(_)) => report.add(kinds::STORE_UNUSABLE, "both variables are set"),
        (Some(url), None) => check_redis(&url, report).await,
        (None, Some(url)) => match url.split_once(':') {
            Some(("sqlite" | "postgres" | "postgresql", _)) => check_database(&url, report).await,
            _ => {
                let seen = "NANO_WEBHOOK_DATABASE_URL begins otherwise";
                report.add(kinds::STORE_UNUSABLE, seen);
            }
        },
    }
}

#[cfg(feature = "stores")]
async fn check_redis(url: &str, report: &mut Report) {
    redis::check(url, report).await;
}

#[cfg(feature = "stores")]
async fn check_database(url: &str, report: &mut Report) {
    match url.starts_with("sqlite:") {
        true => sqlite::check(url, report).await,
        false => postgres::check(url, report).await,
    }
}

#[cfg(not(feature = "stores"))]
async fn check_redis(_: &str, report: &mut Report) {
    report.add(kinds::STORE_UNCHECKED, "built without the feature `stores`");
}

#[cfg(not(feature = "stores"))]
async fn check_database(_: &str, report: &mut Report) {
    report.add(kinds::STORE_UNCHECKED, "built without the feature `stores`");
}
