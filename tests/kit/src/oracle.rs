//! The rules again, written for being read, with other means than core's: no
//! type, table or parser is shared. Where the two disagree one of them is wrong.

/// The event of a signed body.
pub mod event;
/// The head of a request.
pub mod head;
/// A parser.
pub mod json;
/// The signature.
pub mod mac;
/// The text that `JSON.stringify` makes.
pub mod stringify;
