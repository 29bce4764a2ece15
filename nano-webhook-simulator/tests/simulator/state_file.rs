use nano_webhook_core::{UnixTime, Verifier};
use nano_webhook_simulator::{Job, RegisterError, StartError};

use crate::receiver::Receiver;
use crate::{BOTH, SECRET, secret, simulator};

#[tokio::test]
async fn webhooks_outlive_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let receiver = Receiver::accepting().await;

    let first = simulator()
        .state_file(&path)
        .start("127.0.0.1:0")
        .await
        .unwrap();
    assert!(!path.exists(), "nothing to keep yet");
    for _ in 0..3 {
        first
            .register(&receiver.url, BOTH, Some(secret()))
            .await
            .unwrap();
    }
    first.set_status(2, "disabled").await.unwrap();
    first.delete(3).await.unwrap();
    let before = first.webhooks().await;
    first.shutdown().await;

    let second = simulator()
        .state_file(&path)
        .start("127.0.0.1:0")
        .await
        .unwrap();
    assert_eq!(second.webhooks().await, before);
    assert_eq!(
        second
            .register("http://a.com", BOTH, None)
            .await
            .unwrap()
            .id,
        4
    );
    let report = second
        .trigger(Job::completed())
        .await
        .unwrap()
        .finished()
        .await;
    assert_eq!(report.deliveries.len(), 2, "1, and 4, which has no secret");
    let request = &receiver.received()[0];
    let verdict =
        Verifier::new(secret()).verify(&request.pairs(), request.body.clone(), UnixTime::now());
    verdict.unwrap();
    second.shutdown().await;

    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file stays behind: {left:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let simulator = simulator()
        .state_file(&path)
        .start("127.0.0.1:0")
        .await
        .unwrap();
    simulator
        .register("http://a.com", BOTH, Some(secret()))
        .await
        .unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// A change that cannot be kept is not made.
#[tokio::test]
async fn a_file_that_cannot_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("state.json");
    let simulator = simulator()
        .state_file(&path)
        .start("127.0.0.1:0")
        .await
        .unwrap();
    simulator
        .register("http://a.com", BOTH, None)
        .await
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();

    let create = simulator
        .register("http://b.com", BOTH, None)
        .await
        .unwrap_err();
    let delete = simulator.delete(1).await.unwrap_err();
    for error in [create, delete] {
        assert!(matches!(error, RegisterError::WriteState { .. }), "{error}");
    }
    assert_eq!(simulator.webhooks().await.len(), 1);
}

#[tokio::test]
async fn files_that_are_not_ours() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let entry = |secret: &str| {
        format!(
            r#"{{"id":1,"url":"http://a.com","events":[],"status":"active","secret_key":{secret}}}"#
        )
    };
    let document = |version: u32, webhooks: &str| {
        format!(r#"{{"version":{version},"next_id":2,"webhooks":[{webhooks}]}}"#)
    };
    let right = entry(&format!("\"{SECRET}\""));
    for (text, problem) in [
        (String::new(), "line 1"),
        ("[]".to_owned(), "line 1"),
        (format!("{{\"{SECRET}\": {SECRET}}}"), "line 1"),
        (document(2, ""), "version 2"),
        (
            document(1, &format!("{right},{right}")),
            "webhook 1 is there twice",
        ),
        (
            document(1, &entry("\"\"")),
            "secret_key of webhook 1 is empty",
        ),
        (document(1, &entry("4711")), "line 1"),
        (
            document(1, &right).replace("\"id\"", &format!("\"{SECRET}\"")),
            "line 1",
        ),
        (document(1, &right).replace("\"active\"", "true"), "line 1"),
    ] {
        std::fs::write(&path, &text).unwrap();
        let error = simulator()
            .state_file(&path)
            .start("127.0.0.1:0")
            .await
            .unwrap_err();
        assert!(matches!(error, StartError::InvalidState { .. }), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(problem), "{shown}");
        assert!(
            !shown.contains(SECRET) && !shown.contains("4711"),
            "{shown}"
        );
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            text,
            "it is left alone"
        );
    }
    let error = simulator()
        .state_file(directory.path())
        .start("127.0.0.1:0")
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::ReadState { .. }), "{error}");
}
