//! A handler that asks for a delivery which nothing has verified.

use crate::bench::Bench;
use crate::settings::Settings;
use crate::signed::SignedRequest;
use crate::table::Table;
use crate::target::Target;
use crate::way::Way;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let target = table.target;
    for way in Way::ALL {
        let how = way.how();
        table.push(format!("nothing verifies, {how}"), async move {
            let server = target.start_unconfigured().await;
            let bench = Bench::new(&server, Settings::default(), target.patience());
            // A correct signature makes no difference: there is no default.
            for request in [
                SignedRequest::for_task("x"),
                SignedRequest::for_task("x").forged(),
            ] {
                let answer = way.send(&bench, &request).await?;
                way.refused(&bench, &answer, "not_configured")?;
            }
            Ok(())
        });
    }
}
