//! SIGINT, SIGTERM, SIGHUP in, a flag that stops the run out; the second signal ends the process at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use super::Outcome;

/// The signal that stopped the run, 0 if none did.
static STOPPED_BY: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Makes the first signal set the flag that is returned, and the second one exit.
pub fn watch() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for (signal, code) in [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] {
        // Without a handler the default holds: the first signal ends the process, and nothing is half written.
        drop(flag::register_conditional_shutdown(signal, code, Arc::clone(&interrupted)));
        drop(flag::register_usize(signal, Arc::clone(&STOPPED_BY), usize::try_from(signal).unwrap_or_default()));
        drop(flag::register(signal, Arc::clone(&interrupted)));
    }
    interrupted
}

/// How a run that was stopped ended.
pub fn outcome() -> Outcome {
    if STOPPED_BY.load(Ordering::Relaxed) == usize::try_from(SIGTERM).unwrap_or_default() {
        Outcome::Terminated
    } else {
        Outcome::Interrupted
    }
}
