//! Core: configuration, verdicts of every kind, deliveries, claims.

use std::io::Write as _;
use std::time::Duration;

use nano_webhook_core::dedupe::{
    Claim, Dedupe, DedupeStore as _, DeliveryId, LeaseToken, MemoryStore, Namespace, Processed,
    StoreError,
};
use nano_webhook_core::{
    Bytes, ConfigError, Delivery, HeaderField, Secret, SignedHeaders, Signer, Tolerance, UnixTime,
    Verifier, WebhookError, WebhookEvent, reserialize,
};

use crate::evidence::Evidence;
use crate::needles::Needles;
use crate::{CURRENT, FOREIGN, PREVIOUS};

const NOW: UnixTime = UnixTime::from_secs(1_734_948_000);

const BODY: &str = r#"{"event":"job.completed","task_id":"task_1","data":{"url":"https://cdn.example.com/1.png","credits_charged":6}}"#;

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

/// Signs, and from then on looks for the signature.
pub(crate) fn sign(
    needles: &mut Needles,
    key: &str,
    timestamp: &str,
    body: &[u8],
) -> SignedHeaders {
    let signed = Signer::new(&secret(key)).sign_with_timestamp(timestamp, body);
    needles.signature(signed.signature());
    signed
}

pub(crate) fn run(evidence: &mut Evidence, needles: &mut Needles) {
    configuration(evidence);
    verdicts(evidence, needles);
    let delivery = delivery(evidence, needles);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(claims(evidence, &delivery));
}

fn configuration(evidence: &mut Evidence) {
    for text in [CURRENT, &format!(" {CURRENT}\n"), "short"] {
        let secret = secret(text);
        evidence.debug("a secret", &secret);
        for warning in secret.warnings() {
            evidence.debug("a warning", &warning);
            evidence.display("a warning", &warning);
        }
        // Logs the warnings.
        evidence.debug("a verifier", &Verifier::new(secret));
    }
    let mut not_utf8 = tempfile::NamedTempFile::new().unwrap();
    not_utf8.write_all(CURRENT.as_bytes()).unwrap();
    not_utf8.write_all(b"\xff").unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(CURRENT.as_bytes()).unwrap();
    evidence.debug("a secret", &Secret::from_file(file.path()).unwrap());

    let builder = || {
        Verifier::builder(secret(CURRENT))
            .previous_secret(secret(PREVIOUS))
            .accept_reserialized()
    };
    evidence.debug("a builder", &builder());
    let narrow = Dedupe::new(MemoryStore::default()).retention(Duration::from_secs(1));
    let errors: [ConfigError; 8] = [
        Secret::new("").unwrap_err(),
        Secret::from_env("NANO_WEBHOOK_NOT_SET").unwrap_err(),
        Secret::from_file(not_utf8.path()).unwrap_err(),
        Secret::from_file("/nowhere/at/all").unwrap_err(),
        builder().body_limit(0).build().unwrap_err(),
        builder().body_timeout(Duration::ZERO).build().unwrap_err(),
        Namespace::new("").unwrap_err(),
        narrow.validate(Tolerance::default().window()).unwrap_err(),
    ];
    for error in &errors {
        evidence.error("a configuration error", error);
    }
}

fn verdicts(evidence: &mut Evidence, needles: &mut Needles) {
    let verifier = Verifier::builder(secret(CURRENT))
        .previous_secret(secret(PREVIOUS))
        .body_limit(1000)
        .accept_reserialized()
        .build()
        .unwrap();
    evidence.debug("a verifier", &verifier);
    evidence.debug("a signer", &Signer::new(&secret(CURRENT)));

    let too_long = "x".repeat(1001);
    let cases: [(&str, &str, &str); 8] = [
        (CURRENT, "1734948000", BODY),
        (PREVIOUS, "1734948000000", BODY),
        (FOREIGN, "1734948000", BODY),
        (CURRENT, "1734947000", BODY),
        (CURRENT, "1734949000", BODY),
        (CURRENT, "soon", BODY),
        (CURRENT, "1734948000", r#"{"event":"job.completed"}"#),
        (CURRENT, "1734948000", &too_long),
    ];
    for (key, timestamp, body) in cases {
        let signed = sign(needles, key, timestamp, body.as_bytes());
        evidence.debug("signed headers", &signed);
        let [timestamp, signature] = signed.to_pairs();
        let shortened = &signature.1[..66];
        let heads = [
            vec![timestamp, signature],
            vec![timestamp],
            vec![signature],
            vec![timestamp, signature, signature],
            vec![timestamp, (signature.0, shortened)],
            vec![timestamp, signature, ("content-encoding", "gzip")],
            vec![timestamp, signature, ("content-length", "1001")],
        ];
        for head in heads {
            let verdict = verifier.begin(&head, NOW).and_then(|mut verification| {
                verification.push(Bytes::copy_from_slice(body.as_bytes()))?;
                evidence.debug("a verification", &verification);
                verification.finish()
            });
            match verdict {
                Ok(delivery) => evidence.debug("a delivery", &delivery),
                Err(error) => refused(evidence, &error),
            }
        }
    }
    let signed = sign(needles, CURRENT, "1734948000", BODY.as_bytes());
    let spaced = BODY.replace("{\"event\"", "{ \"event\"");
    let delivery = verifier.verify(&signed.to_pairs(), spaced, NOW).unwrap();
    evidence.debug("a re-serialised delivery", &delivery);
    evidence.error("re-serialisation", &reserialize(b"{", 10).unwrap_err());
}

pub(crate) fn refused(evidence: &mut Evidence, error: &WebhookError) {
    error.log();
    evidence.error("a refusal", error);
    evidence.debug("a problem", &error.response());
    match error {
        WebhookError::InvalidEvent { source, .. } => evidence.error("an invalid event", source),
        WebhookError::SignatureMismatch { clues } => evidence.debug("clues", clues),
        _ => {}
    }
}

fn delivery(evidence: &mut Evidence, needles: &mut Needles) -> Delivery {
    let signed = sign(needles, CURRENT, "1734948000", BODY.as_bytes());
    let verifier = Verifier::new(secret(CURRENT));
    let delivery = verifier.verify(&signed.to_pairs(), BODY, NOW).unwrap();
    evidence.debug("an event", delivery.event());
    evidence.debug("a header's name", &HeaderField::Signature);
    let unknown = r#"{"event":"job.progress","task_id":"task_1"}"#;
    let signed = sign(needles, CURRENT, "1734948000", unknown.as_bytes());
    let progress = verifier.verify(&signed.to_pairs(), unknown, NOW).unwrap();
    match progress.event() {
        WebhookEvent::Unknown(event) => evidence.debug("an unknown event", event),
        known => panic!("{known:?}"),
    }
    evidence.debug("a matched secret", &delivery.secret());
    evidence.debug("a body", delivery.body());
    delivery
}

async fn claims(evidence: &mut Evidence, delivery: &Delivery) {
    let store = MemoryStore::default();
    evidence.debug("a store", &store);
    let dedupe = Dedupe::new(store);
    evidence.debug("deduplication", &dedupe);
    let id = DeliveryId::new(&Namespace::process(), delivery);
    evidence.debug("what is in flight", &dedupe.in_flight());
    evidence.debug("an id", &id);
    evidence.display("an id", &id);
    for succeed in [false, true, true] {
        let handled: Processed<bool> = dedupe
            .process(
                delivery,
                tokio::time::sleep,
                async |lease| {
                    evidence.debug("a lease", &lease);
                    succeed
                },
                |succeeded| *succeeded,
            )
            .await;
        evidence.debug("an outcome", &handled);
        if let Processed::Handled { outcome, .. } = handled {
            evidence.debug("a claim's end", &outcome);
        }
    }
    evidence.error("a store's error", &StoreError::new("nobody is there"));
    let token = LeaseToken::random().unwrap();
    let store = MemoryStore::default();
    let terms = nano_webhook_core::dedupe::Terms {
        lease: Duration::from_secs(1),
        retention: Duration::from_secs(1),
    };
    let claim: Result<Claim, _> = store.claim(id, token, terms).await;
    evidence.debug("a claim", &claim);
    evidence.debug("a token", &token);
    evidence.debug("a renewal", &store.renew(id, token, terms).await);
    evidence.debug("terms", &terms);
}
