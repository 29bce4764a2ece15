//! `Expect: 100-continue` on a head that is fine (RFC 9110, section 10.1.1).

use crate::answers::has_status;
use crate::signed::SignedRequest;
use crate::table::Table;
use crate::target::Target;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.row("a client that awaits 100 gets it, and 200", async |bench| {
        let request = SignedRequest::for_task("continued");
        let mut connection = bench.connect().await?;
        connection.send(&awaiting(&request)).await;
        has_status(&connection.receive().await?, 100)?;
        connection.send(&request.body).await;
        bench.accepted(&connection.receive().await?, &request)
    });
    table.row("a client that awaits 100 gets it, and 401", async |bench| {
        let request = SignedRequest::for_task("continued").forged();
        let mut connection = bench.connect().await?;
        connection.send(&awaiting(&request)).await;
        has_status(&connection.receive().await?, 100)?;
        connection.send(&request.body).await;
        bench.refused_on_http1(&connection.receive().await?, "signature_mismatch")
    });
    table.row("a client that does not wait for its 100", async |bench| {
        let request = SignedRequest::for_task("continued");
        let mut connection = bench.connect().await?;
        let bytes = [awaiting(&request), request.body.clone()].concat();
        let mut answer = connection.exchange(&bytes).await?;
        if answer.status == 100 {
            answer = connection.receive().await?;
        }
        bench.accepted(&answer, &request)
    });
}

fn awaiting(request: &SignedRequest) -> Vec<u8> {
    let length = request.body.len();
    request.head(&format!(
        "content-length: {length}\r\nexpect: 100-continue\r\n"
    ))
}
