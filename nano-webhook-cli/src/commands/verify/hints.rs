//! What looks wrong, without a proof.

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::text::printable;

/// Forms of compression, by the bytes that each begins with.
const COMPRESSED: &[(&str, &[u8])] = &[
    ("gzip", b"\x1f\x8b"),
    ("zstd", b"\x28\xb5\x2f\xfd"),
    ("bzip2", b"BZh"),
    ("xz", b"\xfd7zXZ\0"),
    ("lz4", b"\x04\x22\x4d\x18"),
    ("snappy", b"\xff\x06\0\0sNaPpY"),
    ("compress", b"\x1f\x9d"),
    ("a zip archive", b"PK\x03\x04"),
];

pub(super) fn hints(
    secrets: &[&[u8]],
    body: &[u8],
    encoding: Option<&[u8]>,
    gave_up: bool,
) -> Vec<String> {
    let replacement = "\u{fffd}".as_bytes();
    let is_misread = body.windows(3).any(|window| window == replacement);
    let json = serde_json::from_slice::<IgnoredAny>(body);
    let is_cut = !body.is_empty() && json.is_err_and(|error| error.is_eof());
    let compressed = COMPRESSED.iter().find(|(_, mark)| body.starts_with(mark));
    let compressed = compressed.map(|(name, _)| {
        format!("The body is compressed ({name}); the signature is over the uncompressed bytes.")
    });
    let encoded = encoding.map(|encoding| {
        let encoding = printable(&String::from_utf8_lossy(encoding));
        format!("The request has Content-Encoding: {encoding}; the signature is over the bytes before that encoding.")
    });
    let wrapped = envelope(body)
        .map(|name| format!("The body is {name}; the signature is over the body inside it."));
    let if_so = |is_so: bool, hint: &str| is_so.then(|| hint.to_owned());
    #[rustfmt::skip]
    let of_body = [
        if_so(body.is_empty(), "The body is empty: it was read before it was given."),
        if_so(body.trim_ascii() == b"[object Object]", "The body is [object Object]: a parsed body was printed, and the signed bytes are lost."),
        if_so(is_misread, "The body has U+FFFD characters in it: it was decoded with the wrong encoding, and the signed bytes are lost."),
        compressed.or(encoded),
        if_so(is_cut, "The body ends in the middle of its JSON: it was cut off."),
        wrapped,
    ];
    let of_secrets = secrets.iter().filter_map(|secret| about_secret(secret));
    let mut hints: Vec<_> = of_body.into_iter().flatten().chain(of_secrets).collect();
    if gave_up {
        hints.push("The body is so large that not everything was tried. Try a small delivery of the same sender.".to_owned());
    }
    hints
}

/// The text is not quoted: it may be a part of a secret.
fn about_secret(secret: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(secret);
    let text = text.trim();
    #[rustfmt::skip]
    let references = [
        "op://", "vault:", "arn:aws:", "projects/", "ssm:", "sops:", "ref+", "env:", "file:",
        "/run/secrets/", "secretKeyRef", "ENC[", "https://", "AQICAH", "!secret",
    ];
    let is_variable = ["${", "{{", "$("].iter().any(|mark| text.contains(mark))
        || text.starts_with('$')
        || (text.starts_with('%') && text.ends_with('%'));
    let what = if is_variable {
        "a variable that was not replaced by its value"
    } else if references.iter().any(|start| text.starts_with(start)) {
        "a reference to a secret, not the secret itself"
    } else if text.len() > 4 && text.chars().all(|character| "*•·xX.●".contains(character)) {
        "a masked secret; copy it from where it is shown in full"
    } else if text.contains('…') || text.ends_with("...") {
        "an abbreviated secret; copy it in full"
    } else if text.starts_with("-----BEGIN") || text.starts_with("ssh-") {
        "a key or certificate; the provider's secret is a text that you choose"
    } else {
        return None;
    };
    Some(format!("The secret looks like {what}."))
}

/// Which members each has.
#[rustfmt::skip]
const ENVELOPES: &[(&[&str], &str)] = &[
    (&["/requestContext/elb"], "the event of an AWS load balancer"),
    (&["/requestContext/http"], "the event of an AWS HTTP API or function URL, format 2.0"),
    (&["/requestContext", "/body"], "the event of an AWS API Gateway REST API"),
    (&["/Records/0/Sns"], "the event of an AWS SNS topic"),
    (&["/Records/0/kinesis"], "the event of an AWS Kinesis stream"),
    (&["/Records/0/body"], "the event of an AWS SQS queue"),
    (&["/Type", "/Message"], "an AWS SNS notification"),
    (&["/detail-type", "/detail"], "an AWS EventBridge event"),
    (&["/message/data"], "a Google Pub/Sub message"),
    (&["/specversion"], "a CloudEvent"),
    (&["/0/specversion"], "a CloudEvent"),
    (&["/0/eventType", "/0/data"], "an Azure Event Grid event"),
    (&["/Messages/0/Body"], "a queue message"),
    (&["/Body"], "a queue message"),
    (&["/isBase64Encoded"], "a request as a JSON document"),
    (&["/headers", "/body"], "a request as a JSON document"),
];

/// The gateway or queue that wraps a body like this.
pub(super) fn envelope(body: &[u8]) -> Option<&'static str> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let has = |pointer: &&str| value.pointer(pointer).is_some();
    let mut known = ENVELOPES.iter();
    let envelope = known.find(|(members, _)| members.iter().all(has));
    envelope.map(|(_, name)| *name)
}
