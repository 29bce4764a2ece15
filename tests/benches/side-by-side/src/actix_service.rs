//! Whole actix services in this process, no socket: what verifying adds to a
//! handler that takes the body.

use std::cell::LazyCell;
use std::rc::Rc;

use actix_http::Request;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::rt::{System, SystemRunner};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpRequest, HttpResponse, error, web};
use actix_web_lab::extract::{RequestSignature, RequestSignatureScheme};
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use nano_webhook_actix::{Verifier, Webhook, WebhookConfig, WebhookMiddleware};
use nano_webhook_bench_shared::peers::SCHEME;
use nano_webhook_bench_shared::{
    SECRET, completed, deliveries, forged_headers, secret, signed_at, signed_headers, small_store,
};
use sha2::Sha256;
use webhook_verify::Provider;

use crate::rounds::{Case, processor_time};

pub(crate) const BARE: &str = "bare handler that takes the body";

pub(crate) fn services(group: &'static str) -> Vec<Case> {
    let system = Rc::new(System::new());
    let config = || WebhookConfig::new(Verifier::new(secret()));
    let one = |headers: http::HeaderMap| vec![(headers, completed(0))];
    let signed = one(signed_headers(signed_at(), &completed(0)));
    let forged = one(forged_headers(signed_at(), &completed(0)));
    let once = || {
        let middleware = WebhookMiddleware::new(Verifier::new(secret())).dedupe(small_store());
        App::new().service(web::resource("/webhook").to(event).wrap(middleware))
    };
    let case = |name, requests: &[(http::HeaderMap, Bytes)], status| Setting {
        group,
        name,
        system: Rc::clone(&system),
        requests: requests.to_vec(),
        status,
    };

    vec![
        case(BARE, &signed, 200).run(system.block_on(init_service(
            App::new().route("/webhook", web::post().to(bare)),
        ))),
        case("nano-webhook: extractor", &signed, 200).run(
            system.block_on(init_service(
                App::new()
                    .app_data(config())
                    .route("/webhook", web::post().to(event)),
            )),
        ),
        case("nano-webhook: middleware and extractor", &signed, 200).run(
            system.block_on(init_service(
                App::new().service(
                    web::resource("/webhook")
                        .wrap(WebhookMiddleware::new(Verifier::new(secret())))
                        .route(web::post().to(event)),
                ),
            )),
        ),
        case("nano-webhook: a forgery rejected", &forged, 401).run(
            system.block_on(init_service(
                App::new()
                    .app_data(config())
                    .route("/webhook", web::post().to(event)),
            )),
        ),
        case("nano-webhook: handled once", &deliveries(signed_at()), 200)
            .run(system.block_on(init_service(once()))),
        case("nano-webhook: a duplicate", &signed, 200).run(system.block_on(init_service(once()))),
        case("webhook-verify: extractor, no event", &signed, 200).run(
            system.block_on(init_service(
                App::new()
                    .app_data(webhook_verify::actix::WebhookConfig::new(
                        Provider::Custom(SCHEME),
                        webhook_verify::Secret::new(SECRET),
                    ))
                    .route("/webhook", web::post().to(verified)),
            )),
        ),
        case("actix-web-lab: RequestSignature, no event", &signed, 200).run(system.block_on(
            init_service(App::new().route("/webhook", web::post().to(signature))),
        )),
    ]
}

async fn bare(_: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn event(_: Webhook) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn verified(_: webhook_verify::actix::VerifiedBody) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn signature(_: RequestSignature<web::Bytes, Scheme>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// The provider's scheme, written for actix-web-lab as its documentation shows.
/// It looks at no clock.
struct Scheme(Hmac<Sha256>);

thread_local! {
    static KEYED: LazyCell<Hmac<Sha256>> = const {
        LazyCell::new(|| Hmac::new_from_slice(SECRET.as_bytes()).expect("any length"))
    };
}

impl RequestSignatureScheme for Scheme {
    type Signature = Hmac<Sha256>;
    type Error = Error;

    async fn init(request: &HttpRequest) -> Result<Self, Error> {
        let timestamp = header(request, "x-nano-timestamp")?;
        let mut mac = KEYED.with(|keyed| (**keyed).clone());
        mac.update(timestamp);
        mac.update(b".");
        Ok(Self(mac))
    }

    async fn consume_chunk(&mut self, _: &HttpRequest, chunk: Bytes) -> Result<(), Error> {
        self.0.update(&chunk);
        Ok(())
    }

    async fn finalize(self, _: &HttpRequest) -> Result<Hmac<Sha256>, Error> {
        Ok(self.0)
    }

    fn verify(mac: Hmac<Sha256>, request: &HttpRequest) -> Result<Hmac<Sha256>, Error> {
        let digits = header(request, "x-nano-signature")?
            .strip_prefix(b"v1=")
            .ok_or_else(|| error::ErrorUnauthorized("no signature"))?;
        let mut tag = [0; 32];
        hex::decode_to_slice(digits, &mut tag).map_err(error::ErrorUnauthorized)?;
        (mac.clone().verify_slice(&tag)).map_err(error::ErrorUnauthorized)?;
        Ok(mac)
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Result<&'a [u8], Error> {
    let value = request.headers().get(name);
    value
        .map(HeaderValue::as_bytes)
        .ok_or_else(|| error::ErrorUnauthorized("a header is missing"))
}

struct Setting {
    group: &'static str,
    name: &'static str,
    system: Rc<SystemRunner>,
    requests: Vec<(http::HeaderMap, Bytes)>,
    status: u16,
}

impl Setting {
    fn run<S, B>(self, service: S) -> Case
    where
        S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    {
        let requests: Vec<_> = (self.requests.iter())
            .map(|(headers, body)| (actix_headers(headers), body.clone()))
            .collect();
        let mut requests = requests.into_iter().cycle();
        Case::timed(self.group, self.name, move |iterations| {
            self.system.block_on(async {
                let start = processor_time();
                for (headers, body) in requests.by_ref().take(iterations as usize) {
                    let mut request = TestRequest::post()
                        .uri("/webhook")
                        .set_payload(body)
                        .to_request();
                    *request.headers_mut() = headers;
                    // An extractor's refusal is a response, a middleware's may be
                    // an error: neither service here has such a one.
                    let response = service.call(request).await.expect("it answers");
                    assert_eq!(response.status().as_u16(), self.status, "{}", self.name);
                }
                processor_time().saturating_sub(start)
            })
        })
    }
}

/// actix has its own map, of an older version of the same crate.
fn actix_headers(headers: &http::HeaderMap) -> HeaderMap {
    (headers.iter())
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_str().as_bytes()).expect("a name");
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
            (name, value)
        })
        .collect()
}
