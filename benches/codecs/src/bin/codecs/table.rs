//! The results as tables in Markdown.

use std::fmt::{Result, Write};

use crate::results::{Bounded, GroupResults, Results, Row, Speed};

pub fn markdown(results: &Results) -> String {
    let mut text = String::new();
    // Writing to text does not fail.
    let _ = write(&mut text, results);
    text
}

fn write(out: &mut String, results: &Results) -> Result {
    let setting = &results.setting;
    writeln!(
        out,
        "{}, {}; one thread, medians of {} rounds. K2D on this processor: {}.",
        setting.processor,
        setting.system,
        setting.rounds,
        setting.levels.join(", ")
    )?;
    results.groups.iter().try_for_each(|group| write_group(out, group))
}

fn write_group(out: &mut String, group: &GroupResults) -> Result {
    writeln!(out, "\n### {}\n\n{} frames, {:.1} MB.\n", group.name, group.frames, group.raw_bytes as f64 / 1e6)?;
    writeln!(out, "| codec | ratio | encode, MB/s | × RVL | × memcpy | decode, MB/s | × RVL | × memcpy |")?;
    writeln!(out, "|---|---:|---:|---:|---:|---:|---:|---:|")?;
    group.codecs.iter().try_for_each(|row| {
        let Row { name, level, ratio, encode, decode } = row;
        let level = level.map(|level| format!(", {level}")).unwrap_or_default();
        writeln!(out, "| {name}{level} | {ratio:.2} | {} | {} |", cells(encode), cells(decode))
    })?;
    if !group.bounded.is_empty() {
        writeln!(out, "\nRatios within an error bound:\n\n| at most | K2D R | JPEG-LS NEAR | K2D : JPEG-LS |\n|---:|---:|---:|---:|")?;
    }
    group.bounded.iter().try_for_each(|bounded| {
        let Bounded { max_error_mm, k2d, jpeg_ls } = bounded;
        writeln!(out, "| {max_error_mm} mm | {k2d:.2} | {jpeg_ls:.2} | {:.2} |", bounded.advantage())
    })
}

fn cells(speed: &Speed) -> String {
    let memcpy = speed.times_memcpy.map(significant).unwrap_or_default();
    format!("{:.0} | {} | {memcpy}", speed.megabytes, significant(speed.times_rvl))
}

/// With digits that say something.
fn significant(value: f64) -> String {
    let digits = match value {
        10.0.. => 1,
        0.1.. => 2,
        _ => 4,
    };
    format!("{value:.digits$}")
}
