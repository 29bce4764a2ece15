//! `Expect: 100-continue` on a head that is fine (RFC 9110, section 10.1.1).

use crate::answers::has_status;
use crate::table::Table;
use crate::target::Target;
use nano_webhook_test_kit::SignedRequest;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.row("a client that awaits 100 gets it, and 200", async |trial| {
        let request = SignedRequest::for_task("continued");
        let mut connection = trial.connect().await?;
        connection.send(&awaiting(&request)).await;
        has_status(&connection.receive().await?, 100)?;
        connection.send(&request.body).await;
        trial.accepted(&connection.receive().await?, &request)
    });
    table.row("a client that awaits 100 gets it, and 401", async |trial| {
        let request = SignedRequest::for_task("continued").forged();
        let mut connection = trial.connect().await?;
        connection.send(&awaiting(&request)).await;
        has_status(&connection.receive().await?, 100)?;
        connection.send(&request.body).await;
        trial.refused_on_http1(&connection.receive().await?, "signature_mismatch")
    });
    table.row("a client that does not wait for its 100", async |trial| {
        let request = SignedRequest::for_task("continued");
        let mut connection = trial.connect().await?;
        let bytes = [awaiting(&request), request.body.clone()].concat();
        let mut answer = connection.exchange(&bytes).await?;
        if answer.status == 100 {
            answer = connection.receive().await?;
        }
        trial.accepted(&answer, &request)
    });
}

fn awaiting(request: &SignedRequest) -> Vec<u8> {
    let length = request.body.len();
    request.head(&format!(
        "content-length: {length}\r\nexpect: 100-continue\r\n"
    ))
}
