//! Options, secrets and files that cannot be used: exit code 2, and a text that
//! says what to do.

use crate::support::{Run, SECRET, nano_webhook};

#[test]
fn help_names_every_command_and_exit_code() {
    let run = Run::line("--help");
    assert_eq!(run.code, 0);
    for text in "send,verify,listen,simulate,trigger,endpoints,doctor,secret,completions,man,\
        Exit codes:,  130 "
        .split(',')
    {
        assert!(run.stdout.contains(text), "{text}");
    }
    for command in ["send", "verify", "listen", "endpoints", "doctor", "secret"] {
        let run = Run::line(&format!("{command} --help"));
        assert_eq!(run.code, 0, "{command}");
        assert!(!run.stdout.contains(SECRET), "{command} shows the secret");
    }
    let version = Run::line("--version").stdout;
    for text in ["commit ", "reserialized"] {
        assert!(version.contains(text), "{version}");
    }
}

#[test]
#[rustfmt::skip]
fn what_cannot_be_tried() {
    let send = "send http://127.0.0.1:9/webhook";
    let verify = "verify --timestamp 1 --signature v1=0";
    for (command, says) in [
        ("", "Usage"),
        ("unknown", "unrecognized subcommand"),
        (send, "NANO_WEBHOOK_SECRET is not set"),
        (&format!("{send} --secret-env NOT_SET"), "NOT_SET is not set"),
        (&format!("{send} --secret-env EMPTY"), "EMPTY is empty"),
        (&format!("{send} --secret-file no/such/file"), "no/such/file cannot be read"),
        (&format!("{send} --secret-file /dev/null"), "the secret is empty"),
        (&format!("{send} --secret-env QUOTES"), "QUOTES is empty"),
        ("endpoints list --base-url http://127.0.0.1:9 --api-key-env QUOTES", "QUOTES is empty"),
        (&format!("{send} --secret-file a --secret-env B"), "cannot be used with"),
        (&format!("{send} --secret hunter2"), "unexpected argument '--secret'"),
        (&format!("{send} --body - --secret-file -"), "standard input can be read once"),
        (&format!("{send} failed --body x"), "cannot be used with"),
        (&format!("{send} --headers x"), "--body"),
        (&format!("{send} --repeat 0"), "0"),
        (&format!("{send} --concurrency 0"), "at least 1"),
        (&format!("{send} --secret-env SECRET --timestamp \u{1}"), "no header can carry"),
        ("send not-a-url", "the URL is not an absolute URL"),
        ("send http://127.0.0.1:65536/", "the URL is not an absolute URL"),
        ("send ftp://127.0.0.1/", "neither http nor https"),
        ("send http://user:hunter2@127.0.0.1/", "a user name or a password"),
        ("send http://192.0.2.1/webhook", "--allow-remote"),
        (verify, "--body"),
        (&format!("{verify} --body no/such/file --secret-env SECRET"), "no/such/file"),
        ("verify --body /dev/null", "--timestamp"),
        (&format!("{verify} --body /dev/null --now tomorrow"), "neither a Unix time"),
        ("listen --secret-env SECRET --addr nowhere", "invalid"),
        ("listen --secret-env SECRET --addr 192.0.2.1:1", "cannot listen"),
        ("listen --secret-env SECRET --forward-to http://192.0.2.1/", "--allow-remote"),
        ("listen --secret-env SECRET --save /dev/null/x", "--save"),
        #[cfg(feature = "ui")]
        ("listen --secret-env SECRET --addr 127.0.0.1:0 --ui 0.0.0.0:0", "--ui-allow-remote allows it"),
        #[cfg(feature = "ui")]
        ("listen --ui-allow-remote", "--ui"),
        #[cfg(feature = "ui")]
        ("listen --keep 5", "--ui"),
        #[cfg(feature = "ui")]
        ("listen --ui --keep 0", "at least 1"),
        ("simulate --backoff -1", "'-1'"),
        ("simulate --addr 192.0.2.1:1", "cannot listen"),
        ("trigger exploded", "exploded"),
        ("completions tcsh", "tcsh"),
        ("man exploded", "exploded"),
        ("trigger completed --simulator nonsense", "the base URL"),
        ("trigger completed --credits NaN", "not a number"),
        ("trigger completed --credits 1e999", "not a number"),
        ("endpoints list", "--base-url"),
        ("endpoints list --base-url https://example.com", "no API key"),
        ("endpoints list --base-url http://example.com --api-key-env SECRET", "plain http"),
        ("endpoints delete ../1 --base-url http://127.0.0.1:9", "../1"),
        ("endpoints create a.com/webhook --base-url http://127.0.0.1:9 --no-secret", "the URL is not an absolute URL"),
        ("endpoints ensure ftp://a.com/ --base-url http://127.0.0.1:9 --no-secret", "the URL is neither http nor https"),
        ("endpoints rotate http://a.com:65536/ --base-url http://127.0.0.1:9 --generate-secret", "the URL is not an absolute URL"),
        ("endpoints create http://a/ --base-url http://127.0.0.1:9 --generate-secret --no-secret", "cannot be used with"),
    ] {
        let mut program = nano_webhook();
        program
            .env_remove("NANO_WEBHOOK_SECRET")
            .env("SECRET", SECRET)
            .env("EMPTY", "")
            .env("QUOTES", "\"\u{feff}\"")
            .args(command.split_whitespace())
            .write_stdin("a secret of some length");
        let run = Run::of(&mut program);
        assert_eq!(run.code, 2, "{command}: {run:?}");
        assert!(run.stderr.contains(says), "{command}: {run:?}");
        assert!(run.stdout.is_empty(), "{command}: {run:?}");
        for secret in ["hunter2", SECRET] {
            let shown = run.stderr.replace("'--secret' found", "");
            assert!(!shown.contains(secret), "{command}: {run:?}");
        }
    }
}

/// `VarError::NotUnicode` would print the value.
#[cfg(unix)]
#[test]
fn a_secret_that_is_not_text_is_not_printed() {
    use std::os::unix::ffi::OsStrExt as _;

    let value = std::ffi::OsStr::from_bytes(b"hunter2\xff");
    for variable in ["NANO_WEBHOOK_SECRET", "NANO_WEBHOOK_API_KEY"] {
        let command: &[&str] = match variable {
            "NANO_WEBHOOK_SECRET" => &["send", "http://127.0.0.1:9/"],
            _ => &["endpoints", "list", "--base-url", "http://127.0.0.1:9"],
        };
        let run = Run::of(nano_webhook().env(variable, value).args(command));
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains("not Unicode"), "{run:?}");
        assert!(!run.stderr.contains("hunter2"), "{run:?}");
    }
}

#[test]
fn failures_are_json_where_results_are() {
    for (line, code, kind) in [
        ("--json send http://192.0.2.1/", 2, "usage"),
        // No service listens at port 0.
        (
            "trigger failed --json --simulator http://127.0.0.1:0",
            3,
            "network",
        ),
    ] {
        let run = Run::line(line);
        assert_eq!(run.code, code, "{run:?}");
        assert_eq!(run.json()["error"]["kind"], kind);
    }
}

#[test]
fn weak_secrets_are_warned_about() {
    let run = Run::of(
        nano_webhook()
            .args(["send", "http://127.0.0.1:0/", "--secret-file", "-"])
            .write_stdin("\u{200b}${short}\n"),
    );
    assert_eq!(run.code, 3);
    for text in ["fewer than 16 bytes", "invisible", "${"] {
        assert!(run.stderr.contains(text), "{run:?}");
    }
}

/// Once the reader of standard output has gone.
#[cfg(unix)]
#[test]
fn a_broken_pipe_is_no_panic() {
    let verify = "verify --body /dev/null --timestamp 1 --signature v1=0";
    for (command, code) in [
        ("completions bash", 0),
        (verify, 1),
        (&format!("{verify} --json"), 1),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = crate::support::plain()
            .args(command.split(' '))
            .stdout(writer)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{command:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

/// A full disk must be seen.
#[cfg(target_os = "linux")]
#[test]
fn other_errors_of_standard_output_are_failures() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = crate::support::plain()
        .args(["completions", "bash"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"));
}
