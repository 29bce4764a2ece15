//! On a pseudo-terminal: colours and progress are there, and nowhere else.

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use crate::support::{Background, Receiver, Run, plain};

const PATIENCE: Option<u64> = Some(60_000);
const GREEN: &str = "\u{1b}[32m";
const RED: &str = "\u{1b}[31m";

fn on_terminal(arguments: &[&str], variables: &[(&str, &str)]) -> PtySession {
    let mut command = plain();
    command.args(arguments).envs(variables.iter().copied());
    spawn_command(command, PATIENCE).unwrap()
}

/// Everything that it wrote, and its exit code.
fn finish(mut session: PtySession) -> (String, i32) {
    let text = session.exp_eof().unwrap();
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (text, code),
        other => panic!("{other:?}: {text}"),
    }
}

#[test]
fn colours() {
    let receiver = Receiver::ok();
    let send = ["send", receiver.url.as_str()];
    let (text, code) = finish(on_terminal(&send, &[]));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains(GREEN), "{text:?}");

    let refused = ["send", &receiver.url, "--expect", "401"];
    let (text, code) = finish(on_terminal(&refused, &[]));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(RED), "{text:?}");

    // Each of these switches them off.
    for (arguments, variables) in [
        (&["--color", "never"][..], &[][..]),
        (&[], &[("NO_COLOR", "1")]),
        (&[], &[("TERM", "dumb")]),
        (&["--json"], &[]),
    ] {
        let (text, code) = finish(on_terminal(&[&send, arguments].concat(), variables));
        assert_eq!(code, 0, "{text}");
        let is_coloured = text.contains('\u{1b}');
        assert!(!is_coloured, "{arguments:?} {variables:?}: {text:?}");
    }
}

/// Piped, they are there only if asked for.
#[test]
fn colours_without_a_terminal() {
    let receiver = Receiver::ok();
    for (arguments, coloured) in [("", false), ("--color always", true)] {
        let run = Run::line(&format!("send {} {arguments}", receiver.url));
        assert_eq!(run.stdout.contains(GREEN), coloured, "{run:?}");
        assert_eq!(run.stderr.contains('\u{1b}'), coloured, "{run:?}");
    }
}

#[test]
fn a_progress_bar() {
    let receiver = Receiver::ok();
    let line = format!("send {} --repeat 100 --concurrency 4", receiver.url);
    let arguments: Vec<_> = line.split(' ').collect();
    let (text, code) = finish(on_terminal(&arguments, &[]));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("/100 "), "a progress bar in {text:?}");
    assert!(text.contains("100 answered"), "{text:?}");
    assert!(text.contains("latency"), "{text:?}");
}

/// Ctrl-C, as the terminal sends it.
#[test]
fn ctrl_c_ends_listen_and_simulate() {
    for (command, ready) in [("listen", "listening on "), ("simulate", "simulating at ")] {
        let mut session = on_terminal(&[command, "--addr", "127.0.0.1:0"], &[]);
        session.exp_string(ready).unwrap();
        session.exp_regex(r":\d+").unwrap();
        session.send_control('c').unwrap();
        let (text, code) = finish(session);
        assert_eq!(code, 0, "{command}: {text}");
    }
}

/// What was sent so far is summed up.
#[test]
fn ctrl_c_interrupts_send() {
    let slow = Receiver::answering("");
    let mut session = on_terminal(
        &["send", &slow.url, "--repeat", "1000", "--concurrency", "2"],
        &[],
    );
    slow.request();
    session.send_control('c').unwrap();
    let (text, code) = finish(session);
    assert_eq!(code, 130, "{text}");
    assert!(text.contains("0 answered"), "{text:?}");
}

#[test]
fn deliveries_in_colour() {
    let mut session = on_terminal(&["listen", "--addr", "127.0.0.1:0"], &[]);
    session.exp_string("http://").unwrap();
    let (_, address) = session.exp_regex(r"127\.0\.0\.1:\d+").unwrap();
    let url = format!("http://{address}/webhook");
    let sender = Background::nano_webhook(&["send", &url, "--json"]);
    assert_eq!(sender.json()["status"], 200);
    session.exp_string("accepted").unwrap();
    let sender = Background::nano_webhook(&["send", &url, "--tamper", "body", "--json"]);
    assert_eq!(sender.json()["status"], 401);
    session.exp_string("rejected").unwrap();
    session.exp_string("why:").unwrap();
    session.send_control('c').unwrap();
    assert_eq!(finish(session).1, 0);
}

#[test]
fn verdicts_in_colour() {
    let line = "verify --body /dev/null --timestamp 1 --signature v1=0";
    let arguments: Vec<_> = line.split(' ').collect();
    let (text, code) = finish(on_terminal(&arguments, &[]));
    assert_eq!(code, 1);
    assert!(text.contains(RED), "{text:?}");
}
