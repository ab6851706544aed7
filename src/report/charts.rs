//! Counts over time in, inline SVG out; made of numbers and fixed words alone.

use std::fmt::Write;

use minijinja::Error;
use minijinja::value::Value;

use super::filters::finished;

const WIDTH: u64 = 960;
const HEIGHT: u64 = 180;

/// The bands of the stacked timeline, most severe first: class, and the severities in it.
const BANDS: [(&str, &[&str]); 5] = [
    ("critical", &["EMERGENCY", "ALERT", "CRITICAL"]),
    ("error", &["ERROR"]),
    ("warning", &["WARNING"]),
    ("notice", &["NOTICE"]),
    ("info", &["INFO", "DEBUG", "DEFAULT"]),
];

/// A small filled line, 120 by 28, that scales with its box.
pub(super) fn sparkline(counts: &[u64]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let mut out =
        String::from("<svg class=\"spark\" viewBox=\"0 0 120 28\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    let columns = counts.len().max(1) as u64;
    for (index, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (u128::from(*count) * 26).div_ceil(u128::from(most)).max(2);
        let (left, right) = (index as u64 * 12_000 / columns, (index as u64 + 1) * 12_000 / columns);
        let width = (right - left).saturating_sub(if columns > 60 { 0 } else { 40 }).max(60);
        rectangle(&mut out, left, width, (28 - height, height));
    }
    out.push_str("</svg>");
    out
}

fn rectangle(out: &mut String, left: u64, width: u64, (top, height): (u128, u128)) {
    // Hundredths keep the page free of long fractions. Writing to a String cannot fail.
    let _ = write!(
        out,
        "<rect x=\"{}.{:02}\" y=\"{top}\" width=\"{}.{:02}\" height=\"{height}\"/>",
        left / 100,
        left % 100,
        width / 100,
        width % 100
    );
}

/// `timeline.buckets|svg_timeline`: entries over time, stacked by severity; with `"severe"` NOTICE and above alone.
#[expect(clippy::needless_pass_by_value, reason = "template filters take owned values")]
pub(super) fn timeline_filter(buckets: Value, which: Option<String>) -> Result<Value, Error> {
    let severe = which.as_deref() == Some("severe");
    let mut columns: Vec<[u64; BANDS.len()]> = Vec::new();
    for bucket in buckets.try_iter()? {
        let severities = bucket.get_attr("by_severity")?;
        let sum = |names: &[&str]| -> u64 {
            let counts = names.iter().filter_map(|name| severities.get_attr(name).ok());
            counts.filter_map(|count| u64::try_from(count).ok()).sum()
        };
        columns.push(BANDS.map(|(class, names)| if severe && class == "info" { 0 } else { sum(names) }));
    }
    let step = columns.len().div_ceil(160).max(1);
    let folded: Vec<_> = columns.chunks(step).map(add).collect();
    Ok(finished(timeline(&folded)))
}

fn add(columns: &[[u64; BANDS.len()]]) -> [u64; BANDS.len()] {
    let mut sum = [0u64; BANDS.len()];
    for column in columns {
        for (total, count) in sum.iter_mut().zip(column) {
            *total = total.saturating_add(*count);
        }
    }
    sum
}

fn timeline(columns: &[[u64; BANDS.len()]]) -> String {
    let total = |column: &[u64; BANDS.len()]| column.iter().fold(0u64, |sum, count| sum.saturating_add(*count));
    let most = columns.iter().map(total).max().unwrap_or(0).max(1);
    let mut out = format!(
        "<svg class=\"timeline\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"entries over time, stacked by severity\">"
    );
    for quarter in 1..4 {
        let y = HEIGHT * quarter / 4;
        let _ = write!(out, "<line x1=\"0\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/>");
    }
    let count = columns.len().max(1) as u64;
    for (band, (class, _)) in BANDS.iter().enumerate() {
        let _ = write!(out, "<g class=\"{class}\">");
        for (index, column) in columns.iter().enumerate() {
            let Some(own) = column.get(band).copied().filter(|own| *own > 0) else { continue };
            let below: u64 = column.iter().take(band).fold(0, |sum, count| sum.saturating_add(*count));
            let scaled = |part: u64| u128::from(part) * u128::from(HEIGHT) / u128::from(most);
            let height = (scaled(below.saturating_add(own)) - scaled(below)).max(1);
            let top = u128::from(HEIGHT).saturating_sub(scaled(below)).saturating_sub(height);
            let (left, right) = (index as u64 * WIDTH * 100 / count, (index as u64 + 1) * WIDTH * 100 / count);
            rectangle(&mut out, left, (right - left).saturating_sub(100).max(100), (top, height));
        }
        out.push_str("</g>");
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_and_huge_counts_draw() {
        assert!(sparkline(&[]).starts_with("<svg"));
        assert!(sparkline(&[u64::MAX, 1]).contains("<rect"));
        assert!(timeline(&[[u64::MAX; BANDS.len()], [0; BANDS.len()]]).ends_with("</svg>"));
    }
}
