use crate::support::{Run, nano_webhook};

#[test]
fn every_shell_has_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = Run::of(nano_webhook().args(["completions", shell]));
        assert_eq!(run.code, 0);
        for command in [
            "send",
            "verify",
            "listen",
            "simulate",
            "trigger",
            "endpoints",
            "ensure",
        ] {
            assert!(run.stdout.contains(command), "{shell} {command}");
        }
    }
    let run = Run::of(nano_webhook().args(["completions", "fish", "--json"]));
    assert!(run.json()["script"].as_str().unwrap().contains("ensure"));
}

#[test]
fn man_pages() {
    for (command, title, text) in [
        (&[][..], ".TH nano-webhook 1", "Exit codes:"),
        (
            &["verify"],
            ".TH nano-webhook-verify 1",
            "--previous-secret-file",
        ),
        (
            &["endpoints", "ensure"],
            ".TH nano-webhook-endpoints-ensure 1",
            "--generate-secret",
        ),
    ] {
        let run = Run::of(nano_webhook().arg("man").args(command));
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains(title), "{title}: {run:?}");
        let plain = run.stdout.replace("\\-", "-");
        assert!(plain.contains(text), "{plain}");
    }
    let run = Run::of(nano_webhook().args(["man", "send", "--json"]));
    assert!(run.json()["page"].as_str().unwrap().contains("tamper"));
}

/// A script that a shell cannot read is of no use.
#[cfg(unix)]
#[test]
fn bash_reads_its_script() {
    let script = Run::of(nano_webhook().args(["completions", "bash"])).stdout;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), script).unwrap();
    let status = std::process::Command::new("bash")
        .arg("-n")
        .arg(file.path())
        .status()
        .unwrap();
    assert!(status.success());
}
