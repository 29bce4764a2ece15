//! What a receiver must say: the documented function's judgement, less what the rules of
//! DESIGN.md reject. The rules are the kit's oracle, which shares nothing with the crates
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

/// The secret that signed, and whether it signed the body or its text; or a code.
pub(crate) type Expected = Result<(usize, Mode), &'static str>;

/// What must be said of a delivery, and why the documented function says otherwise, if it
/// does: it accepts more.
pub(crate) fn expect(
    case: &Case,
    judgement: &Judgement,
    mode: Mode,
) -> (Expected, Option<&'static str>) {
    let signer = |matches: &[bool]| matches.iter().position(|matches| *matches);
    let raw = signer(&judgement.raw).map(|secret| (secret, Mode::Raw));
    let reserialized = signer(&judgement.reserialized)
        .filter(|_| mode == Mode::Reserialized)
        .map(|secret| (secret, Mode::Reserialized));
    let accepted = raw.or(reserialized);
    let rejected = |code, why| (Err(code), accepted.is_some().then_some(why));
    if let Err(code) = head::read(&case.headers(), &case.limits) {
        let compares = accepted.is_none() || code != "malformed_signature";
        assert!(compares, "it compares with ===");
        return rejected(code, code);
    }
    if case.body.len() > case.limits.max_body {
        return rejected("body_too_large", "body_too_large");
    }
    let Some((secret, over)) = accepted else {
        return rejected("signature_mismatch", "signature_mismatch");
    };
    let limit = match over {
        Mode::Raw => None,
        Mode::Reserialized => text_limit(case, judgement),
    };
    match limit {
        Some(why) => rejected("signature_mismatch", why),
        None => (Ok((secret, over)), None),
    }
}

/// Why a body is not re-serialised though Node does it.
fn text_limit(case: &Case, judgement: &Judgement) -> Option<&'static str> {
    let too_large = judgement.text_length.unwrap() > case.limits.max_body;
    rejected_document(&case.body).or(too_large.then_some("text too large"))
}

/// Why a document that Node reads is rejected.
pub(crate) fn rejected_document(body: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(body) else {
        // Node parses what a replacing decoder makes of it.
        return Some("not UTF-8");
    };
    let document = Json::parse(text).unwrap();
    if document.has_lone_surrogate() {
        Some("half a surrogate pair")
    } else if document.depth() > DEPTH {
        Some("nested too deep")
    } else {
        None
    }
}
