//! Crates that verify webhooks, each as its documentation shows, over the same
//! payload and with the headers it wants among the usual ones.

use std::hint::black_box;

use hmac::{Hmac, KeyInit as _, Mac as _};
use nano_webhook_bench_shared::peers::{SCHEME, standard_headers};
use nano_webhook_bench_shared::{COMPLETED, SECRET, completed, signed_at, signed_headers};
use sha2::Sha256;
use webhook_verify::{Provider, VerifyOptions};

use crate::rounds::Case;

/// All of them, over the documented payload.
pub(crate) fn small(group: &'static str) -> Vec<Case> {
    vec![
        #[cfg(feature = "large-peers")]
        svix(group, 0),
        #[cfg(feature = "large-peers")]
        async_stripe(group),
        standardwebhooks(group, 0),
        webhook_verify_custom(group, 0),
        #[cfg(feature = "large-peers")]
        hivehook(group, 0),
        #[cfg(feature = "large-peers")]
        slack_morphism(group, 0),
        #[cfg(feature = "large-peers")]
        webhooksmith(group, 0),
    ]
}

pub(crate) fn large(group: &'static str, body_len: usize) -> Vec<Case> {
    vec![
        #[cfg(feature = "large-peers")]
        svix(group, body_len),
        standardwebhooks(group, body_len),
        webhook_verify_custom(group, body_len),
        #[cfg(feature = "large-peers")]
        hivehook(group, body_len),
        #[cfg(feature = "large-peers")]
        slack_morphism(group, body_len),
        #[cfg(feature = "large-peers")]
        webhooksmith(group, body_len),
    ]
}

pub(crate) fn hmac_alone(group: &'static str) -> Case {
    let key = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    let tag = [0_u8; 32];
    Case::new(group, "RustCrypto: pre-keyed HMAC alone", move || {
        let mut mac = key.clone();
        mac.update(black_box(b"1734948000."));
        mac.update(black_box(COMPLETED.as_bytes()));
        mac.verify_slice(black_box(&tag)).is_ok()
    })
}

#[cfg(feature = "large-peers")]
fn svix(group: &'static str, body_len: usize) -> Case {
    let body = completed(body_len);
    let webhook = svix::webhooks::Webhook::from_bytes(SECRET.into()).expect("a secret");
    let headers = standard_headers(signed_at(), &body);
    Case::new(group, "svix", move || {
        let judged = webhook.verify(black_box(&body), black_box(&headers));
        judged.expect("it is signed")
    })
}

fn standardwebhooks(group: &'static str, body_len: usize) -> Case {
    let body = completed(body_len);
    let webhook = standardwebhooks::Webhook::from_bytes(SECRET.into()).expect("a secret");
    let headers = standard_headers(signed_at(), &body);
    Case::new(group, "standardwebhooks", move || {
        let judged = webhook.verify(black_box(&body), black_box(&headers));
        judged.expect("it is signed")
    })
}

fn webhook_verify_custom(group: &'static str, body_len: usize) -> Case {
    let body = completed(body_len);
    let headers = signed_headers(signed_at(), &body);
    let secret = webhook_verify::Secret::new(SECRET);
    Case::new(group, "webhook-verify, a custom scheme like this one", move || {
        let judged = webhook_verify::verify(
            Provider::Custom(SCHEME),
            black_box(&headers),
            black_box(&body),
            &secret,
            VerifyOptions::default(),
        );
        judged.expect("it is signed")
    })
}

#[cfg(feature = "large-peers")]
fn slack_signature(body: &[u8]) -> (String, String) {
    let timestamp = signed_at().as_secs().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    let digits: String = (mac.finalize().into_bytes().iter())
        .map(|byte| format!("{byte:02x}"))
        .collect();
    (timestamp, format!("v0={digits}"))
}

#[cfg(feature = "large-peers")]
fn text(body: &[u8]) -> String {
    String::from_utf8(body.to_vec()).expect("the payload is UTF-8")
}

/// It takes the parts: no header is looked up.
#[cfg(feature = "large-peers")]
fn hivehook(group: &'static str, body_len: usize) -> Case {
    let body = text(&completed(body_len));
    let time = signed_at().as_secs() as i64;
    let signature = hivehook::Webhook::sign(&body, SECRET, time);
    Case::new(group, "hivehook, no header look-up", move || {
        let judged = hivehook::Webhook::verify(
            black_box(&body),
            SECRET,
            black_box(&signature),
            time,
            Some(300),
        );
        assert!(judged);
    })
}

/// It takes the parts: no header is looked up.
#[cfg(feature = "large-peers")]
fn slack_morphism(group: &'static str, body_len: usize) -> Case {
    use slack_morphism::SlackSigningSecret;
    use slack_morphism::signature_verifier::SlackEventSignatureVerifier;

    let body = text(&completed(body_len));
    let (timestamp, signature) = slack_signature(body.as_bytes());
    let verifier = SlackEventSignatureVerifier::new(&SlackSigningSecret(SECRET.to_owned()));
    Case::new(group, "slack-morphism, no header look-up", move || {
        let judged = verifier.verify(
            black_box(&signature),
            black_box(&body),
            black_box(&timestamp),
        );
        judged.expect("it is signed")
    })
}

/// It takes the parts: no header is looked up.
#[cfg(feature = "large-peers")]
fn webhooksmith(group: &'static str, body_len: usize) -> Case {
    let body = completed(body_len);
    let time = signed_at().as_secs() as i64;
    let signature = webhooksmith::signing::sign(SECRET, time, &body).expect("any secret");
    Case::new(group, "webhooksmith, no header look-up", move || {
        let judged =
            webhooksmith::signing::verify(SECRET, time, black_box(&body), black_box(&signature));
        assert!(judged);
    })
}

/// Parsing is part of it, and no header is looked up. Its event has other fields
/// than ours, so its payload is another one.
#[cfg(feature = "large-peers")]
fn async_stripe(group: &'static str) -> Case {
    use stripe_webhook::Webhook;

    const BODY: &str = r#"{"id":"evt_1","object":"event","created":1734948000,"livemode":false,"pending_webhooks":1,"data":{"object":{"object":"bank_account","country":"us","currency":"usd","id":"ba_1","last4":"6789","status":"verified"}},"type":"account.external_account.created"}"#;

    let time = signed_at().as_secs() as i64;
    let signature = Webhook::generate_test_header(BODY, SECRET, Some(time));
    Case::new(
        group,
        "async-stripe-webhook, verification and event, no header look-up",
        move || {
            Webhook::construct_event(black_box(BODY), black_box(&signature), SECRET)
                .expect("it is signed")
        },
    )
}
