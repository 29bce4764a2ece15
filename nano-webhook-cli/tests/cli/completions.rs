use crate::support::{Run, nano_webhook};

#[test]
fn every_shell_has_every_command() {
    for shell in ["bash", "elvish", "fish", "man", "powershell", "zsh"] {
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
    assert_eq!(
        Run::of(nano_webhook().args(["completions", "tcsh"])).code,
        2
    );
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
