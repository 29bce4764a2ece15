//! A handler that asks for a delivery which nothing has verified.

use crate::settings::Settings;
use crate::table::Table;
use crate::target::Target;
use crate::trial::Trial;
use crate::way::Way;
use nano_webhook_test_kit::SignedRequest;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let target = table.target;
    for way in Way::ALL {
        let how = way.how();
        table.push(format!("nothing verifies, {how}"), async move {
            let server = target.start_unconfigured().await;
            let trial = Trial::new(&server, Settings::default());
            // A correct signature makes no difference: there is no default.
            for request in [
                SignedRequest::for_task("x"),
                SignedRequest::for_task("x").forged(),
            ] {
                let answer = way.send(&trial, &request).await?;
                way.refused(&trial, &answer, "not_configured")?;
            }
            Ok(())
        });
    }
}
