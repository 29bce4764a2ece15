//! Connections that go on after an answer, and what follows on those that do
//! not.

use nano_webhook_test_kit::{End, SignedRequest, changed};

use super::heads::{read_to_the_end, rejected_heads};
use crate::table::Table;
use crate::target::Target;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for (name, rejected, code) in read_to_the_end() {
        table.row(format!("kept after {name}"), async move |trial| {
            let request = SignedRequest::for_task("after it");
            let mut connection = trial.connect().await?;
            for bytes in [rejected.whole(), rejected.chunked(7)] {
                trial.rejected(&connection.exchange(&bytes).await?, code)?;
                let answer = connection.exchange(&request.whole()).await?;
                trial.accepted(&answer, &request)?;
            }
            let both = [rejected.whole(), request.whole()].concat();
            trial.rejected(&connection.exchange(&both).await?, code)?;
            trial.accepted(&connection.receive().await?, &request)
        });
    }
    table.row("in one write: two deliveries", async |trial| {
        let [one, two] = ["one", "two"].map(SignedRequest::for_task);
        let both = [one.whole(), two.chunked(9)].concat();
        let (mut connection, answer) = trial.ask(&both).await?;
        trial.accepted(&answer, &one)?;
        trial.accepted(&connection.receive().await?, &two)
    });
    for (name, rejected, code) in rejected_heads().into_iter().step_by(4) {
        table.row(format!("a delivery behind {name}"), async move |trial| {
            let request = SignedRequest::for_task("behind");
            let both = [rejected.whole(), request.whole()].concat();
            let (mut connection, answer) = trial.ask(&both).await?;
            trial.rejected(&answer, code)?;
            // RFC 9112, section 9.6: nothing behind a `close` may be
            // answered. actix-http answers what it had read already, and no
            // adapter can keep it from that. What is answered must be
            // answered for what it is.
            match connection.receive().await {
                Ok(answer) => trial.accepted(&answer, &request),
                Err(End::Silent) => Err(End::Silent.into()),
                Err(_closed) => Ok(()),
            }
        });
    }
    table.row("a body that looks like a delivery is none", async |trial| {
        let request = SignedRequest::for_task("a");
        let unsigned = request.clone().without("x-nano-signature");
        for (mut request, code) in [
            (request, "signature_mismatch"),
            (unsigned, "missing_header"),
        ] {
            request.body = SignedRequest::for_task("smuggled").whole();
            let (mut connection, answer) = trial.ask(&request.whole()).await?;
            trial.rejected(&answer, code)?;
            connection.close_sending_side().await;
            connection.until_closed().await?;
        }
        Ok(())
    });
    let version = ("HTTP/1.1", "HTTP/1.0");
    let close = ("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    for (name, (from, to)) in [
        ("HTTP/1.0", version),
        ("the client closes the connection", close),
    ] {
        table.row(name, async move |trial| {
            let request = SignedRequest::for_task("last");
            let bytes = changed(request.whole(), from, to);
            let (mut connection, answer) = trial.ask(&bytes).await?;
            trial.accepted(&answer, &request)?;
            connection.until_closed().await
        });
    }
}
