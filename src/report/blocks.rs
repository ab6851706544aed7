//! Counts in, rows of blocks out: timelines on one line, bars.

/// Counts as a row of blocks: `▁▂▅█`; a dot where there is nothing.
pub(super) fn sparkline(counts: &[u64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let block = |count: u64| {
        let level = (u128::from(count) * 8).div_ceil(u128::from(most)).clamp(1, 8);
        let block = usize::try_from(level).ok().and_then(|level| BLOCKS.get(level - 1)).copied();
        block.filter(|_| count > 0).unwrap_or('·')
    };
    counts.iter().copied().map(block).collect()
}

/// A share from 0 to 1 as a bar of blocks, `width` wide.
pub(super) fn bar(share: f64, width: usize) -> String {
    let width = width.min(200);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a bar for display"
    )]
    let filled = ((share.clamp(0.0, 1.0) * width as f64).round() as usize).max(usize::from(share > 0.0)).min(width);
    "█".repeat(filled) + &"░".repeat(width - filled)
}

/// Counts folded into at most `columns` neighbouring sums, so a long timeline fits a line; a last sum of fewer counts is
/// drawn up to what a whole one would be.
pub(super) fn fold(counts: &[u64], columns: usize) -> Vec<u64> {
    let step = counts.len().div_ceil(columns.max(1)).max(1);
    let sum = |chunk: &[u64]| chunk.iter().fold(0u64, |sum, count| sum.saturating_add(*count));
    let mut folded: Vec<u64> = counts.chunks(step).map(sum).collect();
    if let [.., before, last] = folded.as_mut_slice() {
        let seen = counts.len() - (counts.len() - 1) / step * step;
        #[expect(clippy::cast_precision_loss, reason = "a few steps")]
        let (step, seen) = (step as f64, seen as f64);
        *last = whole(*last, step, seen, *before);
    }
    folded
}

/// What a count would be over a whole step, where only a part of it was seen: at most five times as much, and no more than
/// beside it, since little follows from a short look.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the height of a block; a float beyond the range saturates"
)]
pub(super) fn whole(count: u64, step: f64, seen: f64, beside: u64) -> u64 {
    const MOST: f64 = 5.0;
    let times = if seen > 0.0 { (step / seen).clamp(1.0, MOST) } else { MOST };
    let whole = if times > 1.0 { (count as f64 * times).round() as u64 } else { count };
    whole.min(beside.max(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_blocks() {
        assert_eq!(sparkline(&[0, 1, 4, 8]), "·▁▄█");
        assert_eq!(bar(0.5, 4), "██░░");
        assert_eq!(bar(0.001, 4), "█░░░");
        assert_eq!(fold(&[1, 2, 3, 4, 5], 2), [6, 9]);
    }

    #[test]
    fn a_part_of_a_step_is_drawn_as_a_whole_one() {
        assert_eq!(fold(&[3; 10], 4), [9, 9, 9, 9]);
        assert_eq!(fold(&[3, 4], 4), [3, 4]);
        assert_eq!([30.0, 1.0, 0.0].map(|seen| whole(10, 60.0, seen, 90)), [20, 50, 50]);
        assert_eq!((whole(10, 60.0, 30.0, 12), whole(10, 60.0, 30.0, 3)), (12, 10));
        assert_eq!(whole(u64::MAX, 60.0, 1.0, 0), u64::MAX);
    }
}
