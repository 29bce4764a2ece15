use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;
use nano_webhook_axum::{VerifiedBody, WebhookLayer};
use nano_webhook_core::{Delivery, Secret, UnixTime, Verifier, WebhookError};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::capture::{Captured, RawBody};
use crate::commands::verify::{Case, Effort, Refusal};
use crate::headers::HeaderList;

/// Judges requests with the layer that a service would use, so that the answer
/// is the one that it would give.
pub(super) struct Judge {
    layer: WebhookLayer,
    verifier: Verifier,
    /// The current one, then the previous ones.
    secrets: Arc<Vec<Secret>>,
}

impl Judge {
    pub(super) fn new(verifier: Verifier, secrets: Vec<Secret>) -> Self {
        Self {
            layer: WebhookLayer::new(verifier.clone()),
            verifier,
            secrets: Arc::new(secrets),
        }
    }

    pub(super) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The verdict, and the answer to a request that was refused. An accepted
    /// one is answered with this status.
    pub(super) async fn judge(
        &self,
        request: Request<Captured>,
        status: StatusCode,
    ) -> (Result<Delivery, WebhookError>, Response<Body>) {
        let accept = service_fn(move |request: Request<VerifiedBody>| async move {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = status;
            response
                .extensions_mut()
                .extend(request.into_parts().0.extensions);
            Ok::<_, Infallible>(response)
        });
        let Ok(response) = self.layer.layer(accept).oneshot(request).await;
        let mut response = response.map(Body::new);
        let extensions = response.extensions_mut();
        let verdict = match (
            extensions.remove::<Delivery>(),
            extensions.remove::<WebhookError>(),
        ) {
            (_, Some(error)) => Err(error),
            (Some(delivery), None) => Ok(delivery),
            // The layer puts one of the two there.
            (None, None) => Err(WebhookError::NotConfigured {
                remedy: "the layer gave no verdict",
            }),
        };
        (verdict, response)
    }

    /// Why a request was refused, where the body and both headers are there to
    /// be tried.
    pub(super) async fn explain(
        &self,
        error: &WebhookError,
        headers: &HeaderList,
        body: &RawBody,
        now: UnixTime,
    ) -> Option<Refusal> {
        let can_be_tried = body.is_complete && !matches!(error, WebhookError::InvalidEvent { .. });
        if !can_be_tried {
            return None;
        }
        let (error, headers) = (error.clone(), headers.clone());
        let (verifier, secrets) = (self.verifier.clone(), Arc::clone(&self.secrets));
        let body: Bytes = body.bytes.clone();
        let search = move || {
            let secrets: Vec<_> = secrets.iter().collect();
            Case {
                verifier: &verifier,
                secrets: &secrets,
                headers: &headers,
                body: &body,
                now,
            }
            .explain(&error, Effort::QUICK)
        };
        tokio::task::spawn_blocking(search).await.ok()
    }
}
