# SPDX-License-Identifier: BSD-3-Clause
"""Outcomes as tables and plots in docs/performance.md, between its markers."""

import json
import pathlib
import re
import subprocess

from server_process import Trouble
from table import ratio_text

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "performance"
PLOTTER = pathlib.Path(__file__).resolve().parent / "plot.py"
# Debian's matplotlib belongs to Debian's Python; another one may come first in PATH.
PYTHON = "/usr/bin/python3"


def write_document(outcomes, skipped, facts, results):
    """Replaces the parts of the groups that were measured, and draws their plots. `results` is the
    file that has been written for others, and for the plotter."""
    text = DOCUMENT.read_text(encoding="utf-8")
    groups = dict.fromkeys(outcome.workload.group for outcome in outcomes)
    for group in groups:
        part = [outcome for outcome in outcomes if outcome.workload.group is group]
        text = replaced(text, group, "\n".join(lines_of(group, part, skipped, facts)))
    plot(results)
    DOCUMENT.write_text(text, encoding="utf-8")


def replaced(text, group, part):
    begin, end = f"<!-- bench {group.name} -->", f"<!-- end of {group.name} -->"
    pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.S)
    if not pattern.search(text):
        raise Trouble(f"{DOCUMENT.name} has no lines '{begin}' and '{end}'")
    return pattern.sub(lambda _: f"{begin}\n{part}\n{end}", text)


def lines_of(group, outcomes, skipped, facts):
    yield ""
    yield from (f"- {name}: {value}" for name, value in facts.items())
    if skipped:
        yield f"- not measured: {'; '.join(skipped)}"
    yield ""
    yield f"![{group.title}](performance/{group.name}.svg)"
    peers = list(outcomes[0].peers)
    for metric in group.metrics:
        if not metric.is_documented:
            continue
        yield ""
        yield f"| {metric.title} | {' | '.join(peers)} |"
        yield "| --- |" + " ---: |" * len(peers)
        for outcome in outcomes:
            cells = (cell(outcome, peer, metric) for peer in peers)
            yield f"| {outcome.workload} | {' | '.join(cells)} |"
    yield ""


def cell(outcome, peer, metric):
    text = metric.text(outcome.median(peer, metric))
    if metric.has_ratio:
        text += f" ({ratio_text(outcome.ratio(peer, metric))})"
    return text + (" \\*" if outcome.is_disturbed(peer) else "")


def write_results(path, outcomes, skipped, facts):
    results = {
        "facts": facts,
        "skipped": skipped,
        "outcomes": [outcome.as_json() for outcome in outcomes],
    }
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def plot(results):
    PLOTS.mkdir(exist_ok=True)
    drawn = subprocess.run([PYTHON, str(PLOTTER), str(results), str(PLOTS)], check=False)
    if drawn.returncode != 0:
        raise Trouble("the plots could not be drawn; python3-matplotlib is needed")
