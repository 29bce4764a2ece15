//! What a handler and the response get with deduplication.

use actix_web::http::StatusCode;
use actix_web::web::ReqData;
use actix_web::{App, HttpResponse, test, web};
use futures_util::FutureExt as _;
use nano_webhook_actix::{
    Dedupe, ErrorKind, LeaseHandle, Outcome, OutcomeKind, Webhook, WebhookError, WebhookMiddleware,
};
use nano_webhook_test_kit::{StoreCall, TestStore};

use crate::support::{delivery, verifier};

macro_rules! app {
    ($dedupe:expr, $handler:expr) => {{
        let webhooks = WebhookMiddleware::new(verifier()).dedupe($dedupe);
        let resource = web::resource("/webhook").to($handler).wrap(webhooks);
        test::init_service(App::new().service(resource)).await
    }};
}

macro_rules! outcome {
    ($answer:expr) => {{
        let outcome = $answer.response().extensions().get::<Outcome>().copied();
        outcome.map(|outcome| (outcome.kind(), outcome.attempt()))
    }};
}

#[actix_web::test]
async fn a_response_has_its_outcome_and_a_handler_its_lease() {
    let handler = async |_: Webhook, lease: ReqData<LeaseHandle>| {
        assert!(!lease.is_lost());
        assert!(lease.cancelled().now_or_never().is_none());
        match lease.attempt() {
            1 => HttpResponse::NotFound().body("not here"),
            _ => HttpResponse::Created().body("done"),
        }
    };
    let app = app!(Dedupe::in_memory(), handler);
    for (status, body, outcome) in [
        (404, "not here", (OutcomeKind::Released, Some(1))),
        (201, "done", (OutcomeKind::Completed, Some(2))),
        (200, "", (OutcomeKind::Duplicate, None)),
    ] {
        let answer = test::call_service(&app, delivery("a").to_request()).await;
        assert_eq!(answer.status(), status);
        assert_eq!(outcome!(answer), Some(outcome));
        assert_eq!(test::read_body(answer).await, body);
    }
}

#[actix_web::test]
async fn without_a_claim_there_is_no_outcome_or_no_lease() {
    let handler = async |_: Webhook, lease: Option<ReqData<LeaseHandle>>| {
        assert!(lease.is_none());
        HttpResponse::Ok().finish()
    };
    let store = TestStore::new();
    store.fail(&[StoreCall::Claim]);
    let dedupe = || Dedupe::builder(store.clone(), "tests");

    let app = app!(dedupe().build().unwrap(), handler);
    let answer = test::call_service(&app, delivery("a").to_request()).await;
    let error = (answer.response().extensions().get::<WebhookError>()).map(WebhookError::kind);
    assert_eq!(error, Some(ErrorKind::StoreUnavailable));
    assert_eq!(outcome!(answer), None);

    let app = app!(dedupe().fail_open().build().unwrap(), handler);
    let answer = test::call_service(&app, delivery("a").to_request()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(outcome!(answer), Some((OutcomeKind::Unguarded, None)));
}
