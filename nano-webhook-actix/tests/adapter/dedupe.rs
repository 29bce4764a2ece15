//! The handler's answer, its end, and its claim.

use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse, test, web};
use futures_util::FutureExt as _;
use nano_webhook_actix::core::dedupe::{Dedupe, LeaseHandle, Outcome};
use nano_webhook_actix::{ConfigError, Webhook, WebhookMiddleware};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::support::{
    Call, Gate, PATIENCE, TestServer, TestStore, capture, delivery, impatient_client, verifier,
    wire,
};

/// An application whose handler does this, and the calls of its store.
macro_rules! app {
    ($handler:expr) => {{
        let (store, calls) = TestStore::new();
        let webhooks = WebhookMiddleware::new(verifier()).dedupe(store).unwrap();
        let route = web::post().to($handler).wrap(webhooks);
        (
            test::init_service(App::new().route("/webhook", route)).await,
            calls,
        )
    }};
}

macro_rules! outcome {
    ($answer:expr) => {
        $answer.response().extensions().get::<Outcome>().copied()
    };
}

#[actix_web::test]
async fn a_success_completes() {
    let (app, mut calls) = app!(async |_: Webhook| HttpResponse::Created().body("done"));
    let answer = test::call_service(&app, delivery("a").to_request()).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(outcome!(answer), Some(Outcome::Completed { attempt: 1 }));
    assert_eq!(test::read_body(answer).await, "done");

    let answer = test::call_service(&app, delivery("a").to_request()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(outcome!(answer), Some(Outcome::Duplicate));
    assert!(test::read_body(answer).await.is_empty());

    for expected in [Call::Claim, Call::Complete, Call::Claim] {
        assert_eq!(calls.recv().await, Some(expected));
    }
}

#[actix_web::test]
async fn anything_else_releases() {
    for status in [302, 404, 500, 503] {
        let status = StatusCode::from_u16(status).unwrap();
        let (app, mut calls) = app!(move |_: Webhook| ready(HttpResponse::new(status)));
        for attempt in 1..=2 {
            let answer = test::call_service(&app, delivery("a").to_request()).await;
            assert_eq!(answer.status(), status);
            assert_eq!(outcome!(answer), Some(Outcome::Released { attempt }));
        }
        for expected in [Call::Claim, Call::Release, Call::Claim, Call::Release] {
            assert_eq!(calls.recv().await, Some(expected));
        }
    }
}

#[actix_web::test]
async fn a_panic_releases_and_goes_on() {
    let (app, mut calls) = app!(async |_: Webhook| -> HttpResponse { panic!("the handler's own") });
    let call = test::call_service(&app, delivery("a").to_request());
    let panic = AssertUnwindSafe(call).catch_unwind().await.err().unwrap();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the handler's own"));
    for expected in [Call::Claim, Call::Release] {
        assert_eq!(calls.recv().await, Some(expected));
    }
}

#[actix_web::test]
async fn the_handler_sees_its_lease() {
    let (app, _calls) = app!(async |_: Webhook, request: HttpRequest| {
        let extensions = request.extensions();
        let lease = extensions.get::<LeaseHandle>().unwrap();
        assert!(!lease.is_lost());
        match lease.attempt() {
            1 => HttpResponse::InternalServerError().finish(),
            _ => HttpResponse::Ok().finish(),
        }
    });
    for expected in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::OK] {
        let answer = test::call_service(&app, delivery("a").to_request()).await;
        assert_eq!(answer.status(), expected);
    }
}

#[actix_web::test]
async fn what_is_refused_is_not_claimed() {
    let (app, mut calls) = app!(async |_: Webhook| HttpResponse::Ok().finish());
    let stale = delivery("a").insert_header(("X-Nano-Timestamp", "1"));
    let answer = test::call_service(&app, stale.to_request()).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(outcome!(answer), None);
    assert!(calls.try_recv().is_err());
}

#[actix_web::test]
async fn while_it_is_handled_others_come_back_later() {
    let (log, _guard) = capture();
    let (gate, mut keeper) = Gate::new();
    let (app, _calls) = app!(move |webhook| gate.clone().pass(webhook));
    let first = test::call_service(&app, delivery("a").to_request());
    let meanwhile = async {
        keeper.begun().await;
        let answer = test::call_service(&app, delivery("a").to_request()).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers().get("retry-after").unwrap(), "7");
        assert_eq!(outcome!(answer), Some(Outcome::InProgress));
        keeper.open();
    };
    let (first, ()) = futures_util::join!(first, meanwhile);
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(log.codes(), ["in_progress"]);
}

#[actix_web::test]
async fn without_its_store_it_refuses_or_was_told_not_to() {
    let (log, _guard) = capture();
    for fail_open in [false, true] {
        let (store, _calls) = TestStore::new();
        store.unreachable();
        let mut dedupe = Dedupe::new(store);
        if fail_open {
            dedupe = dedupe.fail_open();
        }
        let webhooks = WebhookMiddleware::new(verifier()).dedupe(dedupe).unwrap();
        let handler = async |_: Webhook, request: HttpRequest| {
            assert!(request.extensions().get::<LeaseHandle>().is_none());
            HttpResponse::Ok().finish()
        };
        let route = web::post().to(handler).wrap(webhooks);
        let app = test::init_service(App::new().route("/webhook", route)).await;
        let answer = test::call_service(&app, delivery("a").to_request()).await;
        if fail_open {
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(outcome!(answer), Some(Outcome::Unguarded));
        } else {
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.headers().get("retry-after").unwrap(), "5");
        }
    }
    assert_eq!(log.codes(), ["store_unavailable"]);
}

#[actix_web::test]
async fn settings_must_fit_the_window() {
    let (store, _calls) = TestStore::new();
    let short = Dedupe::new(store).retention(Duration::from_secs(1));
    let error = WebhookMiddleware::new(verifier())
        .dedupe(short)
        .unwrap_err();
    assert!(
        matches!(error, ConfigError::RetentionTooShort { .. }),
        "{error}"
    );
}

/// Tells when it is dropped.
struct DropSignal(tokio::sync::mpsc::UnboundedSender<()>);

impl Drop for DropSignal {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[actix_web::test]
async fn a_client_that_hangs_up_does_not_cut_the_handler_off() {
    use actix_web::dev::{Service as _, ServiceRequest};

    let (store, mut calls) = TestStore::new();
    let webhooks = WebhookMiddleware::new(verifier()).dedupe(store).unwrap();
    let in_flight = webhooks.in_flight();
    let (gate, mut keeper) = Gate::new();
    let (gone, mut goes) = unbounded_channel();

    let server = TestServer::start(move |app| {
        let (gate, gone) = (gate.clone(), gone.clone());
        let handler = move |webhook| gate.clone().pass(webhook);
        app.service(
            web::resource("/webhook")
                .route(web::post().to(handler))
                .wrap(webhooks.clone())
                .wrap_fn(move |request: ServiceRequest, next| {
                    let connection = DropSignal(gone.clone());
                    next.call(request).inspect(move |_| drop(connection))
                }),
        );
    });

    let client = impatient_client(server.addr, "a").await;
    keeper.begun().await;
    assert_eq!(in_flight.count(), 1);
    drop(client);
    timeout(PATIENCE, goes.recv()).await.unwrap();

    // Its connection is gone, and it is still being handled.
    assert_eq!(calls.recv().await, Some(Call::Claim));
    assert_eq!(in_flight.count(), 1);
    keeper.open();
    let completed = timeout(PATIENCE, calls.recv()).await.unwrap();
    assert_eq!(completed, Some(Call::Complete));
    timeout(PATIENCE, in_flight.drained()).await.unwrap();

    assert_eq!(server.deliver("a").await.status, 200);
    assert_eq!(keeper.count(), 0, "handled twice");
}

/// On a real connection the panic ends the connection, and nothing else.
#[actix_web::test]
async fn a_panic_ends_its_connection() {
    let (store, _calls) = TestStore::new();
    let webhooks = WebhookMiddleware::new(verifier()).dedupe(store).unwrap();
    let server = TestServer::start(move |app| {
        let handler = async |_: Webhook, request: HttpRequest| {
            let attempt = request.extensions().get::<LeaseHandle>().unwrap().attempt();
            assert_ne!(attempt, 1, "the handler's own");
            HttpResponse::Ok().finish()
        };
        app.route("/webhook", web::post().to(handler).wrap(webhooks.clone()));
    });
    let mut connection = server.connect().await;
    connection.send(wire("a").as_bytes()).await;
    connection.until_closed().await.unwrap();
    assert_eq!(server.deliver("a").await.status, 200);
}
