//! The body's limit: what it says is accepted, one byte more is not; and 413
//! arrives although the client is still sending.

use super::early::chunk;
use crate::settings::Settings;
use crate::table::Table;
use crate::target::Target;
use crate::vectors::Options;
use crate::way::Way;
use nano_webhook_test_kit::SignedRequest;

const LIMIT: usize = 1000;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for way in Way::ALL {
        let how = way.how();
        table.row_with(
            format!("exactly the limit, {how}"),
            small(),
            async move |trial| {
                let request = SignedRequest::of_size(LIMIT);
                let answer = way.send(trial, &request).await?;
                trial.accepted(&answer, &request)
            },
        );
        table.row_with(
            format!("one byte over the limit, {how}"),
            small(),
            async move |trial| {
                let request = SignedRequest::of_size(LIMIT + 1);
                let answer = way.send(trial, &request).await?;
                way.refused(trial, &answer, "body_too_large")?;
                trial.still_serves().await
            },
        );
        table.row(format!("the default limit, {how}"), async move |trial| {
            let request = SignedRequest::of_size(262_144);
            let answer = way.send(trial, &request).await?;
            trial.accepted(&answer, &request)
        });
    }
    table.row_with("one byte too many, byte by byte", small(), async |trial| {
        let request = SignedRequest::of_size(LIMIT + 1);
        let answer = trial.exchange(&request.chunked(1)).await?;
        trial.refused_on_http1(&answer, "body_too_large")
    });
    table.row_with("a body without end", small(), async |trial| {
        let mut connection = trial.connect().await?;
        let head = SignedRequest::for_task("x").head("transfer-encoding: chunked\r\n");
        connection.send(&head).await;
        let answer = connection.exchange(&chunk()).await?;
        trial.refused_on_http1(&answer, "body_too_large")?;
        connection.flood(&chunk()).await?;
        trial.still_serves().await
    });
    table.row_with(
        "413 can be read by a client that sends everything first",
        small(),
        async |trial| {
            let mut connection = trial.connect().await?;
            let head = SignedRequest::for_task("x").head("transfer-encoding: chunked\r\n");
            connection.send(&head).await;
            // Far more than the buffers between the two can hold.
            for _ in 0..2048 {
                if connection.try_send(&chunk()).await.is_err() {
                    break;
                }
            }
            trial.refused_on_http1(&connection.receive().await?, "body_too_large")
        },
    );
    table.row_with(
        "413 can be read before a large body is sent to its end",
        small(),
        async |trial| {
            let mut request = SignedRequest::for_task("x");
            request.body = vec![b'x'; 4 << 20];
            let answer = trial.exchange(&request.chunked(0x4000)).await?;
            trial.refused_on_http1(&answer, "body_too_large")
        },
    );
}

pub(crate) fn small() -> Settings {
    Settings {
        options: Options {
            max_body_bytes: Some(LIMIT),
            ..Options::default()
        },
        ..Settings::default()
    }
}
