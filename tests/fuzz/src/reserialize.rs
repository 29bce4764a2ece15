//! Any body: which text would the documented snippet have hashed?

use nano_webhook_core::{ReserializeError, reserialize};

use crate::oracle::event::MAX_BRACKETS;
use crate::oracle::json::Json;
use crate::oracle::stringify::stringify;

/// Re-serialises a body.
pub fn check(data: &[u8]) {
    let judged = reserialize(data, usize::MAX);
    if let Ok(text) = &judged {
        assert!(text.len() * 4 <= data.len() * 21, "longer than 5.25 times");
        assert_eq!(reserialize(text, text.len()).as_ref(), Ok(text), "again");
        assert_eq!(reserialize(data, text.len()).as_ref(), Ok(text));
        let tight = reserialize(data, text.len() - 1);
        assert_eq!(tight, Err(ReserializeError::TooLarge));
    }
    let judged = judged.map(|text| String::from_utf8(text).expect("the text is text"));
    compare(data, judged);
}

fn compare(body: &[u8], judged: Result<String, ReserializeError>) {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => {
            let offset = error.valid_up_to();
            assert_eq!(judged, Err(ReserializeError::NotUtf8 { offset }));
            return;
        }
    };
    if text.matches(['[', '{']).count() > MAX_BRACKETS {
        return;
    }
    let document = Json::parse(text);
    match judged {
        Ok(judged) => {
            let document = document.expect("it is not JSON");
            assert_eq!(judged, stringify(&document));
        }
        // Of a text that is no JSON it can be known before that it is too deep.
        Err(ReserializeError::TooDeep { .. }) => {
            assert!(document.is_none_or(|document| document.depth() > 128));
        }
        Err(ReserializeError::LoneSurrogate { .. }) => {
            assert!(document.is_none_or(|document| document.has_lone_surrogate()));
        }
        Err(ReserializeError::InvalidJson { .. }) => assert!(document.is_none()),
        Err(other) => panic!("{other}"),
    }
}
