//! What is refused is neither claimed nor handled, and is answered as it is
//! without a store.

use super::Claims;
use crate::contract::deadline::impatient;
use crate::contract::heads::refused_heads;
use crate::contract::limits::small;
use crate::table::{Check, Table};
use crate::target::Target;
use crate::way::Way;
use nano_webhook_test_kit::SignedRequest;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let mut refused = vec![
        (
            "a forgery",
            SignedRequest::for_task("task").forged(),
            "signature_mismatch",
        ),
        (
            "what is not an event",
            SignedRequest::new("[]"),
            "invalid_event",
        ),
    ];
    refused.extend(
        refused_heads()
            .into_iter()
            .map(|head| (head.name, head.request, head.code)),
    );
    for (name, request, code) in refused {
        table.claims(format!("refused unclaimed: {name}"), async move |claims| {
            for way in Way::ALL {
                let answer = way.send(claims, &request).await?;
                way.refused(claims, &answer, code)?;
            }
            untouched(claims)?;
            // And so it takes nobody's place.
            claims.gets("task", 200).await?;
            claims.has_calls(1)
        });
    }
    for head in refused_heads() {
        table.claims(
            format!("refused unclaimed, no byte of its body: {}", head.name),
            async move |claims| {
                let mut connection = claims.connect().await?;
                connection
                    .send(&head.request.head("content-length: 1000\r\n"))
                    .await;
                let answer = connection.receive().await?;
                claims.refused_on_http1(&answer, head.code)?;
                connection.until_closed().await?;
                untouched(claims)
            },
        );
    }
    table.claims_with(
        "refused unclaimed: a body over the limit",
        small(),
        |dedupe| dedupe,
        async |claims| {
            for way in Way::ALL {
                let answer = way.send(claims, &SignedRequest::of_size(1001)).await?;
                way.refused(claims, &answer, "body_too_large")?;
            }
            untouched(claims)
        },
    );
    table.claims_with(
        "refused unclaimed: a body that never comes",
        impatient(),
        |dedupe| dedupe,
        async |claims| {
            let mut connection = claims.connect().await?;
            let head = SignedRequest::for_task("task").head("content-length: 100\r\n");
            connection.send(&head).await;
            let answer = connection.receive().await?;
            claims.refused_on_http1(&answer, "body_timeout")?;
            untouched(claims)
        },
    );
    table.claims_with(
        "the body's deadline is not the handler's",
        impatient(),
        |dedupe| dedupe,
        async |claims| {
            let mut held = claims.connect().await?;
            held.send(&SignedRequest::for_task("hold").whole()).await;
            claims.probe.until_begun(1).await?;
            // Another one's deadline, which began later, has passed.
            let mut late = claims.connect().await?;
            let head = SignedRequest::for_task("late").head("content-length: 100\r\n");
            late.send(&head).await;
            claims.refused_on_http1(&late.receive().await?, "body_timeout")?;
            claims.probe.let_go();
            crate::answers::has_status(&held.receive().await?, 200)
        },
    );
}

fn untouched(claims: &Claims) -> Check {
    claims.has_calls(0)?;
    match claims.store.calls() {
        0 => Ok(()),
        calls => Err(format!("the store was asked {calls} times")),
    }
}
