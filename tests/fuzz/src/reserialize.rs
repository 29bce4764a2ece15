//! Any body: which text would the documented snippet have hashed?

use nano_webhook_core::{ReserializeError, reserialize};

use nano_webhook_test_kit::oracle::event::MAX_BRACKETS;
use nano_webhook_test_kit::oracle::json::Json;
use nano_webhook_test_kit::oracle::stringify::stringify;

/// Re-serialises a body.
pub fn check(data: &[u8]) {
    let text = reserialize(data, usize::MAX);
    if let Ok(text) = &text {
        assert!(text.len() * 4 <= data.len() * 21, "longer than 5.25 times");
        assert_eq!(reserialize(text, text.len()).as_ref(), Ok(text), "again");
        assert_eq!(reserialize(data, text.len()).as_ref(), Ok(text));
        let tight = reserialize(data, text.len() - 1);
        assert_eq!(tight, Err(ReserializeError::TooLarge));
    }
    if data.iter().filter(|byte| b"[{".contains(byte)).count() <= MAX_BRACKETS {
        let text = text.map(|text| String::from_utf8(text).expect("the text is text"));
        assert_eq!(text.ok(), oracle(data));
    }
}

/// The text that the documented snippet would hash, if it is within our limits.
pub(crate) fn oracle(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    if text.matches(['[', '{']).count() > MAX_BRACKETS {
        return None;
    }
    let document = Json::parse(text)?;
    let is_within = !document.has_lone_surrogate() && document.depth() <= 127;
    is_within.then(|| stringify(&document))
}
