//! The second look where the shards of an archive are elsewhere: the moments out to them, what each shard holds around
//! the moments back, and all of it merged as if the archive had been read in one place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::moments::Moments;
use super::neighbours::{Neighbours, Shown};
use crate::model::{Digest, Making, Portable};

/// What those who hold the shards are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enquiry {
    /// How the entries of the merged Digests were counted, if they note it.
    pub made: Option<Making>,
    /// The moments whose surroundings are wanted.
    pub moments: Moments,
}

impl Portable for Enquiry {
    const FORMAT: &'static str = "log-gardener moments";
    const MADE_BY: &'static str = "log-gardener merge DIGEST... --moments FILE";
}

impl Enquiry {
    /// Equal for the same moments of the same Digests.
    fn key(&self) -> String {
        blake3::hash(&self.to_bytes()).to_hex().to_string()
    }
}

/// What one shard holds around the moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surroundings {
    /// The key of what was asked.
    enquiry: String,
    /// The inputs that were read, each with what could not be read of it: offset and reason.
    inputs: BTreeMap<String, Vec<(u64, String)>>,
    neighbours: Neighbours<Shown>,
}

impl Portable for Surroundings {
    const FORMAT: &'static str = "log-gardener context";
    const MADE_BY: &'static str = "log-gardener digest PATH... --moments MOMENTS -o FILE";
}

impl Surroundings {
    /// What was found; `inputs` are all that were read, each with its faults.
    pub fn new(enquiry: &Enquiry, inputs: BTreeMap<String, Vec<(u64, String)>>, neighbours: Neighbours<Shown>) -> Self {
        Self { enquiry: enquiry.key(), inputs, neighbours }
    }

    /// Whether this answers the enquiry.
    pub fn answers(&self, enquiry: &Enquiry) -> bool {
        self.enquiry == enquiry.key()
    }

    /// What could not be read: input, offset and reason.
    pub fn faults(&self) -> impl Iterator<Item = (&str, u64, &str)> {
        let inputs = self.inputs.iter();
        inputs
            .flat_map(|(path, faults)| faults.iter().map(|(offset, reason)| (path.as_str(), *offset, reason.as_str())))
    }
}

/// Merges what the shards of a Digest hold around the moments; inputs that none of them read again are noted as lost.
pub fn gather(digest: &Digest, moments: &Moments, shards: Vec<Surroundings>) -> Neighbours<Shown> {
    let mut neighbours = Neighbours::default();
    if shards.is_empty() {
        return neighbours;
    }
    let mut unread = moments.zones(digest);
    for shard in shards {
        neighbours.merge(shard.neighbours);
        for (path, faults) in shard.inputs {
            unread.remove(path.as_str());
            neighbours.check(&path, &faults, &digest.skips);
        }
    }
    for path in unread.into_keys() {
        neighbours.lose(path.as_ref().to_owned());
    }
    neighbours.complete();
    neighbours
}
