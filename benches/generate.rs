//! A seed and a size in, a dump of that size out, for benches and load tests: `cargo run --release --example generate`.
//!
//! The same arguments give the same bytes on every machine: no clock, no hash order.

mod dump;

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::PathBuf;

use clap::Parser;

use dump::{Dump, Form, Mode};
/// Writes a made-up dump of Google Cloud Logging.
#[derive(Parser)]
struct Arguments {
    /// Bytes to write, about; K, M and G are understood.
    #[arg(long, default_value = "100M", value_parser = bytes)]
    size: u64,
    /// How the dump is laid out.
    #[arg(long, value_enum, default_value = "pretty")]
    form: Form,
    /// What the entries say.
    #[arg(long, value_enum, default_value = "realistic")]
    mode: Mode,
    /// Of a hundred entries, how many are written a second time a little later.
    #[arg(long, default_value_t = 0)]
    duplicates: u64,
    /// Another number gives another dump.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write; standard output if absent.
    #[arg(long)]
    output: Option<PathBuf>,
}

fn bytes(text: &str) -> Result<u64, String> {
    let number = text.trim_end_matches(['B', 'b']);
    let (digits, factor) = match number.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 1_000),
        None => match number.strip_suffix(['M', 'm']) {
            Some(digits) => (digits, 1_000_000),
            None => number.strip_suffix(['G', 'g']).map_or((number, 1), |digits| (digits, 1_000_000_000)),
        },
    };
    digits.parse::<u64>().map(|number| number * factor).map_err(|error| error.to_string())
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let Arguments { size, form, mode, duplicates, seed, .. } = arguments;
    let dump = Dump { size, form, mode, duplicates, seed };
    match &arguments.output {
        Some(path) => dump.write(BufWriter::with_capacity(1 << 20, File::create(path)?)),
        None => dump.write(BufWriter::with_capacity(1 << 20, io::stdout().lock())),
    }
}
