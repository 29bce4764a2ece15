use crate::support::Run;

#[test]
fn every_shell_has_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = Run::line(&format!("completions {shell}"));
        assert_eq!(run.code, 0);
        for command in "send verify listen simulate trigger endpoints ensure".split(' ') {
            assert!(run.stdout.contains(command), "{shell} {command}");
        }
    }
    let run = Run::line("completions fish --json");
    assert!(run.json()["script"].as_str().unwrap().contains("ensure"));
}

#[test]
fn man_pages() {
    for (command, title, text) in [
        ("", "", "Exit codes:"),
        ("verify", "-verify", "--previous-secret-file"),
        ("endpoints ensure", "-endpoints-ensure", "--generate-secret"),
    ] {
        let run = Run::line(&format!("man {command}"));
        assert_eq!(run.code, 0, "{run:?}");
        let title = format!(".TH nano-webhook{title} 1");
        assert!(run.stdout.contains(&title), "{title}: {run:?}");
        let plain = run.stdout.replace("\\-", "-");
        assert!(plain.contains(text), "{plain}");
    }
    let run = Run::line("man send --json");
    assert!(run.json()["page"].as_str().unwrap().contains("tamper"));
}

/// A script that a shell cannot read is of no use.
#[cfg(unix)]
#[test]
fn bash_reads_its_script() {
    let script = Run::line("completions bash").stdout;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), script).unwrap();
    let mut bash = std::process::Command::new("bash");
    let status = bash.arg("-n").arg(file.path()).status();
    assert!(status.unwrap().success());
}
