//! What the vectors cannot say, over each way to send a body: other methods, and a handler
//! that asks for a delivery which nothing has verified.

use nano_webhook_test_kit::SignedRequest;

use super::heads::rejected_heads;
use crate::settings::Settings;
use crate::table::Table;
use crate::target::Target;
use crate::trial::{Trial, Way};

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let target = table.target;
    for (way, how) in Way::ALL {
        for (name, request, code) in rejected_heads().into_iter().take(3) {
            table.row(format!("{name}, {how}"), async move |trial| {
                trial.rejected(&trial.send(way, &request).await?, code)?;
                trial.still_serves().await
            });
        }
        let name = format!("nothing verifies, {how}");
        table.rows.push(name, async move {
            let server = target.start_unconfigured().await;
            let trial = Trial::new(&server, Settings::default());
            // A correct signature makes no difference: there is no default.
            let request = SignedRequest::for_task("x");
            for request in [request.clone(), request.forged()] {
                trial.rejected(&trial.send(way, &request).await?, "not_configured")?;
            }
            Ok(())
        });
    }
}
