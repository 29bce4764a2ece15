//! Core: configuration, verdicts of every kind, deliveries, claims.

use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Dedupe, DedupeStore as _, MemoryStore, OwnerToken, StoreError, Terms,
};
use nano_webhook_core::{
    Bytes, Delivery, Secret, SignedHeaders, Signer, UnixTime, Verifier, WebhookError, adapter,
    reserialize,
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
    let signed = Signer::new(secret(key)).sign_with_timestamp(timestamp, body);
    needles.signature(signed.signature());
    signed
}

pub(crate) async fn run(evidence: &mut Evidence, needles: &mut Needles) {
    configuration(evidence);
    let delivery = verdicts(evidence, needles);
    claims(evidence, &delivery).await;
}

fn configuration(evidence: &mut Evidence) {
    for text in [CURRENT, &format!(" {CURRENT}\n"), "short"] {
        let secret = secret(text);
        evidence.debug("a secret", &secret);
        evidence.debug("warnings", &secret.warnings().collect::<Vec<_>>());
        // Logs the warnings.
        evidence.debug("a verifier", &Verifier::new(secret));
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), [CURRENT.as_bytes(), b"\xff"].concat()).unwrap();
    let builder = || {
        Verifier::builder(secret(CURRENT))
            .previous_secret(secret(PREVIOUS))
            .accept_reserialized()
    };
    evidence.debug("a builder", &builder());
    for error in [
        Secret::new("").unwrap_err(),
        Secret::from_env("NANO_WEBHOOK_NOT_SET").unwrap_err(),
        Secret::from_file(file.path()).unwrap_err(),
        Secret::from_file("/nowhere/at/all").unwrap_err(),
        builder().body_limit(0).build().unwrap_err(),
        builder().body_timeout(Duration::ZERO).build().unwrap_err(),
    ] {
        evidence.error("a configuration error", &error);
    }
}

fn verdicts(evidence: &mut Evidence, needles: &mut Needles) -> Delivery {
    let verifier = Verifier::builder(secret(CURRENT))
        .previous_secret(secret(PREVIOUS))
        .body_limit(1000)
        .accept_reserialized()
        .build()
        .unwrap();
    evidence.debug("a verifier", &verifier);
    evidence.debug("a signer", &Signer::new(secret(CURRENT)));

    let too_long = "x".repeat(1001);
    for (key, timestamp, body) in [
        (CURRENT, "1734948000", BODY),
        (PREVIOUS, "1734948000000", BODY),
        (FOREIGN, "1734948000", BODY),
        (CURRENT, "1734947000", BODY),
        (CURRENT, "1734949000", BODY),
        (CURRENT, "soon", BODY),
        (CURRENT, "1734948000", r#"{"event":"job.completed"}"#),
        (CURRENT, "1734948000", &too_long),
    ] {
        let signed = sign(needles, key, timestamp, body.as_bytes());
        evidence.debug("signed headers", &signed);
        let [timestamp, signature] = signed.to_pairs();
        for head in [
            vec![timestamp, signature],
            vec![timestamp],
            vec![signature],
            vec![timestamp, signature, signature],
            vec![timestamp, (signature.0, &signature.1[..66])],
            vec![timestamp, signature, ("content-encoding", "gzip")],
            vec![timestamp, signature, ("content-length", "1001")],
        ] {
            let verified = verifier.begin(&head, NOW).and_then(|mut verification| {
                verification.push(Bytes::copy_from_slice(body.as_bytes()))?;
                evidence.debug("a verification", &verification);
                verification.finish()
            });
            match verified {
                Ok(delivery) => evidence.debug("a delivery", &delivery),
                Err(error) => rejected(evidence, &error),
            }
        }
    }
    evidence.error("re-serialisation", &reserialize(b"{", 10).unwrap_err());
    let signed = sign(needles, CURRENT, "1734948000", BODY.as_bytes());
    let spaced = BODY.replace("{\"event\"", "{ \"event\"");
    let delivery = verifier.verify(&signed.to_pairs(), spaced, NOW).unwrap();
    evidence.debug("a re-serialised delivery", &delivery);
    delivery
}

pub(crate) fn rejected(evidence: &mut Evidence, error: &WebhookError) {
    evidence.debug("an answer", &adapter::reject(error));
    evidence.error("a rejection", error);
}

async fn claims(evidence: &mut Evidence, delivery: &Delivery) {
    let store = MemoryStore::default();
    evidence.debug("a store", &store);
    let dedupe = Dedupe::builder(store.clone(), "secrets").build().unwrap();
    evidence.debug("deduplication", &dedupe);
    for succeeds in [false, true, true] {
        match dedupe.claim(delivery, tokio::time::sleep).await {
            adapter::Claimed::Held(claim) => {
                evidence.debug("a claim", &claim);
                let handled = claim.run(async { succeeds }, |succeeds| *succeeds).await;
                evidence.debug("what was handled", &handled);
            }
            adapter::Claimed::Duplicate(outcome) => evidence.debug("an outcome", &outcome),
            adapter::Claimed::Rejected(error, _) => rejected(evidence, &error),
        }
    }
    evidence.error("a store's error", &StoreError::new("it is away"));
    let (owner, body) = (OwnerToken::random().unwrap(), BodyDigest::default());
    let terms = Terms {
        lease: Duration::from_secs(1),
        retention: Duration::from_secs(1),
    };
    let id = dedupe.delivery_id(delivery);
    evidence.debug(
        "a claim of the store",
        &store.claim(id, body, owner, terms).await,
    );
    evidence.debug("its parts", &(id, body, owner, terms));
}
