//! Pictures and videos that deliveries name. The URL, and what it answers, comes from
//! the network.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::header::{self, HeaderValue};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use nano_webhook_fetch::{Connector, Reach, ReachError, http_url};

use crate::problem::Problem;

const LARGEST: usize = 64 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// So many bytes tell what it is.
const TELLING: usize = 64;

/// Loads the file. No redirection is followed, no cookie or referrer is sent, and the
/// type is what the bytes say.
pub(crate) async fn fetch(reach: Reach, url: &str) -> Result<Response, Problem> {
    let file = tokio::time::timeout(PATIENCE, load(reach, url)).await;
    let late = |_| unavailable(format!("not loaded within {} s", PATIENCE.as_secs()));
    let file = file.map_err(late)??;
    let Some(content_type) = sniff(file.get(..TELLING).unwrap_or(&file)) else {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let detail = "neither a picture (png, jpeg, gif, webp, avif) nor a video (mp4, webm)";
        return Err(Problem::new(status, "unknown_media_type", detail));
    };
    Ok(([(header::CONTENT_TYPE, content_type)], file).into_response())
}

async fn load(reach: Reach, url: &str) -> Result<Bytes, Problem> {
    let url = http_url(url).map_err(|problem| unavailable(format!("the file's URL {problem}")))?;
    let connector = Connector::new(reach).map_err(|error| unavailable(error.to_string()))?;
    let client: Client<_, Body> = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build(connector);
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = url;
    let accept = HeaderValue::from_static("image/*, video/*");
    request.headers_mut().insert(header::ACCEPT, accept);
    let response = client.request(request).await;
    let response = response.map_err(|error| match ReachError::find(&error) {
        Some(error @ ReachError::NotAllowed { .. }) => {
            let detail = error.to_string();
            Problem::new(StatusCode::FORBIDDEN, "address_not_public", detail)
        }
        Some(error) => unavailable(error.to_string()),
        None => unavailable("the file's host cannot be reached"),
    })?;
    let status = response.status();
    if status != StatusCode::OK {
        return Err(unavailable(format!("the file's host answers {status}")));
    }
    let too_large = || {
        let detail = format!("the file is larger than {LARGEST} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "media_too_large", detail)
    };
    if response.body().size_hint().lower() > LARGEST as u64 {
        return Err(too_large());
    }
    match Limited::new(response.into_body(), LARGEST).collect().await {
        Ok(file) => Ok(file.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(unavailable("the file's host broke off")),
    }
}

fn sniff(start: &[u8]) -> Option<&'static str> {
    let rest = |offset| start.get(offset..).unwrap_or_default();
    let at = |offset, mark: &[u8]| rest(offset).starts_with(mark);
    let brand = start.get(8..12).filter(|_| at(4, b"ftyp"));
    let brand = brand.unwrap_or_default();
    let is_mp4 = ["avc1", "dash", "M4V ", "iso", "mp4"]
        .iter()
        .any(|known| brand.starts_with(known.as_bytes()));
    Some(match () {
        () if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        () if at(0, b"\xff\xd8\xff") => "image/jpeg",
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => "image/gif",
        () if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        () if matches!(brand, b"avif" | b"avis") => "image/avif",
        () if is_mp4 => "video/mp4",
        () if at(0, b"\x1a\x45\xdf\xa3") && start.windows(4).any(|four| four == b"webm") => {
            "video/webm"
        }
        () => return None,
    })
}

fn unavailable(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, "media_unavailable", detail)
}
