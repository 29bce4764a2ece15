//! What a server does with a request, and what is sent to it.

use nano_webhook_axum::Verifier;
use nano_webhook_bench_shared::secret;

/// What stands before the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing; the handler takes the body.
    Bare,
    /// Verification and the event.
    Verified,
    /// The same, with a body limit of 64 KiB.
    SmallLimit,
    /// Verification, event, deduplication in memory.
    Once,
    /// The same, written by hand.
    ByHand,
    /// webhook-verify, without an event.
    WebhookVerify,
    /// axum-standardwebhooks, without an event.
    Standard,
}

impl Mode {
    pub(crate) const ALL: [Self; 7] = [
        Self::Bare,
        Self::Verified,
        Self::SmallLimit,
        Self::Once,
        Self::ByHand,
        Self::WebhookVerify,
        Self::Standard,
    ];

    pub(crate) fn name(self) -> String {
        format!("{self:?}")
    }
}

pub(crate) fn verifier(mode: Mode) -> Verifier {
    let builder = Verifier::builder(secret());
    let builder = match mode {
        Mode::SmallLimit => builder.body_limit(64 << 10),
        _ => builder,
    };
    builder.build().expect("the settings are fine")
}

/// The requests of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requests {
    /// Each is another delivery.
    New,
    /// All are one delivery.
    Same,
    /// All are one delivery with a wrong signature.
    Forged,
    /// Each signed as Standard Webhooks are.
    Standard,
}

pub(crate) struct Case {
    pub(crate) framework: &'static str,
    pub(crate) mode: Mode,
    pub(crate) requests: Requests,
    pub(crate) size: usize,
    pub(crate) connections: usize,
    pub(crate) name: &'static str,
}

/// The cases, or with other numbers of connections those that show how a service grows.
#[rustfmt::skip]
pub(crate) fn cases(connections: &[usize]) -> Vec<Case> {
    use {Mode::*, Requests::*};

    let case = |framework, mode, requests, size, name| Case { framework, mode, requests, size, connections: 32, name };
    let (small, medium, large) = (199, 16 << 10, 256 << 10);
    let growing = |framework| [
        case(framework, Bare, New, small, "bare"),
        case(framework, Verified, New, small, "verified"),
        case(framework, Once, New, small, "handled once"),
    ];
    if !connections.is_empty() {
        return (connections.iter())
            .flat_map(|&connections| {
                let cases = ["axum", "actix"].into_iter().flat_map(growing);
                cases.map(move |case| Case { connections, ..case })
            })
            .collect();
    }
    let both = ["axum", "actix"].into_iter().flat_map(|framework| growing(framework).into_iter().chain([
        case(framework, Once, Same, small, "duplicates"),
        case(framework, Verified, Forged, small, "forgeries"),
        case(framework, WebhookVerify, New, small, "webhook-verify, no event"),
        case(framework, Bare, New, medium, "bare"),
        case(framework, Verified, New, medium, "verified"),
        case(framework, Bare, Same, large, "bare"),
        case(framework, Verified, Forged, large, "forgeries"),
        case(framework, SmallLimit, Forged, large, "forgeries over the limit"),
    ]));
    let axum_only = [
        case("axum", ByHand, New, small, "by hand: verified, handled once"),
        case("axum", ByHand, Same, small, "by hand: duplicates"),
        case("axum", Mode::Standard, Requests::Standard, small, "axum-standardwebhooks, no event"),
    ];
    both.chain(axum_only).collect()
}
