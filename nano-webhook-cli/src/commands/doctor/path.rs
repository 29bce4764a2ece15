use bytes::Bytes;
use http::StatusCode;
use nano_webhook_core::{Secret, Signer};
use serde_json::json;

use super::kinds::{self, Kind};
use super::mismatch::{self, AWKWARD, body};
use super::probe::{Parts, Prober, Verdict};
use super::report::Report;
use super::secret::Secrets;
use super::settings::Settings;
use crate::http::Target;

/// Does a signed body arrive as it was sent, awkward, in several chunks, and large?
pub(super) async fn check(
    prober: &mut Prober<'_>,
    secrets: &Secrets,
    settings: &Settings,
    report: &mut Report,
) {
    report.checked("the path to the receiver");
    let mut verdict = prober.send(body(AWKWARD), Parts::One).await;
    if let Verdict::Foreign { status, .. } = verdict
        && matches!(status.as_u16(), 200..=299 | 400 | 422)
    {
        match forge(prober).await {
            Verdict::Foreign { status, .. } if status.is_success() => {
                let seen = format!("a wrong signature is answered {status}");
                return report.add(kinds::ACCEPTS_FORGERIES, seen);
            }
            Verdict::Foreign { status: forged, .. } if forged == status => {}
            Verdict::NoAnswer(_) => {}
            // It verifies, and answers in its own way.
            _ => {
                prober.learn(status);
                verdict = Verdict::Signed;
            }
        }
    }
    match &verdict {
        Verdict::Signed => {}
        _ if verdict.code() == "signature_mismatch" => {
            return mismatch::explain(prober, secrets, report).await;
        }
        Verdict::Rejected { code, .. } => return report.add(rejection(code), verdict.to_string()),
        Verdict::Foreign { status, .. } => {
            let (kind, more) = foreign(prober, *status).await;
            return report.add(kind, format!("a signed POST is answered {verdict}{more}"));
        }
        Verdict::NoAnswer(why) => return report.add(kinds::URL_SILENT, why.as_str()),
    }

    let verdict = prober.send(body(AWKWARD), Parts::Of(7)).await;
    if !verdict.is_signed() {
        report.add(
            kinds::BODY_CHUNKED,
            format!("in chunks of 7 bytes: {verdict}"),
        );
    }

    let size = settings.body_limit;
    let verdict = prober.send(filled(size), Parts::One).await;
    let kind = match (&verdict, verdict.code()) {
        (Verdict::Signed, _) => return,
        (_, "signature_mismatch") => kinds::BODY_CHANGED,
        (_, "body_too_large") => kinds::RECEIVER_LIMIT,
        (Verdict::Rejected { .. }, code) => rejection(code),
        _ => kinds::PATH_LIMIT,
    };
    report.add(kind, format!("a body of {size} bytes: {verdict}"));
}

/// An event that no handler knows, twice: the second is a duplicate.
pub(super) async fn test_event(prober: &mut Prober<'_>, report: &mut Report) {
    let task_id = format!("test_{:016x}", fastrand::u64(..));
    let event = json!({ "event": "nano-webhook.test", "task_id": task_id, "data": {} });
    for _ in 0..2 {
        let verdict = prober.send(event.to_string(), Parts::One).await;
        let is_accepted = match &verdict {
            Verdict::Foreign { status, .. } => status.is_success(),
            other => other.is_signed(),
        };
        if !is_accepted {
            let seen = format!("the event nano-webhook.test: {verdict}");
            return report.add(kinds::RECEIVER_REJECTS, seen);
        }
    }
    report.checked("handler and store of the receiver");
}

/// A probe with a wrong signature.
async fn forge(prober: &mut Prober<'_>) -> Verdict {
    let Ok(secret) = Secret::new(format!("{:032x}", fastrand::u128(..))) else {
        return Verdict::NoAnswer(String::new());
    };
    let probe = Bytes::from(body(AWKWARD));
    let signer = Signer::new(secret);
    prober
        .send_signed(&signer, &probe.clone(), probe, Parts::One)
        .await
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

/// Something in front of the receiver, or in its place.
async fn foreign(prober: &mut Prober<'_>, status: StatusCode) -> (&'static Kind, &'static str) {
    let kind = match status.as_u16() {
        300..=399 => kinds::URL_REDIRECTS,
        404 | 410 if exists_with_other_slash(prober).await => {
            return (kinds::URL_SLASH, "; with the other slash the path exists");
        }
        404 | 410 => kinds::URL_NOT_FOUND,
        405 => kinds::URL_NO_POST,
        401 | 403 | 407 | 429 | 451 => kinds::URL_LOGIN,
        502..=504 => kinds::PROXY_ALONE,
        _ => kinds::NO_VERDICT,
    };
    (kind, "")
}

async fn exists_with_other_slash(prober: &mut Prober<'_>) -> bool {
    let url = prober.target.url().to_string();
    let other = match url.strip_suffix('/') {
        Some(shorter) => shorter.to_owned(),
        None => format!("{url}/"),
    };
    let Ok(target) = Target::new(&other, true, prober.target.timeout(), 0) else {
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
