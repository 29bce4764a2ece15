//! New secrets.

use super::{HOOK, check_generated, endpoints, ids, provider};
use crate::support::sign::signature;
use crate::support::{Receiver, Run, nano_webhook};

/// 256 bits, another one each time, shown once, and the one that signs.
#[test]
fn a_generated_secret() {
    let (_provider, base) = provider();
    let receiver = Receiver::ok();
    let create = || {
        let run = endpoints(
            &base,
            &["create", &receiver.url, "--generate-secret", "--json"],
        );
        assert_eq!(run.code, 0, "{run:?}");
        let secret = run.json()["secret_key"].clone();
        check_generated(&secret);
        secret.as_str().unwrap().to_owned()
    };
    let secret = create();
    let run = Run::of(nano_webhook().args(["trigger", "completed", "--simulator", &base]));
    assert_eq!(run.code, 0, "{run:?}");
    let request = receiver.request();
    assert_eq!(
        request.header("x-nano-signature"),
        signature(&secret, request.header("x-nano-timestamp"), &request.body)
    );
    assert_ne!(create(), secret);

    let run = endpoints(&base, &["create", HOOK, "--generate-secret"]);
    let line = run.stdout.lines().nth(1).unwrap();
    check_generated(&line.strip_prefix("secret: ").unwrap().into());
    assert!(run.stderr.contains("Keep it now"), "{run:?}");

    // `ensure` finds one, so no secret is made.
    let run = endpoints(&base, &["ensure", HOOK, "--generate-secret", "--json"]);
    assert_eq!(run.json().get("secret_key"), None);
    assert!(run.stderr.contains("no secret was made"), "{run:?}");
}

#[test]
fn a_generated_secret_in_a_file() {
    let (_provider, base) = provider();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let path = file.to_str().unwrap();
    let with_file = ["--generate-secret", "--secret-out", path];
    let run = endpoints(&base, &[&["ensure", HOOK], &with_file[..]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let secret = std::fs::read_to_string(&file).unwrap();
    check_generated(&secret.trim_end().into());
    assert!(!run.stdout.contains(secret.trim_end()), "{run:?}");
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");

    // An existing file is not overwritten, and nothing is created.
    let run = endpoints(&base, &[&["create", HOOK], &with_file[..]].concat());
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), secret);
    assert_eq!(ids(&base), [1]);

    // The file of a secret with which nothing was created does not stay.
    std::fs::remove_file(&file).unwrap();
    let run = endpoints(
        "http://127.0.0.1:9",
        &[&["create", HOOK], &with_file[..]].concat(),
    );
    assert_eq!(run.code, 3, "{run:?}");
    assert!(!file.exists());
}

#[test]
fn secret_generate() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let path = file.to_str().unwrap();
    let generate =
        |arguments: &[&str]| Run::of(nano_webhook().args(["secret", "generate"]).args(arguments));
    let (one, other) = (generate(&[]), generate(&["--json"]));
    check_generated(&one.stdout.trim_end().into());
    check_generated(&other.json()["secret_key"]);
    assert_ne!(one.stdout.trim_end(), other.json()["secret_key"]);

    assert_eq!(generate(&["--out", path]).stdout, format!("{path}\n"));
    let secret = std::fs::read_to_string(&file).unwrap();
    check_generated(&secret.trim_end().into());
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    // An existing file is not overwritten.
    assert_eq!(generate(&["--out", path]).code, 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), secret);
}
