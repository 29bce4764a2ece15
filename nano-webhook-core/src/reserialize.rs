//! Bodies that were re-indented on the way (D2): bytes in, the exact text of
//! ECMAScript's `JSON.stringify(JSON.parse(body))` out.
//!
//! Two passes, because an object's members cannot be written before the last
//! of them was seen: the first finds where everything is (`order`), the second
//! writes it (`writer`). Both read through the one grammar in `reader`.

mod error;
mod members;
mod offset;
mod order;
mod reader;
mod string;
mod writer;

pub use error::ReserializeError;

/// How deep arrays and objects may be nested. The passes recurse, so this is
/// what bounds their stack.
const MAX_DEPTH: usize = 128;

/// The text that ECMAScript's `JSON.stringify(JSON.parse(body))` yields,
/// byte for byte.
///
/// The provider's documented check hashes that text, not the bytes on the wire,
/// so a body that a proxy has re-indented still has a valid signature over it.
/// The text is what was signed: whoever verifies it must also read the event
/// from it, never from `body`.
///
/// # What changes
///
/// - White space between tokens goes.
/// - Members whose name is an array index (`0` to `4294967294`, no leading
///   zero) come first, in ascending order, then the others in the order in
///   which their names first appeared.
/// - Of members with equal names the last value stays, in the first one's
///   place. Names are compared after their escapes are read. `__proto__` is a
///   name like any other.
/// - Numbers are rounded to the nearest 64-bit float and written as
///   `Number::toString` writes it: `1E3` becomes `1000`, `-0` becomes `0`,
///   `1e400` becomes `null`, `12345678901234567890` becomes
///   `12345678901234567000`.
/// - In strings, `"`, `\` and the characters below U+0020 are escaped, with
///   `\b \t \n \f \r` or lower-case `\u00xx`. Everything else is literal.
///
/// # What is refused though ECMAScript takes it
///
/// - A `\u` escape of half a surrogate pair, even in a value that a later
///   duplicate replaces. It has no UTF-8 form, so no event could hold it.
/// - Arrays and objects nested more than 128 deep.
/// - A body that is not UTF-8. A JavaScript receiver reads U+FFFD where it cannot
///   decode; this function does not guess. A byte order mark is JSON for
///   neither.
/// - A text longer than `max_len` bytes, and a body of 4 GiB or more.
///
/// # Cost
///
/// The caller bounds `body`; this function bounds the rest. Time is
/// *O*(*n* log *n*) in the length of the body, where the logarithm is that of
/// sorting an object's names; no hash table is involved, so no choice of names
/// can make it quadratic. The text is at most 5.25 times as long as the body
/// (`1e20` is written in 21 digits) and never longer than `max_len`.
/// Beside the text, less than nine bytes are allocated for each byte of the
/// body. DESIGN.md gives the figures that were measured.
///
/// # Errors
///
/// A [`ReserializeError`] that says what was refused, and where.
///
/// # Examples
///
/// ```
/// use nano_webhook_core::reserialize;
///
/// let indented = br#"{ "event": "job.failed", "cost": 1.50, "2": "b", "1": "a" }"#;
/// assert_eq!(
///     reserialize(indented, 1024)?,
///     br#"{"1":"a","2":"b","event":"job.failed","cost":1.5}"#,
/// );
/// # Ok::<(), nano_webhook_core::ReserializeError>(())
/// ```
pub fn reserialize(body: &[u8], max_len: usize) -> Result<Vec<u8>, ReserializeError> {
    let text = std::str::from_utf8(body).map_err(|error| ReserializeError::NotUtf8 {
        offset: error.valid_up_to(),
    })?;
    let order = order::MemberOrder::of_document(text)?;
    writer::write(text, &order, max_len)
}
