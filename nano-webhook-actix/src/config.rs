use std::fmt;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::{HttpRequest, HttpResponse, web};
use nano_webhook_core::{Verifier, WebhookError};

use crate::answer::{Rejected, WebhookRejection};

/// What the extractor [`Webhook`](crate::Webhook) verifies with.
///
/// Register it with `app_data`, plain or in [`web::Data`], on the `App`, a
/// `Scope` or a `Resource`. **The nearest one decides**, in every nesting: one of
/// a resource before one of its scope, and one that is nearer to the handler than
/// a [`WebhookMiddleware`](crate::WebhookMiddleware) before that middleware. Of a
/// plain one and one in `web::Data`, the plain one is taken, as with actix's own
/// configurations.
///
/// Without a configuration the answer is 500 `not_configured`, and the log says
/// what to add.
///
/// ```
/// use actix_web::{App, HttpResponse, web};
/// use nano_webhook_actix::{Secret, Verifier, Webhook, WebhookConfig};
///
/// let billing = Verifier::new(Secret::new("the secret of the billing webhook")?);
/// let gallery = Verifier::new(Secret::new("the secret of the gallery webhook")?);
///
/// let app = App::new()
///     .app_data(WebhookConfig::new(billing))
///     .route("/billing", web::post().to(async |_: Webhook| HttpResponse::Ok().finish()))
///     .service(
///         web::resource("/gallery")
///             .app_data(WebhookConfig::new(gallery))
///             .route(web::post().to(async |_: Webhook| HttpResponse::Ok().finish())),
///     );
/// # let _ = app;
/// # Ok::<(), nano_webhook_actix::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct WebhookConfig(Arc<Settings>);

struct Settings {
    verifier: Verifier,
    hook: Option<Arc<Hook>>,
}

type Hook = dyn Fn(&WebhookError, &HttpRequest) -> HttpResponse + Send + Sync;

impl WebhookConfig {
    /// A configuration that accepts what this verifier accepts.
    pub fn new(verifier: Verifier) -> Self {
        Self(Arc::new(Settings {
            verifier,
            hook: None,
        }))
    }

    /// Answers rejected requests in your own format. The error is put into the
    /// response's extensions, headers that belong to the status are added, and the
    /// connection is closed where the body stays unread.
    ///
    /// The error's text is for you, not for the sender.
    ///
    /// ```
    /// use actix_web::HttpResponse;
    /// use actix_web::http::StatusCode;
    /// # use nano_webhook_actix::{Secret, Verifier, WebhookConfig};
    /// # let verifier = Verifier::new(Secret::new("your-secret-key-of-some-length")?);
    ///
    /// let config = WebhookConfig::new(verifier).on_rejection(|error, _request| {
    ///     let status = StatusCode::from_u16(error.status()).unwrap_or_default();
    ///     HttpResponse::build(status).body(error.code())
    /// });
    /// # let _ = config;
    /// # Ok::<(), nano_webhook_actix::ConfigError>(())
    /// ```
    pub fn on_rejection(
        self,
        hook: impl Fn(&WebhookError, &HttpRequest) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Settings {
            verifier: self.0.verifier.clone(),
            hook: Some(Arc::new(hook)),
        }))
    }

    /// The nearest configuration around a request's handler.
    pub(crate) fn find(request: &HttpRequest) -> Option<&Self> {
        let shared = || request.app_data::<web::Data<Self>>().map(|data| &***data);
        request.app_data::<Self>().or_else(shared)
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    pub(crate) fn reject(
        &self,
        rejected: impl Into<Rejected>,
        request: &HttpRequest,
    ) -> WebhookRejection {
        let rejected = rejected.into();
        let custom = (self.0.hook.as_ref()).map(|hook| hook(&rejected.error, request));
        WebhookRejection::new(rejected, custom)
    }

    /// Whether both are clones of one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookConfig")
            .field("verifier", &self.0.verifier)
            .field("on_rejection", &self.0.hook.is_some())
            .finish()
    }
}

/// In a request's extensions: which configurations a middleware has decided for.
/// One that the extractor finds and that is not among them is nearer.
#[derive(Clone)]
pub(crate) struct DecidedBy {
    /// The configuration around the middleware.
    outer: Option<WebhookConfig>,
}

impl DecidedBy {
    pub(crate) fn middleware(request: &ServiceRequest) -> Self {
        Self {
            outer: WebhookConfig::find(request.request()).cloned(),
        }
    }

    pub(crate) fn is_nearer(&self, found: &WebhookConfig) -> bool {
        !(self.outer.as_ref()).is_some_and(|outer| outer.is(found))
    }
}
