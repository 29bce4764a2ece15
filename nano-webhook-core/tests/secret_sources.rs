//! Secrets from files: what is dropped, and what is refused.
#![cfg(feature = "secret-sources")]
#![allow(clippy::unwrap_used)]

use nano_webhook_core::Secret;

#[test]
fn one_newline_goes_and_a_blank_is_no_secret() {
    let file = std::env::temp_dir().join(format!("nano-webhook-secret-{}", std::process::id()));
    for (content, expected) in [
        ("secret", Ok("secret")),
        ("secret\n", Ok("secret")),
        ("secret\r\n", Ok("secret")),
        ("secret\n\n", Ok("secret\n")),
        (" secret ", Ok(" secret ")),
        ("secret\r", Ok("secret\r")),
        ("", Err("EmptySecret")),
        ("\n", Err("EmptySecret")),
        ("\n\n", Err("EmptySecret")),
        (" \t\r\n", Err("EmptySecret")),
    ] {
        std::fs::write(&file, content).unwrap();
        let secret = Secret::from_file(&file);
        let seen = secret.as_ref().map(Secret::expose);
        let seen = seen.map_err(|error| format!("{error:?}"));
        assert_eq!(seen, expected.map_err(str::to_owned), "{content:?}");
    }
    std::fs::remove_file(&file).unwrap();
}
