use nano_webhook_client::{ErrorKind, NewWebhook, WebhookId};

use crate::scripted::{Provider, Step, answer, data};
use crate::{URL, client, secret};

/// What a run had done when a call failed, and what is left.
#[rustfmt::skip]
#[tokio::test]
async fn failures_on_the_way() {
    let hook = |id: u64, event: &str| {
        format!(r#"{{"id":{id},"url":"{URL}","events":["job.{event}"],"status":"active"}}"#)
    };
    let list = |hooks: &[String]| data(&format!("[{}]", hooks.join(",")));
    let (old, own, newer) = (hook(1, "failed"), hook(2, "completed"), hook(3, "failed"));
    let elsewhere = old.replace(URL, "https://your-server.com/other");
    let fifth = elsewhere.replace(":1,", ":5,");
    let no = || answer(403, "", r#"{"success":false}"#);
    let before = || list(std::slice::from_ref(&old));
    let both = || list(&[old.clone(), own.clone()]);
    let gone = || data("null");
    for (script, kind, created, deleted) in [
        (vec![no()], ErrorKind::Refused, false, &[][..]),
        (vec![before(), no()], ErrorKind::Refused, false, &[]),
        (vec![before(), Step::Reset], ErrorKind::Interrupted, false, &[]),
        (vec![before(), data(&own), no()], ErrorKind::Refused, true, &[]),
        (vec![before(), data(&own), both(), no()], ErrorKind::Refused, true, &[]),
        (vec![before(), data(&own), both(), gone(), no()], ErrorKind::Refused, true, &[1]),
        // The list stays as it was, or shows what was deleted.
        (vec![before(), data(&own), before(), before(), before(), before(), before(), gone()], ErrorKind::IncompleteList, true, &[2]),
        (vec![before(), data(&own), both(), gone(), both()], ErrorKind::IncompleteList, true, &[1]),
        // An entry of another URL is no longer listed.
        (vec![list(&[elsewhere.clone(), fifth]), data(&own), list(&[elsewhere, own.clone()])], ErrorKind::IncompleteList, true, &[]),
        // Another run has created a newer one, or deleted this one.
        (vec![before(), data(&own), list(&[own.clone(), newer.clone()]), gone()], ErrorKind::Conflict, true, &[1]),
        (vec![before(), data(&own), both(), gone(), list(&[newer])], ErrorKind::Conflict, true, &[1]),
    ] {
        let provider = Provider::start(script).await;
        let client = client(provider.base_url());
        let wanted = NewWebhook::new(URL, ["job.completed"], secret());
        let error = client.ensure(&wanted).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.created().is_some(), created, "{error}");
        let deleted: Vec<_> = deleted.iter().copied().map(WebhookId::from).collect();
        assert_eq!(error.deleted(), deleted, "{error}");
        assert_eq!(error.may_have_taken_effect(), kind == ErrorKind::Interrupted);
    }
}
