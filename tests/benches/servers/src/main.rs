//! One receiver on one thread, for a load generator beside it.
//!
//! ```text
//! servers axum|actix bare|verified SECRET
//! ```
//!
//! prints the address it listens on. The bare one takes the body and looks at
//! nothing.

use std::error::Error;
use std::io;

use actix_web::{App, HttpResponse, HttpServer, web};
use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Secret, Verifier, WebhookLayer};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["axum", "bare", _] => axum(Router::new().route("/webhook", post(axum_bare))),
        ["axum", "verified", secret] => {
            let layer = WebhookLayer::new(Verifier::new(Secret::new(*secret)?));
            axum(Router::new().route("/webhook", post(axum_verified).layer(layer)))
        }
        ["actix", "bare", _] => actix(|config| {
            config.route("/webhook", web::post().to(actix_bare));
        }),
        ["actix", "verified", secret] => {
            let verifier = Verifier::new(Secret::new(*secret)?);
            actix(move |config| {
                config
                    .app_data(nano_webhook_actix::WebhookConfig::new(verifier.clone()))
                    .route("/webhook", web::post().to(actix_verified));
            })
        }
        _ => Err("servers axum|actix bare|verified SECRET".into()),
    }
}

async fn axum_bare(_: Bytes) -> StatusCode {
    StatusCode::OK
}

async fn axum_verified(_: nano_webhook_axum::Webhook) -> StatusCode {
    StatusCode::OK
}

async fn actix_bare(_: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn actix_verified(_: nano_webhook_actix::Webhook) -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn axum(app: Router) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        axum::serve(listener, app.layer(DefaultBodyLimit::disable())).await?;
        Ok(())
    })
}

fn actix(
    configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(move || App::new().configure(configure.clone()))
            .workers(1)
            .disable_signals()
            .bind("127.0.0.1:0")?;
        match server.addrs().first() {
            Some(address) => println!("{address}"),
            None => return Err(io::Error::other("there is no address")),
        }
        server.run().await
    })?;
    Ok(())
}
