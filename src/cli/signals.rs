//! SIGINT, SIGTERM, SIGHUP in, a flag that stops the run out; the second signal ends the process at once.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::Outcome;
use super::outcome::say;

/// The signal that stopped the run, 0 if none did.
static STOPPED_BY: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);
/// How many bytes of input were handed out.
static REACHED: AtomicU64 = AtomicU64::new(0);
/// What the run is at: one of the three below.
static STAGE: AtomicU8 = AtomicU8::new(READING);
/// Nothing is written yet: the run may be ended from outside.
const READING: u8 = 0;
/// Outputs are being written, to their end.
const WRITING: u8 = 1;
/// The process is being ended.
const ENDING: u8 = 2;
/// How long a run has to see the flag by itself; one that waits for input never does.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the flag is looked at.
const PULSE: Duration = Duration::from_millis(100);

/// Makes the first signal set the flag that is returned, and the second one exit.
pub fn watch() -> Arc<AtomicBool> {
    STAGE.store(READING, Ordering::SeqCst);
    let interrupted = Arc::new(AtomicBool::new(false));
    for (signal, code) in [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] {
        // Without a handler the default holds: the first signal ends the process, and nothing is half written.
        drop(flag::register_conditional_shutdown(signal, code, Arc::clone(&interrupted)));
        drop(flag::register_usize(signal, Arc::clone(&STOPPED_BY), usize::try_from(signal).unwrap_or_default()));
        drop(flag::register(signal, Arc::clone(&interrupted)));
    }
    let seen = Arc::clone(&interrupted);
    std::thread::spawn(move || end_what_waits(&seen));
    interrupted
}

/// Ends the process when a signal came and the run, waiting for input that does not come, goes on reading.
#[expect(clippy::exit, reason = "a read that waits can be ended in no other way")]
fn end_what_waits(interrupted: &AtomicBool) {
    while !interrupted.load(Ordering::Relaxed) {
        std::thread::sleep(PULSE);
    }
    std::thread::sleep(PATIENCE);
    if STAGE.compare_exchange(READING, ENDING, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
        let bytes = REACHED.load(Ordering::Relaxed);
        say(&format!("log-gardener: interrupted: after {bytes} bytes of input; nothing was written"));
        std::process::exit(if outcome() == Outcome::Terminated { 143 } else { 130 });
    }
}

/// Remembers where the run is, to be said when it is ended.
pub fn reached(bytes: u64) {
    REACHED.store(bytes, Ordering::Relaxed);
}

/// From here on outputs are written, and a signal no longer ends the run.
pub fn writing_begins() {
    if STAGE.swap(WRITING, Ordering::SeqCst) == ENDING {
        // The other thread has said that nothing was written, and ends the process.
        loop {
            std::thread::sleep(PULSE);
        }
    }
}

/// How a run that was stopped ended.
pub fn outcome() -> Outcome {
    if STOPPED_BY.load(Ordering::Relaxed) == usize::try_from(SIGTERM).unwrap_or_default() {
        Outcome::Terminated
    } else {
        Outcome::Interrupted
    }
}
