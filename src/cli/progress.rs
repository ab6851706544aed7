//! Bytes read in, a bar on a terminal out.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The bar of a run: on stderr, on terminals only, hidden when asked to be quiet.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar that nobody sees unless stderr is a terminal and `quiet` is false.
    pub fn new(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if shown {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { bar }
    }

    /// A closure that moves the bar; the total is 0 where it is not known.
    pub fn mover(&self) -> impl Fn(u64, u64) + Sync + use<> {
        let bar = self.bar.clone();
        move |done, total| set(&bar, done, total)
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}

fn set(bar: &ProgressBar, done: u64, total: u64) {
    if total > 0 && bar.length() != Some(total) {
        bar.set_length(total);
        bar.set_style(style("{bar:32} {bytes}/{total_bytes} {bytes_per_sec} {eta} left"));
    } else if total == 0 && bar.position() == 0 {
        bar.set_style(style("{spinner} {bytes} {bytes_per_sec}"));
    }
    bar.set_position(done);
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
