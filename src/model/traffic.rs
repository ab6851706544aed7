//! Requests in, what each service answered and how long it took, over time, out. Bounded, and merged exactly.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Served, census::veiled};

/// So many services, by log, are kept: those with the smallest hash, so that what is kept is counted as a whole.
pub const KEPT_SERVED: usize = 256;

/// Whether each entry of a log is a request, whatever else it says: App Engine puts what was logged meanwhile into it.
pub fn is_request_log(log_name: &str) -> bool {
    log_name.ends_with("appengine.googleapis.com%2Frequest_log")
        || log_name.ends_with("appengine.googleapis.com/request_log")
}

/// The requests of all services.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Whether there were more services than are kept.
    overflowed: bool,
    /// By the hash of service and log as the entries name them.
    served: BTreeMap<u64, Served>,
}

impl Traffic {
    /// Adds requests.
    pub fn add(&mut self, served: Served) {
        self.add_hashed(Served::hash(&served.service, &served.log), served);
        self.cut();
    }

    /// Adds the requests of another part. Commutative and associative.
    pub fn merge(&mut self, other: Self) {
        self.overflowed |= other.overflowed;
        for (hash, served) in other.served {
            self.add_hashed(hash, served);
        }
        self.cut();
    }

    /// Takes back the requests of copies, whose twins stay counted.
    pub fn subtract(&mut self, copies: &Self) {
        for (hash, copies) in &copies.served {
            if let Some(served) = self.served.get_mut(hash) {
                served.subtract(copies);
            }
        }
    }

    /// The services with their requests, in no order that says anything.
    pub fn served(&self) -> impl Iterator<Item = &Served> {
        self.served.values()
    }

    /// Forgets when the requests were that stand in no stretch between two minutes; they stay counted.
    pub fn forget_beyond(&mut self, first: i64, last: i64) {
        self.served.values_mut().for_each(|served| served.forget_beyond(first, last));
    }

    /// Rewrites services and logs, each by itself, for which there is another name.
    pub fn rewrite(&mut self, mut rewrite: impl FnMut(&str) -> Option<String>) {
        for (mut hash, mut served) in std::mem::take(&mut self.served) {
            for name in [&mut served.service, &mut served.log] {
                if let Some(other) = rewrite(name).filter(|other| other != name) {
                    hash = veiled(hash, name.len(), &other);
                    *name = other;
                }
            }
            self.add_hashed(hash, served);
        }
    }

    /// Whether there were no more services than are kept.
    pub fn is_whole(&self) -> bool {
        !self.overflowed
    }

    fn add_hashed(&mut self, hash: u64, served: Served) {
        match self.served.get_mut(&hash) {
            Some(held) => held.merge(served),
            None => {
                self.served.insert(hash, served);
            }
        }
    }

    fn cut(&mut self) {
        while self.served.len() > KEPT_SERVED {
            self.served.pop_last();
            self.overflowed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{KEPT_STRETCHES, Steps};
    use proptest::prelude::*;

    type Request = (u8, i64, u64);

    fn traffic(requests: &[Request]) -> Traffic {
        let mut traffic = Traffic::default();
        for (service, minute, nanos) in requests {
            let mut served = Served::new(&format!("s{service}"), "requests");
            let failed = u64::from(nanos.is_multiple_of(3));
            served.classes = [0, 0, 1 - failed, 0, 0, failed];
            served.slowest = Some(*nanos);
            served.add(*minute, |stretch| {
                stretch.requests += 1;
                stretch.failed += failed;
                stretch.took.add(Steps::of(*nanos), 1);
                if failed > 0 {
                    stretch.took_errors.add(Steps::of(*nanos), 1);
                    *stretch.errors.entry(500).or_default() += 1;
                }
            });
            traffic.add(served);
        }
        traffic
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn parts_give_the_whole_in_any_split_and_copies_are_taken_back(
            requests in prop::collection::vec((0u8..3, -40i64..2_000, any::<u64>()), 0..900),
            cut in 0usize..900,
        ) {
            let (left, right) = requests.split_at(cut.min(requests.len()));
            let whole = traffic(&requests);
            let mut merged = traffic(right);
            merged.merge(traffic(left));
            prop_assert_eq!(&merged, &whole);
            let mut twice = whole.clone();
            twice.merge(traffic(left));
            twice.subtract(&traffic(left));
            prop_assert_eq!(&twice, &whole);
            for served in whole.served() {
                prop_assert_eq!(served.took().total(), served.requests());
                prop_assert_eq!(served.took_errors().map(|took| took.total()), Some(served.of_class(5)));
                prop_assert!(served.stretches().0.len() <= KEPT_STRETCHES);
            }
        }

        #[test]
        fn of_many_services_the_same_are_kept_in_any_split(cut in 0u64..400) {
            let named = |numbers: std::ops::Range<u64>| {
                let mut traffic = Traffic::default();
                for number in numbers {
                    let mut served = Served::new(&format!("s{}", number % 300), "requests");
                    served.classes = [0, 0, 1, 0, 0, 0];
                    traffic.add(served);
                }
                traffic
            };
            let mut merged = named(cut..400);
            merged.merge(named(0..cut));
            let whole = named(0..400);
            prop_assert_eq!(&merged, &whole);
            prop_assert!(!whole.is_whole() && whole.served().count() == KEPT_SERVED);
            let expected = |served: &Served| served.service.trim_start_matches('s').parse::<u64>().map_or(0, |number| 1 + u64::from(number < 100));
            prop_assert!(whole.served().all(|served| served.requests() == expected(served)));
        }
    }

    #[test]
    fn stretches_grow_with_the_time_they_cover() {
        let minutes = |span: i64| {
            let requests: Vec<Request> = (0..2_000).map(|number| (0, number * span / 2_000, 5)).collect();
            traffic(&requests).served().map(|served| served.stretches().1).next()
        };
        assert_eq!([360, 361, 1_440, 4_320, 20_000].map(minutes), [1, 5, 5, 15, 60].map(Some));
    }

    #[test]
    fn names_are_rewritten_and_not_told_by_their_hash() {
        let (mut one, mut other) = (traffic(&[(0, 1, 7), (1, 1, 7)]), traffic(&[(0, 2, 8), (2, 1, 7)]));
        let mut whole = one.clone();
        whole.merge(other.clone());
        let plain: Vec<u64> = whole.served.keys().copied().collect();
        for traffic in [&mut one, &mut other, &mut whole] {
            traffic.rewrite(|name| name.starts_with('s').then(|| name.replace('s', "<secret>")));
        }
        one.merge(other);
        assert_eq!(one, whole);
        assert!(whole.served.iter().all(|(hash, held)| held.service.starts_with("<secret>") && !plain.contains(hash)));
        assert_eq!(whole.served.len(), 3);
    }

    #[test]
    fn times_are_forgotten_and_requests_stay() {
        let mut traffic = traffic(&[(0, 10, 7), (0, 11, 9), (0, 9_999, 4_000)]);
        traffic.forget_beyond(10, 11);
        for served in traffic.served() {
            assert_eq!((served.stretches().0.len(), served.took().total(), served.requests()), (2, 3, 3));
        }
    }
}
