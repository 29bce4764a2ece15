use std::fmt;
use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use nano_webhook_core::{Verifier, WebhookError};

use crate::rejection::{Hook, Rejections};

/// What the extractor [`Webhook`](crate::Webhook) verifies with.
///
/// Register it with `app_data`, plain or in [`web::Data`], on the `App`, a
/// `Scope` or a `Resource`: the nearest one counts. Use one of the two ways in an
/// application: where both are found, nobody can tell which is nearer, and the
/// request is refused with 500 `not_configured`.
///
/// There is no default. Without a configuration the answer is 500
/// `not_configured`, and the log says what to add.
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
    rejections: Rejections,
}

impl WebhookConfig {
    /// A configuration that lets through what this verifier accepts.
    pub fn new(verifier: Verifier) -> Self {
        Self(Arc::new(Settings {
            verifier,
            rejections: Rejections::default(),
        }))
    }

    /// Answers refused requests in your own format. Whatever the hook returns,
    /// the error is put into its extensions, and the connection is closed where
    /// a body stays unread.
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
        let hook: Arc<Hook> = Arc::new(hook);
        Self(Arc::new(Settings {
            verifier: self.0.verifier.clone(),
            rejections: Rejections::new(hook),
        }))
    }

    /// The nearest configuration around a request's handler.
    pub(crate) fn find(request: &HttpRequest) -> Result<&Self, WebhookError> {
        let plain = request.app_data::<Self>();
        let shared = request.app_data::<web::Data<Self>>();
        match (plain, shared) {
            (Some(config), None) => Ok(config),
            (None, Some(config)) => Ok(config),
            (None, None) => Err(WebhookError::NotConfigured {
                remedy: "the handler takes a Webhook, but there is no WebhookConfig; \
                         add .app_data(WebhookConfig::new(verifier)) to the App, Scope or Resource",
            }),
            (Some(_), Some(_)) => Err(WebhookError::NotConfigured {
                remedy: "there is a WebhookConfig and a Data<WebhookConfig> around the handler, \
                         and nobody can tell which is nearer; register all in the same way",
            }),
        }
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    pub(crate) fn rejections(&self) -> &Rejections {
        &self.0.rejections
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
            .field("rejections", &self.0.rejections)
            .finish()
    }
}
