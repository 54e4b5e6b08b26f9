# SPDX-License-Identifier: BSD-3-Clause
"""Outcomes as tables and plots in docs/performance.md, between its markers."""

import json
import pathlib
import re
import subprocess

from server_process import Trouble
from table import ratio_text

DOCUMENT = "performance.md"
PLOTS = "performance"  # the folder beside it
PLOTTER = pathlib.Path(__file__).resolve().parent / "plot.py"
# Debian's matplotlib belongs to Debian's Python; another one may come first in PATH.
PYTHON = "/usr/bin/python3"


def write_document(docs, outcomes, verdicts, remarks, facts, results):
    """Replaces the parts of the groups that were measured, and the rows of aims that were judged;
    draws the groups' plots. `results` is the file that has been written for others, and for the
    plotter."""
    text = (docs / DOCUMENT).read_text(encoding="utf-8")
    groups = dict.fromkeys(outcome.workload.group for outcome in outcomes)
    for group in groups:
        part = [outcome for outcome in outcomes if outcome.workload.group is group]
        text = replaced(text, group.name, lines_of(group, part, remarks, facts))
    text = replaced(text, "aims", lines_of_aims(verdicts, text, facts["date"]))
    plot(results, docs / PLOTS)
    (docs / DOCUMENT).write_text(text, encoding="utf-8")


def replaced(text, name, lines):
    begin, end = f"<!-- bench {name} -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.S)
    if not pattern.search(text):
        raise Trouble(f"{DOCUMENT} has no lines '{begin}' and '{end}'")
    part = "\n".join(lines)
    return pattern.sub(lambda _: f"{begin}\n{part}\n{end}", text)


def lines_of_aims(verdicts, text, date):
    """An aim that was not judged keeps the row that it has in the text."""
    yield ""
    yield "| workload | aim | figure | is | busy | ahead of actornet | date |"
    yield "| --- | --- | ---: | --- | ---: | --- | --- |"
    for verdict in verdicts:
        aim = f"| {verdict.aim.title} | {verdict.aim.text} |"
        old = re.search(f"^{re.escape(aim)}.*$", text, re.M)
        if verdict.figure is None and old:
            yield old.group()
            continue
        figure = verdict.figure_text.replace("*", "\\*")
        day = "-" if verdict.figure is None else date
        yield f"{aim} {figure} | {verdict.text} | {verdict.busy_text} | {verdict.ahead_text} | {day} |"
    yield ""


def lines_of(group, outcomes, remarks, facts):
    yield ""
    yield from (f"- {name}: {value}" for name, value in facts.items())
    if remarks:
        yield f"- remarks: {'; '.join(remarks)}"
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
    is_disturbed = outcome.is_disturbed(peer)
    if metric.has_ratio:
        text += f" ({ratio_text(outcome.ratio(peer, metric))})"
        is_disturbed = outcome.is_ratio_disturbed(peer)
    return text + (" \\*" if is_disturbed else "")


def write_results(path, outcomes, remarks, facts):
    results = {
        "facts": facts,
        "remarks": remarks,
        "outcomes": [outcome.as_json() for outcome in outcomes],
    }
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def plot(results, folder):
    folder.mkdir(exist_ok=True)
    drawn = subprocess.run([PYTHON, str(PLOTTER), str(results), str(folder)], check=False)
    if drawn.returncode != 0:
        raise Trouble("the plots could not be drawn; python3-matplotlib is needed")
