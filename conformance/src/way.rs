use crate::table::Check;
use crate::trial::Trial;
use nano_webhook_test_kit::Response;
use nano_webhook_test_kit::SignedRequest;

/// How a request goes over the wire.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    ContentLength,
    Chunked,
    Http2,
}

impl Way {
    pub(crate) const ALL: [Self; 3] = [Self::ContentLength, Self::Chunked, Self::Http2];

    /// For the name of a row.
    pub(crate) fn how(self) -> &'static str {
        match self {
            Self::ContentLength => "with a length",
            Self::Chunked => "in chunks",
            Self::Http2 => "over HTTP/2",
        }
    }

    /// The whole request on a connection of its own.
    pub(crate) async fn send(
        self,
        trial: &Trial,
        request: &SignedRequest,
    ) -> Result<Response, String> {
        match self {
            Self::ContentLength => Ok(trial.exchange(&request.whole()).await?),
            Self::Chunked => Ok(trial.exchange(&request.chunked(4093)).await?),
            Self::Http2 => trial.http2().await?.exchange(request).await,
        }
    }

    pub(crate) fn refused(self, trial: &Trial, answer: &Response, code: &str) -> Check {
        match self {
            Self::Http2 => trial.refused(answer, code),
            _ => trial.refused_on_http1(answer, code),
        }
    }
}
