//! Both adapters against the judge, over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{HttpResponse, web};
use axum::Router;
use axum::routing::post;
use fastrand::Rng;
use nano_webhook_actix::{Webhook as ActixWebhook, WebhookConfig, WebhookMiddleware};
use nano_webhook_axum::core::MatchedSecret;
use nano_webhook_axum::{Delivery, UnixTime, Verifier, Webhook, WebhookLayer};
use nano_webhook_hostile::{ActixServer, Answer, AxumServer, Connection, End};

use crate::case::{Case, Settings};
use crate::differential::{Actual, builder, compare, for_each_judged, seed_and_cases};
use crate::draft::secret;
use crate::oracle::{Mode, expect};
use crate::tally::Tally;

/// For each adapter and mode.
const CASES: usize = 1_000;

/// A soak run's number is for core, which needs no socket.
const MOST_CASES: usize = 100_000;

/// The servers' time, which each case sets.
type Clock = Arc<AtomicU64>;

#[test]
fn both_adapters_agree_with_the_documented_check() {
    let (seed, cases) = seed_and_cases(CASES);
    let cases = cases.min(MOST_CASES);
    println!("NANO_WEBHOOK_SEED={seed} NANO_WEBHOOK_CASES={cases}");
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
                let (expected, difference) = expect(case, judgement, mode);
                tally.add(mode, expected, difference);
                for way in &mut ways {
                    let path = path(way.path, mode, receiver.unwrap());
                    let wire = wire(&mut rng, case, &path);
                    let answer = runtime.block_on(way.exchange(&wire));
                    let text = || text.clone().unwrap_or_default();
                    if let Err(problem) = compare(case, expected, actual(case, answer), text) {
                        panic!(
                            "NANO_WEBHOOK_SEED={seed}, case {index}, {}, {path}: {problem}\n{case:#?}\n{judgement:?}\nsent {}",
                            way.name,
                            wire.escape_ascii()
                        );
                    }
                }
            }
        },
    );
    println!("{tally}");
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
                ([("secret", secret_of(&delivery))], delivery.body().clone())
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
                    .insert_header(("secret", secret_of(&delivery)))
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
    match delivery.secret() {
        MatchedSecret::Current => 0.to_string(),
        MatchedSecret::Previous(position) => (position + 1).to_string(),
    }
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

    async fn exchange(&mut self, wire: &[u8]) -> Answer {
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
                let mut connection = Connection::open(self.addr).await.unwrap();
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
    let mut header = |name: &str, value: &[u8]| {
        wire.extend_from_slice(name.as_bytes());
        wire.extend_from_slice(b": ");
        wire.extend_from_slice(value);
        wire.extend_from_slice(b"\r\n");
    };
    for value in &case.timestamps {
        header("X-Nano-Timestamp", value);
    }
    for value in &case.signatures {
        header("x-nano-signature", value);
    }
    if rng.bool() {
        header("Content-Length", case.body.len().to_string().as_bytes());
        wire.extend_from_slice(b"\r\n");
        wire.extend_from_slice(&case.body);
    } else {
        header("Transfer-Encoding", b"chunked");
        wire.extend_from_slice(b"\r\n");
        for chunk in case.chunks().filter(|chunk| !chunk.is_empty()) {
            wire.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            wire.extend_from_slice(chunk);
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b"0\r\n\r\n");
    }
    wire
}

fn actual(case: &Case, answer: Answer) -> Actual {
    match (answer.status, answer.code()) {
        (200, _) => Actual::Accepted {
            secret: Some(answer.header("secret").unwrap().parse().unwrap()),
            body: answer.body.into(),
        },
        // Correctly signed all the same. The answer does not say over what.
        (422, Some("invalid_event")) => Actual::AcceptedUnseen,
        (_, Some(code)) => Actual::Refused(code.to_owned()),
        _ => panic!("what is {answer:?}? {case:?}"),
    }
}
