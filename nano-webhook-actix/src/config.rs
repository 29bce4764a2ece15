use std::fmt;
use std::ptr;
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
/// a [`WebhookMiddleware`](crate::WebhookMiddleware) before that middleware. The
/// `app_data` of a resource or scope stands around the middleware of the same
/// resource or scope.
///
/// Do not mix plain ones and ones in `web::Data`: actix does not tell which of them
/// is nearer, and the plain one is taken, as with actix's own configurations.
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

#[derive(Clone)]
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
        mut self,
        hook: impl Fn(&WebhookError, &HttpRequest) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        Arc::make_mut(&mut self.0).hook = Some(Arc::new(hook));
        self
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

/// In a request's extensions: where the nearest configuration around a middleware
/// stands. One that stands elsewhere is nearer to the handler.
#[derive(Clone, Copy)]
pub(crate) struct DecidedBy(Option<Place>);

/// The address of an `app_data`, which the request keeps in place.
type Place = *const ();

impl DecidedBy {
    pub(crate) fn middleware(request: &ServiceRequest) -> Self {
        Self(place(request.request()))
    }

    pub(crate) fn has_nearer(self, request: &HttpRequest) -> bool {
        place(request).is_some_and(|nearest| self.0 != Some(nearest))
    }
}

/// Where [`WebhookConfig::find`] finds.
fn place(request: &HttpRequest) -> Option<Place> {
    let plain = request.app_data::<WebhookConfig>();
    let shared = || request.app_data::<web::Data<WebhookConfig>>();
    plain
        .map(|config| ptr::from_ref(config).cast())
        .or_else(|| shared().map(|data| ptr::from_ref(data).cast()))
}
