//! A record met before in, as much of the next one as is like it out.
//!
//! Of the values of two records of one layout most are the same: log, resource, labels. So a record is compared with a
//! sample of its layout, many bytes at once, and only where they differ is a value looked for. What is equal to bytes that
//! were found valid is valid, and stands for the same.
#![expect(clippy::inline_always, reason = "only what is inlined is compiled for the registers of its caller")]

use super::literal::{Told, offset};
use super::vector::Vector;
use crate::model::{Form, Literal};

/// Longer records are not kept as samples.
const LONGEST: usize = 16 << 10;
/// So many unlike records in turn, and the last of them becomes the sample.
const UNLIKE: u32 = 8;

/// A record of a layout, and how often it helped.
#[derive(Default)]
pub(super) struct Sample {
    record: Vec<u8>,
    literals: Vec<Literal>,
    /// How many records came since that have less than half of their values from it.
    unlike: u32,
}

/// How far a record is read.
#[derive(Clone, Copy)]
pub(super) struct Reached {
    /// How many of its literals.
    pub(super) literals: usize,
    /// The byte it is read to: of a text its closing quote.
    pub(super) at: usize,
    /// How many of the literals are as in a sample.
    pub(super) same: usize,
}

impl Sample {
    /// Takes the record as the sample if there is none, or none that is like it.
    pub(super) fn consider(&mut self, record: &str, literals: &[Literal], same: usize) {
        if same * 2 < literals.len() {
            self.unlike += 1;
        } else {
            self.unlike = 0;
        }
        if (self.record.is_empty() || self.unlike >= UNLIKE) && record.len() <= LONGEST {
            record.as_bytes().clone_into(&mut self.record);
            literals.clone_into(&mut self.literals);
            self.unlike = 0;
        }
    }

    /// Bytes that are held.
    pub(super) fn size(&self) -> usize {
        self.record.capacity() + self.literals.capacity() * size_of::<Literal>()
    }

    /// Reads on from where a record has been read, as far as its constants are those of the sample: the first byte behind
    /// the record, if that is to its end.
    #[inline(always)]
    pub(super) fn follow<V: Vector>(
        &self,
        record: &str,
        reached: &mut Reached,
        literals: &mut Vec<Literal>,
        told: &mut Told,
    ) -> Option<usize> {
        if self.record.is_empty() {
            return None;
        }
        let bytes = record.as_bytes();
        let before = reached.literals.checked_sub(1).and_then(|last| self.literals.get(last));
        let mut theirs = before.map_or(0, |literal| literal.to as usize);
        loop {
            let same = V::same(bytes.get(reached.at..)?, self.record.get(theirs..)?);
            let (ours, equal) = (reached.at, theirs + same);
            // Places wrap, but where they stand in the record, which has fewer bytes than they can count.
            let by = offset(ours)?.wrapping_sub(offset(theirs)?);
            let mut end = theirs;
            // The byte behind a value tells where it ends, so it has to be the same too.
            while let Some(known) = self.literals.get(reached.literals)
                && (known.to as usize) < equal
                && known.form == Form::Plain
            {
                let [from, to] = [known.from.wrapping_add(by), known.to.wrapping_add(by)];
                literals.push(Literal { from, to, form: Form::Plain });
                reached.literals += 1;
                reached.same += 1;
                end = known.to as usize;
            }
            reached.at = ours + end - theirs;
            let Some(known) = self.literals.get(reached.literals) else {
                return (equal == self.record.len()).then_some(ours + same);
            };
            if known.from as usize > equal {
                return None;
            }
            let from = known.from.wrapping_add(by) as usize;
            let found = match known.form {
                Form::Scalar(_) => told.scalar(record, from),
                _ => match V::special(bytes, from) {
                    Some(to) if bytes.get(to) == Some(&b'"') => {
                        Some(Literal { from: offset(from)?, to: offset(to)?, form: Form::Plain })
                    }
                    _ => told.text(record, from),
                },
            };
            let found = found?;
            literals.push(found);
            reached.literals += 1;
            (reached.at, theirs) = (found.to as usize, known.to as usize);
        }
    }
}
