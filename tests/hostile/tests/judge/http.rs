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
use nano_webhook_hostile::{ActixServer, AxumServer};
use nano_webhook_test_kit::{Connection, End, Response, number, seed};

use crate::case::{Case, Settings};
use crate::differential::{Actual, Tally, builder, compare, for_each_judged};
use crate::draft::secret;
use crate::oracle::Mode;

/// For each adapter and mode.
const CASES: usize = 1_000;

/// A soak run's number is for core, which needs no socket.
const MOST_CASES: usize = 100_000;

/// The servers' time, which each case sets.
type Clock = Arc<AtomicU64>;

#[test]
fn both_adapters_agree_with_the_documented_check() {
    let seed = seed();
    let cases = number("NANO_WEBHOOK_CASES", CASES).min(MOST_CASES);
    let receivers = receivers(seed);
    let clock = Clock::default();
    let axum = axum(&receivers, &clock);
    let actix = actix(&receivers, &clock);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut ways = vec![
        Way::new("axum", "layer", axum.addr),
        Way::new("actix", "extractor", actix.addr),
        Way::new("actix", "middleware", actix.addr),
    ];

    let mut tally = Tally::default();
    for_each_judged(
        seed,
        cases,
        Some(&receivers),
        |index, case, judgement, text| {
            clock.store(case.now_ms, Ordering::SeqCst);
            let receiver = receivers
                .iter()
                .position(|receiver| *receiver == case.settings);
            let mut rng = Rng::with_seed(seed ^ index as u64);
            for mode in Mode::ALL {
                let expected = tally.expect(case, judgement, mode);
                for way in &mut ways {
                    let path = path(way.path, mode, receiver.unwrap());
                    let wire = wire(&mut rng, case, &path);
                    let answer = runtime.block_on(way.exchange(&wire));
                    if let Err(problem) = compare(case, expected, actual(answer), text) {
                        let (name, wire) = (way.name, wire.escape_ascii());
                        panic!(
                            "case {index}, {name}, {path}: {problem}\n{case:#?}\n{judgement:?}\nsent {wire}"
                        );
                    }
                }
            }
        },
    );
    println!("{cases} cases, each outcome: {:#?}", tally.0);
}

/// Receivers for all the cases: a server has to know its secrets beforehand.
fn receivers(seed: u64) -> Vec<Settings> {
    let mut rng = Rng::with_seed(seed);
    [
        (1, 256 * 1024),
        (2, 256 * 1024),
        (3, 256 * 1024),
        (2, 2000),
        (1, 300),
    ]
    .into_iter()
    .map(|(secrets, max_body)| Settings {
        secrets: (0..secrets).map(|_| secret(&mut rng)).collect(),
        past_ms: 300_000,
        future_ms: 300_000,
        max_body,
    })
    .collect()
}

fn path(way: &str, mode: Mode, receiver: usize) -> String {
    format!("/{way}/{mode:?}/{receiver}")
}

fn verifier(receiver: &Settings, mode: Mode, clock: &Clock) -> Verifier {
    let clock = Arc::clone(clock);
    builder(receiver, mode)
        .clock(move || UnixTime::from_millis(clock.load(Ordering::SeqCst)))
        .build()
        .unwrap()
}

fn axum(receivers: &[Settings], clock: &Clock) -> AxumServer {
    let mut router = Router::new();
    for (index, receiver) in receivers.iter().enumerate() {
        for mode in Mode::ALL {
            let layer = WebhookLayer::new(verifier(receiver, mode, clock));
            let handler = async |Webhook(delivery): Webhook<Delivery>| {
                ([("current", secret_of(&delivery))], delivery.body().clone())
            };
            router = router.route(&path("layer", mode, index), post(handler).layer(layer));
        }
    }
    AxumServer::start(router)
}

fn actix(receivers: &[Settings], clock: &Clock) -> ActixServer {
    let mut verifiers = Vec::new();
    for (index, receiver) in receivers.iter().enumerate() {
        for mode in Mode::ALL {
            verifiers.push((index, mode, verifier(receiver, mode, clock)));
        }
    }
    ActixServer::start(move |app| {
        for (index, mode, verifier) in &verifiers {
            let handler = async |ActixWebhook(delivery): ActixWebhook<Delivery>| {
                HttpResponse::Ok()
                    .insert_header(("current", secret_of(&delivery)))
                    .body(delivery.body().clone())
            };
            let config = WebhookConfig::new(verifier.clone());
            let extractor = web::resource(path("extractor", *mode, *index)).app_data(config);
            let middleware = WebhookMiddleware::new(verifier.clone());
            let wrapped = web::post().to(handler).wrap(middleware);
            app.service(extractor.route(web::post().to(handler)))
                .route(&path("middleware", *mode, *index), wrapped);
        }
    })
}

fn secret_of(delivery: &Delivery) -> String {
    (delivery.secret() == MatchedSecret::Current).to_string()
}

/// A way to receive, and a connection to it that is kept for as long as it lasts.
struct Way {
    name: &'static str,
    path: &'static str,
    addr: SocketAddr,
    connection: Option<Connection>,
}

impl Way {
    fn new(name: &'static str, path: &'static str, addr: SocketAddr) -> Self {
        Self {
            name,
            path,
            addr,
            connection: None,
        }
    }

    async fn exchange(&mut self, wire: &[u8]) -> Response {
        // A server may close a connection on which nothing happens, and that may
        // cross with the next request.
        let kept = match self.connection.take() {
            Some(mut connection) => match connection.exchange(wire).await {
                Err(End::Closed | End::Reset) => None,
                answer => Some((connection, answer)),
            },
            None => None,
        };
        let (connection, answer) = match kept {
            Some(kept) => kept,
            None => {
                let mut connection = Connection::open(self.addr).await;
                let answer = connection.exchange(wire).await;
                (connection, answer)
            }
        };
        let answer = answer
            .unwrap_or_else(|end| panic!("{}: {end}, sent {}", self.name, wire.escape_ascii()));
        if !answer.closes() {
            self.connection = Some(connection);
        }
        answer
    }
}

/// The request, its body with its length or in the case's chunks.
fn wire(rng: &mut Rng, case: &Case, path: &str) -> Vec<u8> {
    let mut wire = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
    for (name, value) in case.headers() {
        wire.extend([name.as_bytes(), b": ", &value, b"\r\n"].concat());
    }
    if rng.bool() {
        wire.extend(format!("Content-Length: {}\r\n\r\n", case.body.len()).bytes());
        wire.extend_from_slice(&case.body);
    } else {
        wire.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
        for chunk in case.chunks().filter(|chunk| !chunk.is_empty()) {
            wire.extend(format!("{:x}\r\n", chunk.len()).bytes());
            wire.extend([chunk, b"\r\n"].concat());
        }
        wire.extend_from_slice(b"0\r\n\r\n");
    }
    wire
}

fn actual(answer: Response) -> Actual {
    match (answer.status, answer.code()) {
        (200, _) => Actual::Accepted {
            is_current: Some(answer.header("current") == Some("true")),
            body: Some(answer.body.into()),
        },
        // Correctly signed all the same. The answer does not say over what.
        (422, Some(code)) if code == "invalid_event" => Actual::Accepted {
            is_current: None,
            body: None,
        },
        (_, Some(code)) => Actual::Refused(code),
        _ => panic!("what is {answer:?}?"),
    }
}
