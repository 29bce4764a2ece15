//! What is rejected is neither claimed nor handled, and is answered as it is
//! without a store.

use std::convert::identity;

use nano_webhook_test_kit::SignedRequest;

use super::Claims;
use crate::answers::has_status;
use crate::contract::deadline::impatient;
use crate::contract::heads::{read_to_the_end, rejected_heads};
use crate::contract::limits::small;
use crate::settings::Settings;
use crate::table::{Check, Table, equal};
use crate::target::Target;
use crate::trial::Way;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let large = SignedRequest::of_size(1001);
    let large = ("a body over the limit", large, "body_too_large");
    let whole = read_to_the_end().into_iter().chain(rejected_heads());
    let whole = whole.map(|row| (row, Settings::default()));
    for ((name, request, code), settings) in whole.chain([(large, small())]) {
        let name = format!("rejected unclaimed: {name}");
        table.add_claims(name, settings, identity, async move |claims| {
            for (way, _) in Way::ALL {
                claims.rejected(&claims.send(way, &request).await?, code)?;
            }
            untouched(claims)?;
            // A rejected delivery blocks no other.
            claims.gets("task", 200).await?;
            claims.has_calls(1)
        });
    }
    let late = SignedRequest::for_task("task");
    let late = ("a body that never comes", late, "body_timeout");
    let heads = rejected_heads().into_iter();
    let heads = heads.map(|row| (row, Settings::default()));
    for ((name, request, code), settings) in heads.chain([(late, impatient())]) {
        let name = format!("rejected unclaimed, no byte of its body: {name}");
        table.add_claims(name, settings, identity, async move |claims| {
            let head = request.head("content-length: 1000\r\n");
            let (mut connection, answer) = claims.ask(&head).await?;
            claims.rejected(&answer, code)?;
            connection.until_closed().await?;
            untouched(claims)
        });
    }
    let name = "the body's deadline is not the handler's".to_owned();
    table.add_claims(name, impatient(), identity, async |claims| {
        let mut held = claims.begin("hold", 1).await?;
        // Another one's deadline, which began later, has passed.
        let head = SignedRequest::for_task("late").head("content-length: 100\r\n");
        let (_connection, late) = claims.ask(&head).await?;
        claims.rejected(&late, "body_timeout")?;
        claims.probe.let_go();
        has_status(&held.receive().await?, 200)
    });
}

fn untouched(claims: &Claims) -> Check {
    claims.has_calls(0)?;
    equal("calls of the store", claims.store.calls(), 0)
}
