//! The rules again, written for being read, with other means than core's: no
//! type, table or parser is shared. Where the two disagree one of them is wrong.

pub mod event;
pub mod head;
pub mod json;
pub mod mac;
mod number;
pub mod stringify;
