//! Medians and percentiles.

/// The smallest value that at least `fraction` of the sorted values do not exceed; 0 where there are none.
pub fn percentile(sorted: &[f64], fraction: f64) -> f64 {
    match sorted.len() {
        0 => 0.0,
        n => sorted[((fraction * n as f64).ceil() as usize).clamp(1, n) - 1],
    }
}

pub fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values
}

pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(&sorted(values), 0.5)
}

/// So many values that show how these, sorted, are distributed: from the smallest to the largest in equal shares.
pub fn quantiles(sorted: &[f64], steps: usize) -> Vec<f64> {
    (0..=steps).map(|step| percentile(sorted, step as f64 / steps as f64)).collect()
}
