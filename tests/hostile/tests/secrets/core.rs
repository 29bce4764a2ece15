//! Core: configuration, verdicts of every kind, deliveries, claims.

use std::time::Duration;

use nano_webhook_core::dedupe::{
    BodyDigest, Dedupe, DedupeStore as _, MemoryStore, OwnerToken, StoreError, Terms,
};
use nano_webhook_core::{
    Delivery, Secret, Signer, UnixTime, Verifier, WebhookError, adapter, reserialize,
};
use nano_webhook_test_kit::SignedRequest;

use crate::search::{Search, with_other_heads};
use crate::{CURRENT, FOREIGN, PREVIOUS};

const NOW: UnixTime = UnixTime::from_secs(1_734_948_000);

const BODY: &str = r#"{"event":"job.completed","task_id":"task_1","data":{"url":"https://cdn.example.com/1.png","credits_charged":6}}"#;

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

pub(crate) async fn run(search: &mut Search) {
    configuration(search);
    let delivery = verdicts(search);
    claims(search, &delivery).await;
}

fn configuration(search: &mut Search) {
    for text in [CURRENT, &format!(" {CURRENT}\n"), "short"] {
        let secret = secret(text);
        search.debug("a secret", &secret);
        search.debug("warnings", &secret.warnings().collect::<Vec<_>>());
        // Logs the warnings.
        search.debug("a verifier", &Verifier::new(secret));
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), [CURRENT.as_bytes(), b"\xff"].concat()).unwrap();
    let builder = || {
        Verifier::builder(secret(CURRENT))
            .previous_secret(secret(PREVIOUS))
            .accept_reserialized()
    };
    search.debug("a builder", &builder());
    for error in [
        Secret::new("").unwrap_err(),
        Secret::from_env("NANO_WEBHOOK_NOT_SET").unwrap_err(),
        Secret::from_file(file.path()).unwrap_err(),
        Secret::from_file("/nowhere/at/all").unwrap_err(),
        builder().body_limit(0).build().unwrap_err(),
        builder().body_timeout(Duration::ZERO).build().unwrap_err(),
    ] {
        search.error("a configuration error", &error);
    }
}

fn verdicts(search: &mut Search) -> Delivery {
    let verifier = Verifier::builder(secret(CURRENT))
        .previous_secret(secret(PREVIOUS))
        .body_limit(1000)
        .accept_reserialized()
        .build()
        .unwrap();
    search.debug("a verifier", &verifier);
    search.debug("a signer", &Signer::new(secret(CURRENT)));

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
        let signed = search.signed(key, timestamp, body);
        for SignedRequest { headers, body, .. } in with_other_heads(&signed) {
            let verified = verifier.begin(&headers, NOW).and_then(|mut verification| {
                verification.push(body.into())?;
                search.debug("a verification", &verification);
                verification.finish()
            });
            match verified {
                Ok(delivery) => search.debug("a delivery", &delivery),
                Err(error) => rejected(search, &error),
            }
        }
    }
    search.error("re-serialisation", &reserialize(b"{", 10).unwrap_err());
    let signed = search.signed(CURRENT, "1734948000", BODY);
    let spaced = BODY.replace("{\"event\"", "{ \"event\"");
    let delivery = verifier.verify(&signed.headers, spaced, NOW).unwrap();
    search.debug("a re-serialised delivery", &delivery);
    delivery
}

pub(crate) fn rejected(search: &mut Search, error: &WebhookError) {
    search.debug("an answer", &adapter::reject(error));
    search.error("a rejection", error);
}

async fn claims(search: &mut Search, delivery: &Delivery) {
    let store = MemoryStore::default();
    search.debug("a store", &store);
    let dedupe = Dedupe::builder(store.clone(), "secrets").build().unwrap();
    search.debug("deduplication", &dedupe);
    for succeeds in [false, true, true] {
        match dedupe.claim(delivery, tokio::time::sleep).await {
            adapter::Claimed::Held(claim) => {
                search.debug("a claim", &claim);
                let handled = claim.run(async { succeeds }, |succeeds| *succeeds).await;
                search.debug("what was handled", &handled);
            }
            adapter::Claimed::Duplicate(outcome) => search.debug("an outcome", &outcome),
            adapter::Claimed::Rejected(error, _) => rejected(search, &error),
        }
    }
    search.error("a store's error", &StoreError::new("it is away"));
    let (owner, body) = (OwnerToken::random().unwrap(), BodyDigest::default());
    let terms = Terms {
        lease: Duration::from_secs(1),
        retention: Duration::from_secs(1),
    };
    let id = dedupe.delivery_id(delivery);
    let claim = store.claim(id, body, owner, terms).await;
    search.debug("a claim of the store", &claim);
    search.debug("its parts", &(id, body, owner, terms));
}
