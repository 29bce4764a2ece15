use std::cmp::Ordering;

use super::ReserializeError;
use super::offset::{offset32, usize32};
use super::reader::Reader;
use super::string::Piece;

/// The members of the objects that are not closed yet, outermost first.
#[derive(Default)]
pub(super) struct OpenMembers {
    members: Vec<Member>,
    /// Their names, one after the other, with their escapes read.
    names: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Member {
    /// Where the literal of the name starts in the text.
    literal: u32,
    /// Where the name starts in [`OpenMembers::names`].
    name: u32,
    name_len: u32,
}

impl OpenMembers {
    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Reads the name of a member.
    pub(super) fn push(&mut self, reader: &mut Reader<'_>) -> Result<(), ReserializeError> {
        let literal = reader.offset();
        let name = self.names.len();
        let names = &mut self.names;
        reader.string(|piece| {
            match piece {
                Piece::Plain(text) => names.extend_from_slice(text.as_bytes()),
                Piece::Escaped(char) => {
                    names.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            Ok(())
        })?;
        self.members.push(Member {
            literal: offset32(literal)?,
            name: offset32(name)?,
            name_len: offset32(names.len() - name)?,
        });
        Ok(())
    }

    /// Forgets the members from index `outer` on, which are those of one object.
    /// Returns where the literals of their names start, in ECMAScript's order and
    /// without those that a later one replaces; `None` if this is as they stand.
    pub(super) fn close(&mut self, outer: usize) -> Option<Vec<u32>> {
        let members = self.members.get_mut(outer..).unwrap_or_default();
        let outer_names = usize32(members.first()?.name);
        let order = match members {
            [_] => None,
            members => rearrange(members, &self.names),
        };
        self.members.truncate(outer);
        self.names.truncate(outer_names);
        order
    }
}

fn rearrange(members: &mut [Member], names: &[u8]) -> Option<Vec<u32>> {
    members.sort_unstable_by(|a, b| a.compare(b, names).then(a.literal.cmp(&b.literal)));
    let mut ranked = Vec::with_capacity(members.len());
    for equal in members.chunk_by(|a, b| a.compare(b, names).is_eq()) {
        if let (Some(first), Some(last)) = (equal.first(), equal.last()) {
            ranked.push((first.rank(names), last.literal));
        }
    }
    ranked.sort_unstable_by_key(|(rank, _)| *rank);
    let as_they_stand =
        ranked.len() == members.len() && ranked.is_sorted_by_key(|(_, literal)| *literal);
    (!as_they_stand).then(|| ranked.into_iter().map(|(_, literal)| literal).collect())
}

impl Member {
    fn name<'a>(&self, names: &'a [u8]) -> &'a [u8] {
        let start = usize32(self.name);
        names
            .get(start..start + usize32(self.name_len))
            .unwrap_or_default()
    }

    /// Any total order of names will do.
    fn compare(&self, other: &Self, names: &[u8]) -> Ordering {
        self.name(names).cmp(other.name(names))
    }

    /// Array indices come first, by value; other names follow, by appearance.
    fn rank(&self, names: &[u8]) -> u64 {
        match array_index(self.name(names)) {
            Some(index) => index,
            None => (1 << 32) + u64::from(self.literal),
        }
    }
}

/// The array index that `name` is: canonical decimal digits, at most 2^32 - 2,
/// because ECMAScript's arrays are at most 2^32 - 1 long.
fn array_index(name: &[u8]) -> Option<u64> {
    if name.is_empty() || name.len() > 10 || (name.len() > 1 && name.starts_with(b"0")) {
        return None;
    }
    let mut index = 0;
    for byte in name {
        let digit = char::from(*byte).to_digit(10)?;
        index = index * 10 + u64::from(digit);
    }
    (index < u64::from(u32::MAX)).then_some(index)
}
