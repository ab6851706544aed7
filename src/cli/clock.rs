//! Stages of a run in, how long each took out: talk for `-v`, never part of a result.

use std::time::{Duration, Instant};

use log_gardener::model::Worklog;

use super::outcome::say;

/// Measures stages.
pub struct Clock {
    last: Instant,
    stages: Vec<(&'static str, Duration)>,
}

#[expect(clippy::disallowed_methods, reason = "talk about the run itself; no result depends on it")]
fn now() -> Instant {
    Instant::now()
}

impl Clock {
    /// Starts measuring.
    pub fn start() -> Self {
        Self { last: now(), stages: Vec::new() }
    }

    /// Ends a stage.
    pub fn stage(&mut self, name: &'static str) {
        let now = now();
        self.stages.push((name, now.duration_since(self.last)));
        self.last = now;
    }

    /// Says how long each stage took, the rates, and the most memory that was held.
    pub fn say(&self, worklog: &Worklog) {
        let total: Duration = self.stages.iter().map(|(_, took)| *took).sum();
        for (name, took) in &self.stages {
            say(&format!("{:>9.3} s  {name}", took.as_secs_f64()));
        }
        let bytes: u64 = worklog.inputs.iter().map(|input| input.bytes).sum();
        let per_second = |amount: u64| {
            amount
                .checked_mul(1_000)
                .map_or(0, |amount| amount / u64::try_from(total.as_millis()).unwrap_or(u64::MAX).max(1))
        };
        say(&format!(
            "{:>9.3} s  in all: {bytes} bytes ({} MB/s), {} entries ({} a second), {} patterns{}",
            total.as_secs_f64(),
            per_second(bytes) / 1_000_000,
            worklog.totals.entries,
            per_second(worklog.totals.entries),
            worklog.totals.patterns,
            most_memory().map_or_else(String::new, |kilobytes| format!(", at most {} MB of memory", kilobytes / 1_024)),
        ));
    }
}

/// The most memory the process held, in kB, where the system tells.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
