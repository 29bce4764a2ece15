use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{Response, StatusCode};

use super::record::Forwarded;
use crate::headers::{HeaderList, is_of_connection, to_map};
use crate::http::{Target, status_text};
use crate::text::shortened;

/// So much of the service's answer is shown, in characters.
const SHOWN: usize = 200;

/// Passes a request on with the same headers and the same bytes, except for the headers
/// of the connection. What is shown, and what the sender gets.
pub(super) async fn forward(
    target: &Target,
    headers: &HeaderList,
    body: &Bytes,
) -> (Forwarded, Response<Bytes>) {
    let answer = match to_map(headers) {
        Ok(headers) => target.post(&headers, body).await,
        Err(failure) => Err(failure),
    };
    let problem = match answer {
        Ok(answer) if !answer.is_cut => {
            let forwarded = Forwarded::Answered {
                status: answer.status.as_u16(),
                body: shortened(&String::from_utf8_lossy(&answer.body), SHOWN),
                elapsed: answer.elapsed,
            };
            let mut response = Response::new(answer.body);
            *response.status_mut() = answer.status;
            // The server writes its own date.
            let is_passed_back = |name: &str| !is_of_connection(name) && name != "date";
            let passed = answer.headers.iter();
            let passed = passed.filter(|(name, _)| is_passed_back(name.as_str()));
            let passed = passed.map(|(name, value)| (name.clone(), value.clone()));
            response.headers_mut().extend(passed);
            return (forwarded, response);
        }
        Ok(answer) => format!(
            "the service answered {}, but with more than the {} bytes that are passed back",
            status_text(answer.status.as_u16()),
            answer.body.len()
        ),
        Err(failure) => failure.message,
    };
    failed(problem)
}

/// What is shown, and what the sender gets, without an answer to pass back.
pub(super) fn failed(problem: String) -> (Forwarded, Response<Bytes>) {
    let text = format!("nano-webhook listen: forwarding failed: {problem}\n");
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    (Forwarded::Failed { problem }, response)
}
