//! What the path changed, or which secret the receiver has, from probes that differ in
//! one thing each.

use nano_webhook_core::Secret;

use super::kinds;
use super::probe::Prober;
use super::report::Report;
use super::secret::Secrets;
use crate::secrets::Given;

/// Everything at once that a path may change.
pub(super) const AWKWARD: &str = "{ \"nano-webhook doctor\" : \"ID\",\r\n\t\"2\":[1.0,1e2,-0.0,12345678901234567890], \"1\":\"a\\/b \\u00e9\\u0026\",\n \"url\":\"https://cdn.example.com/é🍌\u{2028}%20a+b&c='d'\" }\n";

const PLAIN: &str = r#"{"nano-webhook doctor":"ID"}"#;

#[rustfmt::skip]
const CHANGES: [(&str, &str); 8] = [
    ("white space between tokens", "{ \"nano-webhook doctor\" :\t\"ID\" }"),
    ("lines", "{\n\"nano-webhook doctor\":\"ID\"\n}"),
    ("lines that end with CR LF", "{\r\n\"nano-webhook doctor\":\"ID\"\r\n}"),
    ("a newline at the end", "{\"nano-webhook doctor\":\"ID\"}\n"),
    ("characters beyond ASCII", "{\"nano-webhook doctor\":\"ID é🍌\u{2028}\"}"),
    ("escaped characters", r#"{"nano-webhook doctor":"ID a\/b \u00e9\u0026"}"#),
    ("numbers such as 1.0 and 1e2", r#"{"nano-webhook doctor":"ID","a":[1.0,1e2,-0.0]}"#),
    ("members that are not sorted", r#"{"nano-webhook doctor":"ID","2":0,"1":0}"#),
];

/// A probe without an event, of which no two are equal.
pub(super) fn body(template: &str) -> String {
    let id = format!("this probe is no event {:016x}", fastrand::u64(..));
    template.replacen("ID", &id, 1)
}

/// Finds out why the awkward probe did not match.
pub(super) async fn explain(prober: &mut Prober<'_>, secrets: &Secrets, report: &mut Report) {
    if !prober.send(body(PLAIN)).await.is_signed {
        return explain_all(prober, secrets, report).await;
    }
    let mut changed = Vec::new();
    for (what, template) in CHANGES {
        if !prober.send(body(template)).await.is_signed {
            changed.push(what);
        }
    }
    let seen = match changed.as_slice() {
        [] => "bodies that are unusual in several ways at once".to_owned(),
        changed => changed.join(", "),
    };
    report.add(
        kinds::BODY_CHANGED,
        format!("compact bodies arrive unchanged; these do not: {seen}"),
    );
}

/// No signature matches: nothing of the body arrives, or the receiver has another secret.
async fn explain_all(prober: &mut Prober<'_>, secrets: &Secrets, report: &mut Report) {
    let Some(Given {
        secret: current, ..
    }) = &secrets.current
    else {
        return;
    };
    if prober.send_unsigned(body(PLAIN)).await.is_signed {
        let seen = "the signature of an empty body matches";
        return report.add(kinds::BODY_LOST, seen);
    }
    let mut matches = async |secret| prober.send_as(secret, body(PLAIN)).await.is_signed;
    if let Some(previous) = &secrets.previous
        && matches(previous.clone()).await
    {
        return report.add(kinds::RECEIVER_IS_OLD, "only the previous secret matches");
    }
    let text = current.expose();
    let bare = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
    for (what, variant) in [
        ("without what is around it", bare.to_owned()),
        ("with a newline at its end", format!("{text}\n")),
        ("in double quotes", format!("\"{text}\"")),
        ("in single quotes", format!("'{text}'")),
    ] {
        let secret = Secret::new(variant).ok();
        if let Some(secret) = secret.filter(|other| other.expose() != text)
            && matches(secret).await
        {
            return report.add(kinds::RECEIVER_READS, format!("the secret matches {what}"));
        }
    }
    let seen = "401 signature_mismatch for every signed probe, the plainest included";
    report.add(kinds::SECRET_DIFFERS, seen);
}
