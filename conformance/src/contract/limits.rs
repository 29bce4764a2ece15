//! The body's limit while the client is still sending. The vectors have bodies of exactly
//! the limit and of one byte more.

use nano_webhook_test_kit::SignedRequest;

use crate::settings::Settings;
use crate::table::Table;
use crate::target::Target;
use crate::vectors::Options;

const LIMIT: usize = 1000;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.row_with("one byte too many, byte by byte", small(), async |trial| {
        let request = SignedRequest::of_size(LIMIT + 1);
        let answer = trial.exchange(&request.chunked(1)).await?;
        trial.rejected(&answer, "body_too_large")
    });
    table.row_with("a body without end", small(), async |trial| {
        let mut connection = trial.begin(head()).await?;
        trial.rejected(&connection.exchange(&chunk()).await?, "body_too_large")?;
        connection.flood(&chunk()).await?;
        trial.still_serves().await
    });
    let name = "413 can be read by a client that sends everything first";
    table.row_with(name, small(), async |trial| {
        let mut connection = trial.begin(head()).await?;
        // Far more than the buffers between the two can hold.
        for _ in 0..2048 {
            if connection.try_send(&chunk()).await.is_err() {
                break;
            }
        }
        trial.rejected(&connection.receive().await?, "body_too_large")
    });
}

pub(crate) fn small() -> Settings {
    let options = Options {
        max_body_bytes: Some(LIMIT),
        ..Options::default()
    };
    Settings {
        options,
        ..Settings::default()
    }
}

fn head() -> Vec<u8> {
    SignedRequest::for_task("x").head("transfer-encoding: chunked\r\n")
}

pub(super) fn chunk() -> Vec<u8> {
    format!("4000\r\n{}\r\n", "x".repeat(0x4000)).into_bytes()
}
