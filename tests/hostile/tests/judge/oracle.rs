//! What a receiver must say: the documented function's judgement, less what the rules of
//! DESIGN.md refuse. The rules are the kit's oracle, which shares nothing with the crates
//! under test.

use nano_webhook_test_kit::oracle::head;
use nano_webhook_test_kit::oracle::json::Json;

use crate::case::Case;
use crate::node::Judgement;

/// Nesting that is still accepted.
const DEPTH: usize = 127;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The bytes of the body are what was signed.
    Raw,
    /// Or else their `JSON.stringify(JSON.parse(body))` text is.
    Reserialized,
}

impl Mode {
    pub(crate) const ALL: [Self; 2] = [Self::Raw, Self::Reserialized];
}

/// What a receiver must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The signature is right: that of this secret, over the body or its text.
    Accepted { secret: usize, over: Mode },
    /// It is refused with this code.
    Refused(&'static str),
}

/// What must be said of a delivery, and why the documented function says otherwise, if it
/// does: it accepts more.
pub(crate) fn expect(
    case: &Case,
    judgement: &Judgement,
    mode: Mode,
) -> (Expected, Option<&'static str>) {
    let raw = judgement.raw.iter().position(|matches| *matches);
    let reserialized = judgement.reserialized.iter().position(|matches| *matches);
    let reserialized = reserialized.filter(|_| mode == Mode::Reserialized);
    let accepts = raw.or(reserialized).is_some();
    let refused = |code, why| (Expected::Refused(code), accepts.then_some(why));
    if let Err(code) = head::read(&case.headers(), &case.limits()) {
        assert!(
            !accepts || code != "malformed_signature",
            "it compares with ==="
        );
        return refused(code, code);
    }
    if case.body.len() > case.settings.max_body {
        return refused("body_too_large", "body_too_large");
    }
    let over = match raw {
        Some(_) => Mode::Raw,
        None => Mode::Reserialized,
    };
    let Some(secret) = raw.or(reserialized) else {
        return refused("signature_mismatch", "signature_mismatch");
    };
    let limit = match over {
        Mode::Raw => None,
        Mode::Reserialized => text_limit(case, judgement),
    };
    match limit {
        Some(why) => refused("signature_mismatch", why),
        None => (Expected::Accepted { secret, over }, None),
    }
}

/// Why a body is not re-serialised though Node does it.
fn text_limit(case: &Case, judgement: &Judgement) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(&case.body) else {
        // Node parses what a replacing decoder makes of it.
        return Some("not UTF-8");
    };
    let document = Json::parse(text).expect("Node has parsed it");
    if document.has_lone_surrogate() {
        Some("half a surrogate pair")
    } else if document.depth() > DEPTH {
        Some("nested too deep")
    } else if judgement.text_len.unwrap() > case.settings.max_body {
        Some("text too large")
    } else {
        None
    }
}
