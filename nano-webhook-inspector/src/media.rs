//! Pictures and videos that deliveries name. The URL, and what it answers, comes from
//! the network.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::header::{self, HeaderValue};
use axum::http::{Request, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use nano_webhook_fetch::{Connector, Reach, ReachError};
use tokio::time::{Instant, timeout_at};

use crate::problem::Problem;

const LARGEST: usize = 64 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// So many bytes tell what it is.
const TELLING: usize = 64;

/// Loads the file. No redirection is followed, no cookie or referrer is sent, and the
/// type is what the bytes say.
pub(crate) async fn fetch(reach: Reach, url: &str) -> Result<Response, Problem> {
    let deadline = Instant::now() + PATIENCE;
    let late = || unavailable(format!("no answer within {} s", PATIENCE.as_secs()));
    let answer = timeout_at(deadline, request(reach, url)).await;
    let mut chunks = answer.map_err(|_| late())??;
    let mut start = BytesMut::new();
    while start.len() < TELLING {
        match timeout_at(deadline, chunks.next()).await {
            Err(_) => return Err(late()),
            Ok(None) => break,
            Ok(Some(chunk)) => {
                start.extend_from_slice(&chunk.map_err(|error| unavailable(error.to_string()))?);
            }
        }
    }
    let Some(content_type) = sniff(&start) else {
        let (status, detail) = (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "neither a picture (png, jpeg, gif, webp, avif) nor a video (mp4, webm)",
        );
        return Err(Problem::new(status, "unknown_media_type", detail));
    };
    let body = Body::from_stream(limited(start.freeze(), chunks, deadline));
    Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
}

async fn request(reach: Reach, url: &str) -> Result<BodyDataStream, Problem> {
    let url: Uri = url
        .parse()
        .map_err(|_| unavailable("the URL cannot be read"))?;
    let authority = url.authority().map_or("@", |authority| authority.as_str());
    if !matches!(url.scheme_str(), Some("http" | "https")) || authority.contains('@') {
        return Err(unavailable("the URL is not one of a public file"));
    }
    let connector = Connector::new(reach).map_err(|error| unavailable(error.to_string()))?;
    let client: Client<_, Body> = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build(connector);
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = url;
    let accept = HeaderValue::from_static("image/*, video/*");
    request.headers_mut().insert(header::ACCEPT, accept);
    let response =
        client
            .request(request)
            .await
            .map_err(|error| match ReachError::find(&error) {
                Some(error @ ReachError::NotAllowed { .. }) => Problem::new(
                    StatusCode::FORBIDDEN,
                    "address_not_public",
                    error.to_string(),
                ),
                Some(error) => unavailable(error.to_string()),
                None => unavailable("the file's host cannot be reached"),
            })?;
    if response.status() != StatusCode::OK {
        return Err(unavailable(format!(
            "the file's host answers {}",
            response.status()
        )));
    }
    let length = response.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > LARGEST) {
        let detail = format!("the file is larger than {LARGEST} bytes");
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "media_too_large",
            detail,
        ));
    }
    Ok(Body::new(response.into_body()).into_data_stream())
}

/// The file, broken off at the limit or the deadline.
fn limited(
    start: Bytes,
    chunks: BodyDataStream,
    deadline: Instant,
) -> impl stream::Stream<Item = Result<Bytes, axum::Error>> {
    let whole = stream::once(async { Ok(start) }).chain(chunks);
    let state = Some((Box::pin(whole), 0_usize));
    stream::unfold(state, move |state| async move {
        let (mut whole, passed) = state?;
        match timeout_at(deadline, whole.next()).await {
            Err(late) => Some((Err(axum::Error::new(late)), None)),
            Ok(None) => None,
            Ok(Some(Ok(chunk))) if passed.saturating_add(chunk.len()) > LARGEST => {
                Some((Err(axum::Error::new("the file is too large")), None))
            }
            Ok(Some(Ok(chunk))) => {
                let passed = passed.saturating_add(chunk.len());
                Some((Ok(chunk), Some((whole, passed))))
            }
            Ok(Some(Err(error))) => Some((Err(error), None)),
        }
    })
}

fn sniff(start: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, mark: &[u8]| {
        start
            .get(offset..)
            .is_some_and(|rest| rest.starts_with(mark))
    };
    let brand = start
        .get(8..12)
        .filter(|_| at(4, b"ftyp"))
        .unwrap_or_default();
    Some(match () {
        () if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        () if at(0, b"\xff\xd8\xff") => "image/jpeg",
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => "image/gif",
        () if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        () if matches!(brand, b"avif" | b"avis") => "image/avif",
        () if matches!(brand, b"avc1" | b"dash" | b"M4V ")
            || brand.starts_with(b"iso")
            || brand.starts_with(b"mp4") =>
        {
            "video/mp4"
        }
        () if at(0, b"\x1a\x45\xdf\xa3") && start.windows(4).any(|four| four == b"webm") => {
            "video/webm"
        }
        () => return None,
    })
}

fn unavailable(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, "media_unavailable", detail)
}
