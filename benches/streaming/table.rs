//! The results as tables in Markdown.

use std::fmt::Write;

use crate::results::{Cost, Highest, Latency, LatencyRun, Load, P50_LIMIT, P90_LIMIT, Results, Sides, Spread};

pub fn markdown(results: &Results) -> String {
    let mut text = String::new();
    // Writing to text does not fail.
    let _ = write(&mut text, results);
    text
}

fn write(out: &mut String, results: &Results) -> std::fmt::Result {
    let setting = &results.setting;
    writeln!(
        out,
        "Version {}, libzmq {}; {}, {} cores, {}; effort {}. Frames: {}, {} of {}x{}, codec {}, {:.0} kB each on the network.",
        setting.version,
        setting.libzmq,
        setting.processor,
        setting.cores,
        setting.system,
        setting.effort,
        setting.frames,
        setting.frame_count,
        setting.width,
        setting.height,
        setting.codec,
        setting.payload_bytes as f64 / 1e3
    )?;
    results.latency.as_ref().map_or(Ok(()), |found| latency(out, found))?;
    results.loads.as_ref().map_or(Ok(()), |found| loads(out, found))?;
    results.rates.as_ref().map_or(Ok(()), |found| rates(out, found))
}

fn rates(out: &mut String, rates: &Sides<Highest>) -> std::fmt::Result {
    writeln!(out, "\n## Highest rate\n\nOne device, one subscriber.\n")?;
    writeln!(out, "| frames a second | this library | bare libzmq |\n|---|---:|---:|")?;
    let Sides { ours, bare } = rates;
    writeln!(out, "| paced, under 0.1 % lost over {:.0} s | {:.0} | {:.0} |", ours.seconds, ours.paced, bare.paced)?;
    writeln!(out, "| lost at that | {:.2} % | {:.2} % |", 100.0 * ours.lost, 100.0 * bare.lost)?;
    writeln!(out, "| latency at that, p50 / p99 | {} | {} |", p50_p99(&ours.latency), p50_p99(&bare.latency))?;
    writeln!(out, "| arriving of what is sent without a pause | {:.0} | {:.0} |", ours.flat_out, bare.flat_out)
}

fn latency(out: &mut String, latency: &Latency) -> std::fmt::Result {
    let Latency { rate, seconds, runs, .. } = latency;
    writeln!(out, "\n## Latency\n\n{rate:.0} frames a second, medians of {} runs of {seconds} s each, in turns.\n", runs.len())?;
    writeln!(out, "| | p50 | p90 | p99 |\n|---|---:|---:|---:|")?;
    let mut row = |name: &str, of: fn(&LatencyRun) -> &Spread| {
        let cell = |figure: fn(&Spread) -> f64| milliseconds(latency.median(|run| figure(of(run))));
        writeln!(out, "| {name} | {} | {} | {} |", cell(|s| s.p50), cell(|s| s.p90), cell(|s| s.p99))
    };
    row("capture to callback", |run| &run.ours)?;
    row("of that: copy", |run| &run.parts.copy)?;
    row("of that: encode", |run| &run.parts.encode)?;
    row("of that: checksum", |run| &run.parts.first_checksum)?;
    row("of that: its comparison", |run| &run.parts.second_checksum)?;
    row("of that: decode", |run| &run.parts.decode)?;
    row("the rest", |run| &run.rest)?;
    row("bare libzmq", |run| &run.bare)?;
    let (p50, p90) = (latency.ratio(|spread| spread.p50), latency.ratio(|spread| spread.p90));
    writeln!(out, "| the rest : bare libzmq | {p50:.2} | {p90:.2} | {:.2} |", latency.ratio(|spread| spread.p99))?;
    writeln!(out, "| limit | {P50_LIMIT} | {P90_LIMIT} | |")?;
    let verdict = if latency.is_within_limits() { "Within the limits." } else { "OVER the limits." };
    let lost: u64 = runs.iter().map(|run| run.lost.ours).sum();
    let lost_bare: u64 = runs.iter().map(|run| run.lost.bare).sum();
    let alone = |of: fn(&LatencyRun) -> f64| milliseconds(latency.median(of));
    let (copy, encode) = (alone(|run| run.parts.copy_between.p50), alone(|run| run.parts.encode_between.p50));
    writeln!(out, "\n{verdict} Lost: {lost}, bare libzmq {lost_bare}. Between the frames, copying takes {copy} and encoding {encode}.")
}

fn loads(out: &mut String, loads: &[Load]) -> std::fmt::Result {
    writeln!(out, "\n## Processor time and memory\n")?;
    writeln!(out, "30 frames a second of each device. Each figure: this library / bare libzmq.\n")?;
    writeln!(out, "| devices | subscribers | server, % of a core | server, MB | client, % of a core | client, MB | p50 | p99 | lost |")?;
    writeln!(out, "|---:|---:|---:|---:|---:|---:|---:|---:|---:|")?;
    for load in loads {
        let Sides { ours, bare } = &load.costs;
        let pair = |of: &dyn Fn(&Cost) -> String| format!("{} / {}", of(ours), of(bare));
        let received = |of: &dyn Fn(&Cost) -> String| if load.subscribers == 0 { String::new() } else { pair(of) };
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            load.devices,
            load.subscribers,
            pair(&|cost| percent(cost.sender_cpu)),
            pair(&|cost| megabytes(cost.sender_memory)),
            received(&|cost| percent(cost.receiver_cpu)),
            received(&|cost| megabytes(cost.receiver_memory)),
            received(&|cost| milliseconds(cost.latency.p50)),
            received(&|cost| milliseconds(cost.latency.p99)),
            received(&|cost| format!("{} of {}", cost.lost, cost.sent)),
        )?;
    }
    Ok(())
}

fn milliseconds(microseconds: f64) -> String {
    format!("{:.3} ms", microseconds / 1e3)
}

fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1}", bytes / 1e6)
}

fn p50_p99(latency: &Spread) -> String {
    format!("{} / {}", milliseconds(latency.p50), milliseconds(latency.p99))
}
