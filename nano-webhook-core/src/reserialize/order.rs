use std::ops::Range;

use super::members::OpenMembers;
use super::offset::{offset32, usize32};
use super::reader::{Reader, Start};
use super::{MAX_DEPTH, ReserializeError};

/// In which order ECMAScript enumerates the members of a document's objects.
/// Only those objects are in it whose members do not simply stay as they are.
pub(super) struct MemberOrder {
    /// By `start`, ascending.
    rearranged: Vec<Rearranged>,
    /// The members of all rearranged objects: where the literals of their names
    /// start. Offsets are kept in 32 bits: a small body can have many.
    members: Vec<u32>,
}

/// An object whose members are written in another order, or not all of them.
struct Rearranged {
    /// Where its `{` stands.
    start: u32,
    /// Where the byte after its `}` stands.
    end: u32,
    /// Its part of [`MemberOrder::members`].
    members: Range<u32>,
}

impl MemberOrder {
    /// Reads a whole document. What this accepts is JSON, and no deeper than
    /// [`MAX_DEPTH`].
    pub(super) fn of_document(text: &str) -> Result<Self, ReserializeError> {
        let mut survey = Survey {
            reader: Reader::new(text, 0),
            open: OpenMembers::default(),
            order: Self {
                rearranged: Vec::new(),
                members: Vec::new(),
            },
        };
        survey.reader.skip_whitespace();
        survey.value(0)?;
        survey.reader.finish()?;
        let mut order = survey.order;
        order.rearranged.sort_unstable_by_key(|object| object.start);
        Ok(order)
    }

    /// The members of the object at `start`, in ECMAScript's order, and where the
    /// object ends; `None` if they are to be read as they stand.
    pub(super) fn of_object(&self, start: usize) -> Option<(&[u32], usize)> {
        let index = self
            .rearranged
            .binary_search_by_key(&start, |object| usize32(object.start))
            .ok()?;
        let object = self.rearranged.get(index)?;
        let members = usize32(object.members.start)..usize32(object.members.end);
        Some((self.members.get(members)?, usize32(object.end)))
    }
}

/// The first pass.
struct Survey<'a> {
    reader: Reader<'a>,
    open: OpenMembers,
    order: MemberOrder,
}

impl Survey<'_> {
    fn value(&mut self, depth: usize) -> Result<(), ReserializeError> {
        let offset = self.reader.offset();
        match self.reader.start()? {
            Start::Object | Start::Array if depth == MAX_DEPTH => {
                Err(ReserializeError::TooDeep { offset })
            }
            Start::Object => self.object(offset, depth + 1),
            Start::Array => self.array(depth + 1),
            Start::String => self.reader.string(|_| Ok(())),
            Start::Number(_) | Start::Word(_) => Ok(()),
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), ReserializeError> {
        let mut first = true;
        while self.reader.next_item(first, b']')? {
            first = false;
            self.value(depth)?;
        }
        Ok(())
    }

    fn object(&mut self, start: usize, depth: usize) -> Result<(), ReserializeError> {
        let outer = self.open.len();
        let mut first = true;
        while self.reader.next_item(first, b'}')? {
            first = false;
            self.open.push(&mut self.reader)?;
            self.reader.colon()?;
            self.value(depth)?;
        }
        if let Some(order) = self.open.close(outer) {
            let kept = offset32(self.order.members.len())?;
            self.order.members.extend(order);
            self.order.rearranged.push(Rearranged {
                start: offset32(start)?,
                end: offset32(self.reader.offset())?,
                members: kept..offset32(self.order.members.len())?,
            });
        }
        Ok(())
    }
}
