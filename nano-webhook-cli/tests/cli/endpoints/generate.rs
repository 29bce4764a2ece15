//! New secrets.

use std::path::Path;

use super::{HOOK, check_generated, endpoints, ids, provider};
use crate::support::{Receiver, Run};

/// 256 bits, another one each time, shown once, and the one that signs.
#[test]
fn a_generated_secret() {
    let (_provider, base) = provider();
    let receiver = Receiver::ok();
    let create = || {
        let run = endpoints(
            &base,
            &["create", &receiver.url, "--generate-secret --json"],
        );
        assert_eq!(run.code, 0, "{run:?}");
        let secret = run.json()["secret_key"].clone();
        check_generated(&secret);
        secret.as_str().unwrap().to_owned()
    };
    let secret = create();
    let run = Run::line(&format!("trigger completed --simulator {base}"));
    assert_eq!(run.code, 0, "{run:?}");
    assert!(receiver.request().is_signed(&secret));
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

/// A new secret that only its owner can read.
fn check_file(file: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;

    let secret = std::fs::read_to_string(file).unwrap();
    check_generated(&secret.trim_end().into());
    let mode = file.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    secret
}

#[test]
fn a_generated_secret_in_a_file() {
    let (_provider, base) = provider();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let path = file.to_str().unwrap();
    let with_file = format!("{HOOK} --generate-secret --secret-out {path}");
    let run = endpoints(&base, &["ensure", &with_file]);
    assert_eq!(run.code, 0, "{run:?}");
    let secret = check_file(&file);
    assert!(!run.stdout.contains(secret.trim_end()), "{run:?}");

    // An existing file is not overwritten, and nothing is created.
    let run = endpoints(&base, &["create", &with_file]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), secret);
    assert_eq!(ids(&base), [1]);

    // The file of a secret with which nothing was created does not stay.
    std::fs::remove_file(&file).unwrap();
    let run = endpoints("http://127.0.0.1:9", &["create", &with_file]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(!file.exists());
}

#[test]
fn secret_generate() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let path = file.to_str().unwrap();
    let generate = |arguments: &str| Run::line(&format!("secret generate {arguments}"));
    let (one, other) = (generate(""), generate("--json"));
    check_generated(&one.stdout.trim_end().into());
    check_generated(&other.json()["secret_key"]);
    assert_ne!(one.stdout.trim_end(), other.json()["secret_key"]);

    let out = format!("--out {path}");
    assert_eq!(generate(&out).stdout, format!("{path}\n"));
    let secret = check_file(&file);
    // An existing file is not overwritten.
    assert_eq!(generate(&out).code, 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), secret);
}
