use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Response, Version};
use nano_webhook_core::WebhookError;

use crate::response::{ResponseBody, finish, problem};

type Hook = dyn Fn(&WebhookError) -> Response<Bytes> + Send + Sync;

/// How a layer answers what it refuses.
#[derive(Clone, Default)]
pub(crate) struct Rejections(Option<Arc<Hook>>);

impl Rejections {
    pub(crate) fn new(
        hook: impl Fn(&WebhookError) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(hook)))
    }

    /// Logs the error, and turns it into an answer.
    pub(crate) fn answer<B>(
        &self,
        error: WebhookError,
        version: Version,
    ) -> Response<ResponseBody<B>> {
        error.log();
        let mut response = match &self.0 {
            Some(hook) => hook(&error),
            None => problem(&error),
        };
        finish(error, version, &mut response);
        response.map(ResponseBody::refusal)
    }
}

impl fmt::Debug for Rejections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "custom",
            None => "problem documents",
        })
    }
}
