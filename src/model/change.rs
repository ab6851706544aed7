//! Two counts with what each was seen within, whether the rate changed beyond noise out.

/// A change counts from this factor on, up or down.
pub const LEAST_FACTOR: f64 = 1.5;
/// A change counts from this many standard deviations on.
pub const LEAST_DEVIATIONS: f64 = 3.0;

/// How often something was seen within how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Entries.
    pub count: u64,
    /// What they were seen within: seconds, or entries of all kinds.
    pub within: f64,
    /// Variance by mean of its buckets in thousandths; 1000 for events that come independently, more for bursts.
    pub dispersion: u64,
}

impl Seen {
    /// How often it was seen within one.
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub fn rate(self) -> f64 {
        if self.within > 0.0 { self.count as f64 / self.within } else { 0.0 }
    }

    /// Variance by mean over `buckets` buckets, in thousandths; those that are not given are empty.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "capped first")]
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    pub fn dispersion(counts: impl Iterator<Item = u64>, buckets: usize) -> u64 {
        let (mut total, mut squares) = (0, 0u128);
        for count in counts {
            total += count;
            squares += u128::from(count).pow(2);
        }
        if buckets < 3 || total == 0 {
            return 1000;
        }
        let mean = total as f64 / buckets as f64;
        let variance = (squares as f64 / buckets as f64 - mean * mean).max(0.0);
        ((variance / mean * 1000.0).round().clamp(1000.0, 1e12)) as u64
    }
}

/// What became of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Risen by the least factor and beyond noise.
    Up,
    /// Fallen likewise.
    Down,
    /// Neither.
    Steady,
}

/// The direction of a rate, and the figures it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The verdict.
    pub direction: Direction,
    /// Rate now by rate then; `None` if there was none then.
    pub ratio: Option<f64>,
    /// Standard deviations between the two.
    pub z: f64,
}

impl Change {
    /// Compares two rates.
    ///
    /// The deviations are those of two Poisson rates on a square-root scale, where they hold for small counts too,
    /// divided by how much burstier than Poisson the entries came.
    #[expect(clippy::cast_precision_loss, reason = "a test statistic")]
    pub fn between(before: Seen, now: Seen) -> Self {
        let ratio = (before.count > 0).then(|| if before.rate() > 0.0 { now.rate() / before.rate() } else { 0.0 });
        if before.within <= 0.0 || now.within <= 0.0 {
            return Self { direction: Direction::Steady, ratio, z: 0.0 };
        }
        let scale = now.within / before.within;
        let root = |count: u64| (count as f64 + 0.375).sqrt();
        let poisson = 2.0 * (root(now.count) - root(before.count) * scale.sqrt()) / (1.0 + scale).sqrt();
        let burstiness = (before.dispersion.max(now.dispersion).max(1000) as f64 / 1000.0).sqrt();
        let z = poisson / burstiness;
        let direction = match ratio {
            Some(ratio) if z >= LEAST_DEVIATIONS && ratio >= LEAST_FACTOR => Direction::Up,
            Some(ratio) if z <= -LEAST_DEVIATIONS && ratio * LEAST_FACTOR <= 1.0 => Direction::Down,
            None if z >= LEAST_DEVIATIONS => Direction::Up,
            _ => Direction::Steady,
        };
        Self { direction, ratio, z }
    }
}
