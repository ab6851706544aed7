//! Requests while they stream by in, what each service answered over time out.
//!
//! Requests come nearly in the order of time, so each service holds one minute open, in which counting is an addition.

use hashbrown::HashMap;

use super::origin::Origin;
use super::reading::Endpoint;
use super::standing::Id;
use crate::model::{Served, Steps, Stretch, Timestamp, Traffic};

/// With so many services a worker hands over what it counted.
const HELD: usize = 2_048;
/// No number of a service.
const UNKNOWN: u32 = u32::MAX;
/// Answers below it leave a connection open: their latency says how long it was, not how long anybody waited.
const FIRST_ANSWER: u64 = 200;
/// Errors are answered by 4xx and 5xx.
const FIRST_ERROR: u16 = 400;
const ERRORS: usize = 200;
// What a minute counts stands in one row: successes by step, errors by step, errors by status.
const BY_STEP: usize = Steps::ALL;
const BY_STATUS: usize = 2 * Steps::ALL;
const ROW: usize = BY_STATUS + ERRORS;

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
    /// The row of the minute, and the places in it that hold any.
    row: Box<[u64; ROW]>,
    held: Vec<usize>,
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
            row: Box::new([0; ROW]),
            held: Vec::new(),
        }
    }

    fn add(&mut self, status: u64, latency_nanos: Option<u64>, time: Option<Timestamp>) {
        let class = usize::try_from(status / 100).ok().filter(|class| *class < self.served.classes.len()).unwrap_or(0);
        if let Some(count) = self.served.classes.get_mut(class) {
            *count += 1;
        }
        let error = usize::try_from(status.wrapping_sub(FIRST_ERROR.into())).ok().filter(|error| *error < ERRORS);
        if let Some(minute) = time.map(Timestamp::minute) {
            if minute != self.minute {
                self.close();
                self.minute = minute;
            }
            self.requests += 1;
            if let Some(error) = error {
                self.count(BY_STATUS + error);
            }
        }
        let Some(nanos) = latency_nanos.filter(|_| status == 0 || status >= FIRST_ANSWER) else { return };
        let slowest = if error.is_some() { &mut self.served.slowest_error } else { &mut self.served.slowest_success };
        *slowest = (*slowest).max(Some(nanos));
        let step = Steps::of(nanos);
        if time.is_some() {
            self.count(step as usize + if error.is_some() { BY_STEP } else { 0 });
        } else {
            self.served.untimed.add(step, 1);
            if error.is_some() {
                self.served.untimed_errors.add(step, 1);
            }
        }
    }

    fn count(&mut self, at: usize) {
        if let Some(count) = self.row.get_mut(at) {
            if *count == 0 {
                self.held.push(at);
            }
            *count += 1;
        }
    }

    fn close(&mut self) {
        self.served.slowest = self.served.slowest_success.max(self.served.slowest_error);
        if self.requests == 0 {
            return;
        }
        let Self { row, held, .. } = self;
        let requests = std::mem::take(&mut self.requests);
        self.served.add(self.minute, |stretch| {
            stretch.requests += requests;
            for at in held.drain(..) {
                settle(at, row.get_mut(at).map_or(0, std::mem::take), stretch);
            }
        });
    }
}

/// Adds what stands at a place of a row.
fn settle(at: usize, count: u64, stretch: &mut Stretch) {
    let number = |at: usize| u16::try_from(at).unwrap_or_default();
    if at >= BY_STATUS {
        let status = FIRST_ERROR + number(at - BY_STATUS);
        *stretch.errors.entry(status).or_default() += count;
        stretch.failed += if status >= 500 { count } else { 0 };
        return;
    }
    let step = u32::from(number(at % BY_STEP));
    stretch.took.add(step, count);
    if at >= BY_STEP {
        stretch.took_errors.add(step, count);
    }
}
