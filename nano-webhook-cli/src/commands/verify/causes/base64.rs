use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The two alphabets (RFC 4648, sections 4 and 5), with padding or without.
fn alphabets() -> [GeneralPurpose; 2] {
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [STANDARD, URL_SAFE].map(|alphabet| GeneralPurpose::new(&alphabet, config))
}

/// The bytes of a text in either alphabet.
pub(in super::super) fn decode(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    alphabets()
        .iter()
        .find_map(|engine| engine.decode(text.as_ref()).ok())
}

/// Every form that bytes have.
pub(super) fn encode(bytes: impl AsRef<[u8]>) -> Vec<String> {
    alphabets()
        .iter()
        .map(|engine| engine.encode(bytes.as_ref()))
        .flat_map(|padded| [padded.trim_end_matches('=').to_owned(), padded])
        .collect()
}
