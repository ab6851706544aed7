//! A member of a JSON payload in, what loggers mean by it out: its name and the object it stands in decide.

mod names;

use crate::model::Value;

use super::access::Unit;
use super::printed;
use names::NAMES;

/// What a member means, wherever it stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    /// Text for people; the smaller the rank, the better.
    Message(u8),
    /// What loguru printed: the message, and the stack trace where there is one.
    Text,
    /// Text that may hold a stack trace; the smaller the rank, the better.
    Trace(u8),
    /// An exception whose frames are objects or lists.
    Thrown,
    Level,
    /// The class that speaks, beside a `module` that is its thread.
    Class,
    Module,
    File,
    Function,
    Method,
    Line,
    Caller,
    Logger,
    Name,
    User,
    Connection,
    Request,
    Service,
    /// `GET /path HTTP/1.1` of access logs.
    HttpLine,
    HttpStatus,
    /// What was asked for.
    Url,
    /// The status of an answer, and the unit of a plain `duration` beside it.
    Answer(Unit),
    /// How long an answer took.
    Took(Unit),
    Kind,
    /// What type an error is, in a block about one.
    Type,
    /// The same, named so wherever it stands.
    ErrorType,
    Reason,
    EventId,
    Involved,
    Details,
    Audit,
    /// A list of errors.
    Errors,
    /// The first letter of a level, as databases of documents write it.
    Initial,
    Inside(Zone),
}

/// Which object a member stands in: the same name means different things in different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Top,
    /// Another object in which a logger nests the whole record.
    Record,
    Labels,
    Context,
    Error,
    Source,
    User,
    Service,
    Level,
    /// What was asked for, and the answer, as servers of Node name them.
    Asked,
    Answered,
    /// What else there is to say; of it, errors alone are read.
    Detail,
}

/// The rank of messages that tell of an error.
pub(super) const OF_ERROR: u8 = 6;

const TABLE_SIZE: usize = 1024;

/// Open addressing, built at compile time: 0 is free, else the place in [`NAMES`] plus one.
static TABLE: [u8; TABLE_SIZE] = table();

#[expect(clippy::indexing_slicing, reason = "runs at compile time, where an index out of bounds is a build error")]
#[expect(clippy::cast_possible_truncation, reason = "there are fewer than 255 names, or the build fails")]
const fn table() -> [u8; TABLE_SIZE] {
    assert!(NAMES.len() < 255, "names are numbered by one byte");
    let mut table = [0u8; TABLE_SIZE];
    let mut index = 0;
    while index < NAMES.len() {
        let mut at = hash(NAMES[index].0.as_bytes());
        while table[at] != 0 {
            at = (at + 1) % TABLE_SIZE;
        }
        table[at] = index as u8 + 1;
        index += 1;
    }
    table
}

/// Length, first, middle and last letter, in any case.
const fn hash(key: &[u8]) -> usize {
    let (Some(first), Some(last), Some((_, tail))) = (key.first(), key.last(), key.split_at_checked(key.len() / 2))
    else {
        return 0;
    };
    let middle = match tail.first() {
        Some(byte) => *byte,
        None => 0,
    };
    let letters = ((*first | 0x20) as usize * 31 + (middle | 0x20) as usize) * 31 + (*last | 0x20) as usize;
    (letters * 31 + key.len()) % TABLE_SIZE
}

fn slot(key: &str) -> Option<Slot> {
    let mut at = hash(key.as_bytes());
    loop {
        let number = *TABLE.get(at)?;
        let (name, slot) = NAMES.get(usize::from(number.checked_sub(1)?))?;
        if name.len() == key.len() && name.eq_ignore_ascii_case(key) {
            return Some(*slot);
        }
        at = (at + 1) % TABLE_SIZE;
    }
}

/// A member that means something: what it is, the object it stands in, and its value.
pub(super) struct Member<'a> {
    pub(super) slot: Slot,
    pub(super) zone: Zone,
    pub(super) value: Value<'a>,
}

/// The members of a payload that mean something. Which ones there are depends on its layout alone.
pub(super) fn members<'a>(payload: Value<'a>, found: &mut impl FnMut(Member<'a>)) {
    members_of(payload, Zone::Top, found);
}

fn members_of<'a>(object: Value<'a>, zone: Zone, found: &mut impl FnMut(Member<'a>)) {
    for (key, value) in object.members() {
        let Some(slot) = slot(key).filter(|slot| zone != Zone::Detail || slot.tells_an_error()) else { continue };
        match slot.inside(zone).filter(|_| value.is_object()) {
            Some(inner) => {
                if inner == Zone::Error && printed::has_frames(value) {
                    found(Member { slot: Slot::Thrown, zone, value });
                }
                members_of(value, inner, found);
            }
            None if matches!(slot, Slot::Trace(_) | Slot::Inside(Zone::Error)) && value.is_array() => {
                found(Member { slot: Slot::Thrown, zone, value });
            }
            None => found(Member { slot, zone, value }),
        }
    }
}

/// What hangs on a member, in an entry that has a message or an `httpRequest`.
pub(super) enum Weight {
    /// Nothing.
    None,
    /// Text that differs from entry to entry: what is said, and whom it names.
    Text,
    /// What many entries share.
    Standing,
    /// What kind of entry it is.
    Kind,
}

impl Slot {
    /// What hangs on such a member of an entry that has a message or an `httpRequest`; [`Said`](super::message::Said) and its readers
    /// decide.
    pub(super) fn weight(self, zone: Zone) -> Weight {
        match self {
            Self::Thrown | Self::Errors => Weight::Kind,
            Self::Involved | Self::EventId | Self::Audit => {
                if zone == Zone::Top {
                    Weight::Kind
                } else {
                    Weight::None
                }
            }
            Self::HttpStatus if zone == Zone::Error => Weight::Text,
            Self::Name | Self::Type if matches!(zone, Zone::User | Zone::Error) => Weight::Text,
            // With what was asked for beside it, that is a request.
            Self::Answer(_) if zone == Zone::Answered => Weight::Kind,
            Self::Method if zone == Zone::Top => Weight::None,
            // Access logs without a message are told apart by these, and events of Kubernetes, which are a kind.
            Self::HttpLine
            | Self::HttpStatus
            | Self::Url
            | Self::Answer(_)
            | Self::Took(_)
            | Self::Kind
            | Self::Type
            | Self::Reason => Weight::None,
            // A text where others write an object of the place.
            Self::Inside(Zone::Source) => Weight::Standing,
            Self::Message(_)
            | Self::Text
            | Self::Trace(_)
            | Self::Inside(_)
            | Self::ErrorType
            | Self::User
            | Self::Connection
            | Self::Request
            | Self::Details => Weight::Text,
            _ => Weight::Standing,
        }
    }

    /// Whether such a member tells of an error.
    fn tells_an_error(self) -> bool {
        matches!(self, Self::Inside(Zone::Error) | Self::Trace(_) | Self::ErrorType | Self::Message(OF_ERROR))
    }

    /// What the members of such a member are about, if it is an object in `zone` that holds a part of the record.
    fn inside(self, zone: Zone) -> Option<Zone> {
        match self {
            Self::Message(_) | Self::Text if zone == Zone::Top => Some(Zone::Record),
            Self::Trace(_) if zone != Zone::Error => Some(Zone::Error),
            Self::Level if matches!(zone, Zone::Top | Zone::Record) => Some(Zone::Level),
            // Contexts may stand in contexts without end; one level is what loggers write.
            Self::Inside(inner) if zone != inner => match zone {
                Zone::Top => Some(inner),
                Zone::Record | Zone::Context => {
                    matches!(inner, Zone::Error | Zone::User | Zone::Source | Zone::Context).then_some(inner)
                }
                Zone::Detail => (inner == Zone::Error).then_some(inner),
                _ => None,
            },
            _ => None,
        }
    }
}
