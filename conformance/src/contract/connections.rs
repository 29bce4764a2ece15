//! Connections that go on after an answer, and what follows on those that do
//! not.

use super::heads::refused_heads;
use crate::table::Table;
use crate::target::Target;
use nano_webhook_test_kit::End;
use nano_webhook_test_kit::SignedRequest;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.row("the connection is kept after a delivery", async |trial| {
        let mut connection = trial.connect().await?;
        for task in ["one", "two", "three"] {
            let request = SignedRequest::for_task(task);
            let answer = connection.exchange(&request.whole()).await?;
            trial.accepted(&answer, &request)?;
        }
        Ok(())
    });
    for (name, refused, code) in fully_read() {
        let again = refused.clone();
        table.row(
            format!("the connection is kept after {name}"),
            async move |trial| {
                let mut connection = trial.connect().await?;
                for bytes in [refused.whole(), refused.chunked(7)] {
                    let answer = connection.exchange(&bytes).await?;
                    trial.refused_on_http1(&answer, code)?;
                    let request = SignedRequest::for_task("after it");
                    let answer = connection.exchange(&request.whole()).await?;
                    trial.accepted(&answer, &request)?;
                }
                Ok(())
            },
        );
        table.row(
            format!("in one write: {name}, and a delivery"),
            async move |trial| {
                let request = SignedRequest::for_task("after it");
                let mut connection = trial.connect().await?;
                let both = [again.whole(), request.whole()].concat();
                let answer = connection.exchange(&both).await?;
                trial.refused_on_http1(&answer, code)?;
                trial.accepted(&connection.receive().await?, &request)
            },
        );
    }
    table.row("in one write: two deliveries", async |trial| {
        let requests = ["one", "two"].map(SignedRequest::for_task);
        let mut connection = trial.connect().await?;
        let both = [requests[0].whole(), requests[1].chunked(9)].concat();
        connection.send(&both).await;
        for request in &requests {
            trial.accepted(&connection.receive().await?, request)?;
        }
        Ok(())
    });
    for head in refused_heads().into_iter().step_by(4) {
        table.row(
            format!("in one write: {}, and a delivery", head.name),
            async move |trial| {
                let mut connection = trial.connect().await?;
                let request = SignedRequest::for_task("behind");
                let both = [head.request.whole(), request.whole()].concat();
                let answer = connection.exchange(&both).await?;
                trial.refused_on_http1(&answer, head.code)?;
                // RFC 9112, section 9.6: nothing behind a `close` is to be
                // answered. actix-http answers what it had read already, and no
                // adapter can keep it from that. What is answered must be
                // answered for what it is.
                match connection.receive().await {
                    Ok(answer) => trial.accepted(&answer, &request),
                    Err(End::Silent) => Err(End::Silent.into()),
                    Err(_closed) => Ok(()),
                }
            },
        );
    }
    table.row("a body that looks like a delivery is none", async |trial| {
        let smuggled = SignedRequest::for_task("smuggled").whole();
        for mut request in [
            SignedRequest::for_task("a"),
            SignedRequest::for_task("a").without("x-nano-signature"),
        ] {
            request.body = smuggled.clone();
            let mut connection = trial.connect().await?;
            let answer = connection.exchange(&request.whole()).await?;
            let refused = ["signature_mismatch", "missing_header"]
                .into_iter()
                .find(|code| answer.code().as_deref() == Some(*code));
            trial.refused_on_http1(&answer, refused.unwrap_or("signature_mismatch"))?;
            connection.close_sending_side().await;
            connection.until_closed().await?;
        }
        Ok(())
    });
    table.row("HTTP/1.0", async |trial| {
        let request = SignedRequest::for_task("old");
        let text = request.whole();
        let at = text
            .windows(8)
            .position(|part| part == b"HTTP/1.1")
            .unwrap();
        let mut bytes = text;
        bytes[at + 7] = b'0';
        let mut connection = trial.connect().await?;
        let answer = connection.exchange(&bytes).await?;
        trial.accepted(&answer, &request)?;
        connection.until_closed().await
    });
    table.row("the client closes the connection", async |trial| {
        let request = SignedRequest::for_task("last");
        let mut connection = trial.connect().await?;
        let length = request.body.len();
        let head = request.head(&format!(
            "content-length: {length}\r\nconnection: close\r\n"
        ));
        let answer = connection
            .exchange(&[head, request.body.clone()].concat())
            .await?;
        trial.accepted(&answer, &request)?;
        connection.until_closed().await
    });
}

/// Refused only after all of it was read.
fn fully_read() -> [(&'static str, SignedRequest, &'static str); 2] {
    [
        (
            "a forgery",
            SignedRequest::for_task("first").forged(),
            "signature_mismatch",
        ),
        (
            "what is not an event",
            SignedRequest::new("[]"),
            "invalid_event",
        ),
    ]
}
