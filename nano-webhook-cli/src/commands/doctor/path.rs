use http::StatusCode;
use nano_webhook_core::Secret;

use super::kinds::{self, Kind};
use super::mismatch::{self, AWKWARD, body};
use super::probe::{Prober, Verdict};
use super::report::Report;
use super::secret::Secrets;
use super::settings::Settings;
use crate::commands::endpoints;
use crate::http::Target;

const MISMATCH: &str = "signature_mismatch";

/// Does a signed body arrive as it was sent, awkward, in several chunks, and large?
pub(super) async fn check(
    prober: &mut Prober<'_>,
    secrets: &Secrets,
    settings: &Settings,
    report: &mut Report,
) {
    report.checked("the path to the receiver");
    let mut verdict = prober.send(body(AWKWARD)).await;
    if let Some(status) = verdict.status.filter(|_| verdict.code.is_empty())
        && matches!(status.as_u16(), 200..=299 | 400 | 422)
    {
        let forged = forge(prober).await;
        if forged.status.is_some_and(|forged| forged.is_success()) {
            let seen = format!("a wrong signature is answered {}", forged.text);
            return report.add(kinds::ACCEPTS_FORGERIES, seen);
        }
        // Without this library, and it verifies.
        verdict.is_signed = forged.status.is_some() && forged.status != verdict.status;
        prober.accepted = verdict.status.filter(|_| verdict.is_signed);
    }
    if verdict.code == MISMATCH {
        return mismatch::explain(prober, secrets, report).await;
    }
    if !verdict.is_signed {
        let kind = cause(prober, &verdict).await;
        let seen = format!("the answer to a signed probe: {}", verdict.text);
        return report.add(kind, seen);
    }

    let verdict = prober.send_chunked(&body(AWKWARD), 7).await;
    if !verdict.is_signed {
        let seen = format!("in chunks of 7 bytes: {}", verdict.text);
        report.add(kinds::BODY_CHUNKED, seen);
    }

    let size = settings.body_limit;
    let verdict = prober.send(filled(size)).await;
    if !verdict.is_signed {
        let kind = match verdict.code.as_str() {
            "" => kinds::PATH_LIMIT,
            MISMATCH => kinds::BODY_CHANGED,
            "body_too_large" => kinds::RECEIVER_LIMIT,
            code => rejection(code),
        };
        report.add(kind, format!("a body of {size} bytes: {}", verdict.text));
    }
}

/// Twice: the second is a duplicate.
pub(super) async fn test_event(prober: &mut Prober<'_>, report: &mut Report) {
    let event = endpoints::test_event();
    for _ in 0..2 {
        let verdict = prober.send(event.clone()).await;
        if !verdict.status.is_some_and(|status| status.is_success()) {
            let seen = format!("the event nano-webhook.test: {}", verdict.text);
            return report.add(kinds::RECEIVER_REJECTS, seen);
        }
    }
    report.checked("handler and store of the receiver");
}

/// A probe with a wrong signature.
async fn forge(prober: &mut Prober<'_>) -> Verdict {
    match Secret::new(format!("{:032x}", fastrand::u128(..))) {
        Ok(secret) => prober.send_as(secret, body(AWKWARD)).await,
        Err(_) => Verdict::none(String::new()),
    }
}

/// A rejection that a change on the path explains.
fn rejection(code: &str) -> &'static Kind {
    match code {
        "missing_header" => kinds::HEADER_DROPPED,
        "duplicate_header" => kinds::HEADER_REPEATED,
        "malformed_timestamp" | "malformed_signature" => kinds::HEADER_CHANGED,
        "unsupported_content_encoding" => kinds::BODY_ENCODED,
        "timestamp_out_of_tolerance" => kinds::CLOCK_OUTSIDE,
        "method_not_allowed" => kinds::URL_NO_POST,
        _ => kinds::RECEIVER_REJECTS,
    }
}

/// Why a signed probe does not get through.
async fn cause(prober: &mut Prober<'_>, verdict: &Verdict) -> &'static Kind {
    let Some(status) = verdict.status else {
        return kinds::URL_SILENT;
    };
    match status.as_u16() {
        _ if !verdict.code.is_empty() => rejection(&verdict.code),
        300..=399 => kinds::URL_REDIRECTS,
        404 | 410 if exists_with_other_slash(prober).await => kinds::URL_SLASH,
        404 | 410 => kinds::URL_NOT_FOUND,
        405 => kinds::URL_NO_POST,
        401 | 403 | 407 | 429 | 451 => kinds::URL_LOGIN,
        502..=504 => kinds::PROXY_ALONE,
        _ => kinds::NO_VERDICT,
    }
}

async fn exists_with_other_slash(prober: &mut Prober<'_>) -> bool {
    let url = prober.target.url.to_string();
    let other = match url.strip_suffix('/') {
        Some(shorter) => shorter.to_owned(),
        None => format!("{url}/"),
    };
    let Ok(target) = Target::new(&other, true, prober.target.timeout, 0) else {
        return false;
    };
    // A route that takes POST only.
    let answer = prober.get(&target).await;
    answer.is_ok_and(|answer| answer.status == StatusCode::METHOD_NOT_ALLOWED)
}

/// A probe of exactly this size, if the size has room for one.
fn filled(size: usize) -> String {
    let template = r#"{"nano-webhook doctor":"ID","filled":""}"#;
    let frame = body(template);
    let filling = "é".repeat(size.saturating_sub(frame.len()) / 2);
    let pad = " ".repeat(size.saturating_sub(frame.len()) % 2);
    frame.replace(r#""filled":""#, &format!(r#""filled":"{filling}{pad}"#))
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn sizes() {
        for size in [100, 101, 262_144] {
            let body = filled(size);
            assert_eq!(body.len(), size);
            serde_json::from_str::<serde_json::Value>(&body).unwrap();
        }
    }
}
