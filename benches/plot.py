"""Draws what benches/streaming has measured: FOLDER/results.json becomes FOLDER/performance.png and .svg.

    plot.py FOLDER
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend comes first)

OURS, BARE, REST = "#1f6fb4", "#8a8a8a", "#7db8e8"


def draw_latency(axes, latency):
    """Which share of the frames has arrived after how long."""
    curves = latency["distribution"]
    for key, label, color in (
        ("ours", "this library", OURS),
        ("rest", "without copy, encode,\nchecksum, decode", REST),
        ("bare", "bare libzmq", BARE),
    ):
        values = [value / 1000 for value in curves[key]]
        shares = [100 * i / (len(values) - 1) for i in range(len(values))]
        axes.plot(values, shares, label=label, color=color)
    axes.set_xlim(0, 2 * curves["ours"][len(curves["ours"]) // 2] / 1000)
    axes.set(title=f"Latency at {latency['rate']:.0f} frames a second", xlabel="ms", ylabel="% of the frames")
    axes.legend(loc="lower right")


def draw_processor_time(axes, loads):
    """Of the server, and of all clients together, by the number of subscribers of one device."""
    loads = [load for load in loads if load["devices"] == 1 and load["subscribers"] > 0]
    positions = range(len(loads))
    for offset, side, color, name in ((-0.2, "ours", OURS, "this library"), (0.2, "bare", BARE, "bare libzmq")):
        costs = [load["costs"][side] for load in loads]
        servers = [100 * cost["sender_cpu"] for cost in costs]
        clients = [100 * cost["receiver_cpu"] * load["subscribers"] for cost, load in zip(costs, loads)]
        places = [position + offset for position in positions]
        axes.bar(places, servers, 0.36, color=color, label=f"{name}: server")
        axes.bar(places, clients, 0.36, bottom=servers, color=color, alpha=0.45, label=f"{name}: clients")
    axes.set_xticks(list(positions), [load["subscribers"] for load in loads])
    axes.set(title="Processor time at 30 frames a second", xlabel="subscribers of one device", ylabel="% of one core")
    axes.legend(loc="upper left")


def draw_memory(axes, loads):
    """Resident memory of the server, and of one client."""
    loads = [load for load in loads if load["subscribers"] > 0]
    names = [f"{load['devices']} · {load['subscribers']}" for load in loads]
    positions = range(len(loads))
    for offset, side, role, color, alpha, name in (
        (-0.3, "ours", "sender", OURS, 1, "this library: server"),
        (-0.1, "ours", "receiver", OURS, 0.45, "this library: a client"),
        (0.1, "bare", "sender", BARE, 1, "bare libzmq: server"),
        (0.3, "bare", "receiver", BARE, 0.45, "bare libzmq: a client"),
    ):
        values = [load["costs"][side][f"{role}_memory"] / 1e6 for load in loads]
        axes.bar([position + offset for position in positions], values, 0.19, color=color, alpha=alpha, label=name)
    axes.set_xticks(list(positions), names)
    axes.set(title="Resident memory", xlabel="devices · subscribers", ylabel="MB")
    axes.set_ylim(0, 1.6 * axes.get_ylim()[1])
    axes.legend(loc="upper left", ncols=2)


def draw_rates(axes, rates):
    """The highest paced rate, and what arrives when the sender does not pause."""
    names = ["paced,\nunder 0.1 % lost", "without a pause,\narriving"]
    for offset, side, color, name in ((-0.2, "ours", OURS, "this library"), (0.2, "bare", BARE, "bare libzmq")):
        values = [rates[side]["paced"], rates[side]["flat_out"]]
        bars = axes.bar([offset, 1 + offset], values, 0.36, color=color, label=name)
        axes.bar_label(bars, fmt="%.0f")
    axes.set_xticks([0, 1], names)
    axes.set_yscale("log")
    axes.set_ylim(10, 4 * axes.get_ylim()[1])
    axes.set(title="Highest rate, one subscriber", ylabel="frames a second")
    axes.legend(loc="upper left")


def main(folder):
    results = json.loads((folder / "results.json").read_text())
    plots = [(draw_latency, "latency"), (draw_processor_time, "loads"), (draw_memory, "loads"), (draw_rates, "rates")]
    plots = [(draw, results[key]) for draw, key in plots if results[key]]
    plt.rcParams.update({"font.size": 9, "axes.grid": True, "grid.alpha": 0.3, "axes.axisbelow": True, "legend.fontsize": 8})
    plt.rcParams["svg.hashsalt"] = "streamkinect2"  # the same figures give the same file
    rows = (len(plots) + 1) // 2
    figure, grid = plt.subplots(rows, 2, figsize=(9, 3.5 * rows), squeeze=False, layout="constrained")
    for axes, (draw, part) in zip(grid.flat, plots):
        draw(axes, part)
    for axes in grid.flat[len(plots):]:
        axes.set_visible(False)
    figure.savefig(folder / "performance.png", dpi=110)
    figure.savefig(folder / "performance.svg", metadata={"Date": None})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
