//! Both adapters against the documented function, over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{HttpResponse, web};
use axum::Router;
use axum::routing::post;
use fastrand::Rng;
use nano_webhook_actix::{Webhook as ActixWebhook, WebhookConfig, WebhookMiddleware};
use nano_webhook_axum::{Delivery, MatchedSecret, UnixTime, Verifier, Webhook, WebhookLayer};
use nano_webhook_hostile::{serve_actix, serve_axum};
use nano_webhook_test_kit::oracle::head::Limits;
use nano_webhook_test_kit::{Connection, Response, SignedRequest, number, seed};

use crate::case::Case;
use crate::differential::{Actual, Tally, builder, compare, for_each_judged};
use crate::oracle::Mode;
use crate::receivers::secret;

/// For each adapter and mode.
const CASES: usize = 1_000;

/// A soak run's number is for core, which needs no socket.
const MOST_CASES: usize = 100_000;

#[test]
fn both_adapters_agree_with_the_documented_check() {
    let seed = seed();
    let cases = number("NANO_WEBHOOK_CASES", CASES).min(MOST_CASES);
    let receivers = receivers(seed);
    // The servers' time, which each case sets.
    let clock = Arc::new(AtomicU64::default());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (axum, actix) = runtime.block_on(start(verifiers(&receivers, &clock)));
    let mut tally = Tally::default();
    let fixed = Some(&*receivers);
    for_each_judged(seed, cases, fixed, |index, case, judgement, text| {
        clock.store(case.limits.now_ms, Ordering::SeqCst);
        let mut rng = Rng::with_seed(seed ^ index as u64);
        for mode in Mode::ALL {
            let expected = tally.expect(case, judgement, mode);
            for (addr, kind) in [(axum, "layer"), (actix, "extractor"), (actix, "middleware")] {
                let wire = wire(&mut rng, case, path(kind, mode, case.receiver));
                let answer = runtime.block_on(exchange(addr, &wire));
                if let Err(problem) = compare(case, expected, actual(answer), text) {
                    let wire = wire.escape_ascii();
                    panic!("case {index}: {problem}\n{case:#?}\n{judgement:?}\nsent {wire}");
                }
            }
        }
    });
    println!("{cases} cases: {tally:#?}");
}

/// Receivers for all the cases: a server has to know its secrets beforehand.
fn receivers(seed: u64) -> Vec<(Vec<String>, Limits)> {
    let mut rng = Rng::with_seed(seed);
    let any = [
        (1, 1 << 18),
        (2, 1 << 18),
        (3, 1 << 18),
        (2, 2000),
        (1, 300),
    ];
    let receivers = any.map(|(secrets, max_body)| {
        let limits = Limits {
            now_ms: 0,
            past_ms: 300_000,
            future_ms: 300_000,
            max_body,
        };
        ((0..secrets).map(|_| secret(&mut rng)).collect(), limits)
    });
    receivers.into()
}

fn path(kind: &str, mode: Mode, receiver: usize) -> String {
    format!("/{kind}/{mode:?}/{receiver}")
}

type Verifiers = Vec<(Verifier, Mode, usize)>;

fn verifiers(receivers: &[(Vec<String>, Limits)], clock: &Arc<AtomicU64>) -> Verifiers {
    let mut verifiers = Vec::new();
    for (index, (secrets, limits)) in receivers.iter().enumerate() {
        for mode in Mode::ALL {
            let clock = Arc::clone(clock);
            let now = move || UnixTime::from_millis(clock.load(Ordering::SeqCst));
            let verifier = builder(secrets, limits, mode).clock(now).build();
            verifiers.push((verifier.unwrap(), mode, index));
        }
    }
    verifiers
}

async fn start(verifiers: Verifiers) -> (SocketAddr, SocketAddr) {
    let mut router = Router::new();
    for (verifier, mode, index) in &verifiers {
        let layer = WebhookLayer::new(verifier.clone());
        let handler = async |Webhook(delivery): Webhook<Delivery>| {
            let body = delivery.body().clone();
            ([("current", is_current(&delivery))], body)
        };
        router = router.route(&path("layer", *mode, *index), post(handler).layer(layer));
    }
    let actix = serve_actix(move |app| {
        for (verifier, mode, index) in &verifiers {
            let handler = async |ActixWebhook(delivery): ActixWebhook<Delivery>| {
                HttpResponse::Ok()
                    .insert_header(("current", is_current(&delivery)))
                    .body(delivery.body().clone())
            };
            let config = WebhookConfig::new(verifier.clone());
            let extractor = web::resource(path("extractor", *mode, *index)).app_data(config);
            let middleware = WebhookMiddleware::new(verifier.clone());
            let wrapped = web::post().to(handler).wrap(middleware);
            app.service(extractor.route(web::post().to(handler)))
                .route(&path("middleware", *mode, *index), wrapped);
        }
    });
    (serve_axum(router).await, actix)
}

fn is_current(delivery: &Delivery) -> String {
    (delivery.secret() == MatchedSecret::Current).to_string()
}

async fn exchange(addr: SocketAddr, wire: &[u8]) -> Response {
    let mut connection = Connection::open(addr).await;
    let answer = connection.exchange(wire).await;
    // Many closed connections would use up the ports.
    connection.reset();
    answer.unwrap_or_else(|end| panic!("{end:?}, sent {}", wire.escape_ascii()))
}

/// The request, its body with its length or in the case's chunks.
fn wire(rng: &mut Rng, case: &Case, path: String) -> Vec<u8> {
    let headers = case.headers().into_iter();
    let request = SignedRequest {
        method: "POST",
        path,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        body: case.body.clone(),
    };
    match rng.bool() {
        true => request.whole(),
        false => request.in_chunks(case.chunks().filter(|chunk| !chunk.is_empty())),
    }
}

fn actual(answer: Response) -> Actual {
    match (answer.status, answer.code()) {
        (200, _) => {
            let is_current = answer.header("current") == Some("true");
            Ok((Some(is_current), Some(answer.body.into())))
        }
        // Correctly signed all the same. The answer does not say over what.
        (422, Some(code)) if code == "invalid_event" => Ok((None, None)),
        (_, Some(code)) => Err(code),
        _ => panic!("what is {answer:?}?"),
    }
}
