"""Draws what benches/codecs has measured: FOLDER/results.json becomes FOLDER/codecs.png and .svg.

    plot.py FOLDER

Ratio against speed of encoding and of decoding, on the first group of frames: those of a real Kinect v2 where there were any.
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend comes first)

OURS = {"K2D S": "#1f6fb4", "K2D R": "#b4361f"}
OTHERS = "#8a8a8a"
FONT = 8


def place(axes, points):
    """Names beside the points, where neither another name nor a point is: the first free place around each."""
    figure = axes.get_figure()
    renderer = figure.canvas.get_renderer()
    marks = [axes.transData.transform((speed, ratio)) for _, speed, ratio, _ in points]
    taken = [matplotlib.transforms.Bbox.from_extents(x - 5, y - 5, x + 5, y + 5) for x, y in marks]
    for (name, speed, ratio, color), mark in zip(points, list(taken)):
        free = None
        for distance in (8, 16, 24, 34):
            for dx, dy, across, up in (
                (0, 1, "center", "bottom"),
                (0, -1, "center", "top"),
                (1, 0, "left", "center"),
                (-1, 0, "right", "center"),
                (0.7, 0.7, "left", "bottom"),
                (-0.7, 0.7, "right", "bottom"),
                (0.7, -0.7, "left", "top"),
                (-0.7, -0.7, "right", "top"),
            ):
                text = axes.annotate(
                    name, (speed, ratio), (dx * distance, dy * distance), textcoords="offset points", ha=across, va=up,
                    fontsize=FONT, color=color, arrowprops={"arrowstyle": "-", "color": color, "lw": 0.5} if distance > 8 else None,
                )  # fmt: skip
                box = text.get_window_extent(renderer)
                inside = axes.bbox.containsx(box.x0) and axes.bbox.containsx(box.x1) and axes.bbox.containsy(box.y0) and axes.bbox.containsy(box.y1)
                if inside and not any(box.overlaps(other) for other in taken if other is not mark):
                    free = box
                    break
                text.remove()
            if free is not None:
                taken.append(free)
                break
        else:
            axes.annotate(name, (speed, ratio), (8, 0), textcoords="offset points", va="center", fontsize=FONT, color=color)


def draw(axes, rows, direction):
    """All codecs; the instruction sets of a profile are on a line."""
    points = []
    for name, color in OURS.items():
        line = [(row[direction]["megabytes"], row["ratio"], row["level"]) for row in rows if row["name"] == name]
        axes.plot([speed for speed, _, _ in line], [ratio for _, ratio, _ in line], "o-", color=color, markersize=5, linewidth=1)
        points += [(f"{name}, {level}", speed, ratio, color) for speed, ratio, level in line]
    for row in rows:
        if row["name"] not in OURS:
            speed = row[direction]["megabytes"]
            axes.plot(speed, row["ratio"], "o", color=OTHERS, markersize=5)
            points.append((row["name"], speed, row["ratio"], "#444444"))
    axes.set_xscale("log")
    axes.margins(x=0.16, y=0.16)
    axes.set(title=f"{direction.capitalize().removesuffix('e')}ing", xlabel="MB of pixels a second, one thread", ylabel="raw bytes : coded bytes")
    return points


def main(folder):
    results = json.loads((folder / "results.json").read_text())
    group = results["groups"][0]
    plt.rcParams.update({"font.size": 9, "axes.grid": True, "grid.alpha": 0.3, "axes.axisbelow": True})
    plt.rcParams["svg.hashsalt"] = "streamkinect2"  # the same figures give the same file
    figure, both = plt.subplots(2, 1, figsize=(9, 10), layout="constrained")
    figure.suptitle(f"{group['name']}, {group['frames']} frames; {results['setting']['processor']}", fontsize=10)
    points = [draw(axes, group["codecs"], direction) for axes, direction in zip(both, ("encode", "decode"))]
    figure.canvas.draw()  # settles the layout, on which the places of names depend
    for axes, names in zip(both, points):
        place(axes, names)
    figure.savefig(folder / "codecs.png", dpi=110)
    figure.savefig(folder / "codecs.svg", metadata={"Date": None})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
