//! The rules again, written for being read, with other means than core's: no
//! type, table or parser is shared. Where the two disagree one of them is wrong.

pub(crate) mod event;
pub(crate) mod head;
pub(crate) mod json;
pub(crate) mod mac;
pub(crate) mod stringify;
