#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws results of the benchmarks: one SVG for each group.

    plot.py RESULTS.json FOLDER
"""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "actornet"  # the same results give the same file
matplotlib.rcParams["svg.fonttype"] = "none"
import matplotlib.pyplot as pyplot

TITLES = {
    "rate": "rate, relative to {} (more is better)",
    "cpu": "server CPU per unit, relative to {} (less is better)",
    "p999_us": "99.9 % of messages are answered within, relative to {} (less is better)",
    "derived": "calculated rate without clients, relative to {} (more is better)",
    "open": "memory of a connection in bytes (less is better)",
    "used": "the same after one message",
}
IN_BYTES = {"open", "used"}
BAR_AREA = 0.85
COLOURS = matplotlib.colormaps["tab20"].colors  # the usual cycle has fewer than there are servers


def figures_of(outcome, key):
    """By peer; a ratio, or the median where an absolute figure says more."""
    kind = "medians" if key in IN_BYTES else "ratios"
    return {peer: found[kind][key] or 0 for peer, found in outcome["peers"].items()}


def draw_panel(axes, outcomes, key):
    peers = list(outcomes[0]["peers"])
    width = BAR_AREA / len(peers)
    for number, peer in enumerate(peers):
        places = [i + (number - (len(peers) - 1) / 2) * width for i in range(len(outcomes))]
        heights = [figures_of(outcome, key)[peer] for outcome in outcomes]
        axes.bar(places, heights, width, label=peer, color=COLOURS[number % len(COLOURS)])
    axes.set_title(TITLES[key].format(outcomes[0]["relative_to"]), fontsize=10, loc="left")
    names = [outcome["workload"].replace(", ", ",\n") for outcome in outcomes]
    axes.set_xticks(range(len(outcomes)), names, fontsize=8)
    if key not in IN_BYTES:
        axes.axhline(1, color="black", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def draw_group(outcomes, path):
    keys = list(next(iter(outcomes[0]["peers"].values()))["ratios"])
    width = 4 + 1.1 * len(outcomes)
    figure, panels = pyplot.subplots(len(keys), 1, figsize=(width, 2.8 * len(keys)), squeeze=False)
    for axes, key in zip(panels.flat, keys):
        draw_panel(axes, outcomes, key)
    panels[0, 0].legend(fontsize=8, ncol=1, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    results, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    outcomes = json.loads(results.read_text(encoding="utf-8"))["outcomes"]
    for group in dict.fromkeys(outcome["group"] for outcome in outcomes):
        part = [outcome for outcome in outcomes if outcome["group"] == group]
        draw_group(part, folder / f"{group}.svg")


if __name__ == "__main__":
    main()
