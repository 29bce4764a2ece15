use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use nano_webhook_fetch::names_loopback;

use crate::assets;
use crate::problem::Problem;
use crate::token::Token;

/// Who may ask for what. It stands before every route.
pub(crate) struct Gate {
    pub(crate) token: Token,
    pub(crate) addr: SocketAddr,
}

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// On every answer, unless the answer has its own.
const HARDENING: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::CONTENT_SECURITY_POLICY, CSP),
];

pub(crate) async fn guard(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let mut response = match gate.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    for (name, value) in HARDENING {
        let value = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

impl Gate {
    fn check(&self, request: &Request) -> Result<(), Problem> {
        let headers = request.headers();
        let host = only(headers, &header::HOST).and_then(|host| Authority::try_from(host).ok());
        let forbidden = |code, detail: &str| Problem::new(StatusCode::FORBIDDEN, code, detail);
        // A web page can make its own name resolve to this machine, and a tunnel brings
        // requests from elsewhere; both have a name of their own, or another port.
        let Some(host) = host.filter(|host| self.is_named_by(host)) else {
            let detail = format!("open it as http://{}", self.addr);
            return Err(forbidden("foreign_host", &detail));
        };
        let target = request.uri().authority();
        if target.is_some_and(|target| *target != host) {
            return Err(forbidden("foreign_host", "the target names another host"));
        }
        let own = format!("http://{host}");
        let is_own = |origin: &HeaderValue| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes());
        if !headers.get_all(header::ORIGIN).iter().all(is_own) {
            return Err(forbidden("foreign_origin", "only the page itself may ask"));
        }
        if assets::find(request.uri().path()).is_some() {
            return Ok(());
        }
        let token = only(headers, &header::AUTHORIZATION)
            .and_then(|value| value.split_at_checked("bearer ".len()))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "));
        if !token.is_some_and(|(_, token)| self.token.is(token)) {
            let detail = "the token is missing or wrong; open the URL that the command prints";
            let status = StatusCode::UNAUTHORIZED;
            return Err(Problem::new(status, "unauthorized", detail));
        }
        if request.method() == Method::POST && !is_json(headers) {
            let (status, detail) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json");
            return Err(Problem::new(status, "unsupported_media_type", detail));
        }
        Ok(())
    }

    fn is_named_by(&self, host: &Authority) -> bool {
        let bare = host.host().trim_start_matches('[').trim_end_matches(']');
        let own = self.addr.ip();
        let is_own = |ip: IpAddr| ip == own || own.is_unspecified();
        host.port_u16().unwrap_or(80) == self.addr.port()
            && !host.as_str().contains('@')
            && (names_loopback(host.host()) || bare.parse().is_ok_and(is_own))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = only(headers, &header::CONTENT_TYPE).unwrap_or_default();
    let essence = value.split(|byte| *byte == b';').next().unwrap_or_default();
    (essence.trim_ascii()).eq_ignore_ascii_case(b"application/json")
}

/// The value of a header that appears exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.as_bytes())
}
