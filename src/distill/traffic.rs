//! Requests while they stream by in, what each service answered over time out.
//!
//! Requests come nearly in the order of time, so each service holds one minute open, in which counting is an addition.

use hashbrown::HashMap;

use super::origin::Origin;
use super::reading::Endpoint;
use super::standing::Id;
use crate::model::{Served, Steps, Timestamp, Traffic};

/// With so many services a worker hands over what it counted.
const HELD: usize = 4_096;
/// No number of a service.
const UNKNOWN: u32 = u32::MAX;
/// Answers below it leave a connection open: their latency says how long it was, not how long anybody waited.
const FIRST_ANSWER: u64 = 200;

/// The requests of one worker.
#[derive(Default)]
pub(super) struct Requests {
    /// The number of the service and log of each origin.
    numbers: Vec<u32>,
    open: Vec<Open>,
    /// The numbers by the hash of service and log.
    by_name: HashMap<u64, u32>,
}

/// The requests of one service in one log.
struct Open {
    served: Served,
    minute: i64,
    requests: u64,
    failed: u64,
    /// The requests of the minute by step, and the steps that have any.
    took: Box<[u64; Steps::ALL]>,
    steps: Vec<u32>,
}

impl Requests {
    /// Counts one request.
    pub(super) fn add(&mut self, id: Id<Origin>, origin: &Origin, endpoint: &Endpoint<'_>, time: Option<Timestamp>) {
        let number = match self.numbers.get(id.number() as usize) {
            Some(number) if *number != UNKNOWN => *number,
            _ => self.number(id, origin),
        };
        if let Some(open) = self.open.get_mut(number as usize) {
            open.add(endpoint.status, endpoint.latency_nanos, time);
        }
    }

    fn number(&mut self, id: Id<Origin>, origin: &Origin) -> u32 {
        let (service, log) = (origin.component(), origin.log.as_str());
        let next = u32::try_from(self.open.len()).unwrap_or(UNKNOWN);
        let number = *self.by_name.entry(Served::hash(service, log)).or_insert_with(|| {
            self.open.push(Open::new(service, log));
            next
        });
        let id = id.number() as usize;
        if self.numbers.len() <= id {
            self.numbers.resize(id + 1, UNKNOWN);
        }
        if let Some(held) = self.numbers.get_mut(id) {
            *held = number;
        }
        number
    }

    /// Whether it is time to hand over.
    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= HELD
    }

    /// Hands over what was counted; origins are numbered anew.
    pub(super) fn settle(&mut self, traffic: &mut Traffic) {
        self.numbers.clear();
        self.by_name.clear();
        for mut open in self.open.drain(..) {
            open.close();
            traffic.add(open.served);
        }
    }
}

impl Open {
    fn new(service: &str, log: &str) -> Self {
        Self {
            served: Served::new(service, log),
            minute: i64::MIN,
            requests: 0,
            failed: 0,
            took: Box::new([0; Steps::ALL]),
            steps: Vec::new(),
        }
    }

    fn add(&mut self, status: u64, latency_nanos: Option<u64>, time: Option<Timestamp>) {
        let class = usize::try_from(status / 100).ok().filter(|class| *class < self.served.classes.len()).unwrap_or(0);
        if let Some(count) = self.served.classes.get_mut(class) {
            *count += 1;
        }
        if let Some(minute) = time.map(Timestamp::minute) {
            if minute != self.minute {
                self.close();
                self.minute = minute;
            }
            self.requests += 1;
            self.failed += u64::from(class == 5);
        }
        let Some(nanos) = latency_nanos.filter(|_| status == 0 || status >= FIRST_ANSWER) else { return };
        self.served.slowest = self.served.slowest.max(Some(nanos));
        let step = Steps::of(nanos);
        if time.is_none() {
            self.served.untimed.add(step, 1);
        } else if let Some(count) = self.took.get_mut(step as usize) {
            if *count == 0 {
                self.steps.push(step);
            }
            *count += 1;
        }
    }

    fn close(&mut self) {
        if self.requests == 0 {
            return;
        }
        let (requests, failed) = (std::mem::take(&mut self.requests), std::mem::take(&mut self.failed));
        let took = self.steps.drain(..).map(|step| (step, self.took.get_mut(step as usize).map_or(0, std::mem::take)));
        self.served.add(self.minute, requests, failed, took);
    }
}
