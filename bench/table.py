# SPDX-License-Identifier: BSD-3-Clause
"""Outcomes as a table on the terminal, a row as soon as it is measured."""

from peer import YARDSTICK

WORKLOAD_WIDTH = 26
PEER_WIDTH = 22
CELL_GAP = "  "


def columns(group):
    """Titles and widths."""
    yield "connections x size", -WORKLOAD_WIDTH
    yield "server", -PEER_WIDTH
    for metric in group.metrics:
        yield metric.title, max(len(metric.title), 9)
        if metric.has_ratio:
            yield "ratio", 5


def print_row(group, cells):
    row = [
        cell.ljust(-width) if width < 0 else cell.rjust(width)
        for cell, (_, width) in zip(cells, columns(group))
    ]
    print(CELL_GAP.join(row), flush=True)


def print_group(group):
    print(f"\n{group.name}: {group.title}")
    if group.note:
        print(group.note)
    print_row(group, [title for title, _ in columns(group)])


def print_outcome(outcome):
    group = outcome.workload.group
    for peer in outcome.peers:
        cells = [str(outcome.workload), peer + (" *" if outcome.is_disturbed(peer) else "")]
        for metric in group.metrics:
            cells.append(metric.text(outcome.median(peer, metric)))
            if metric.has_ratio:
                cells.append(ratio_text(outcome.ratio(peer, metric)))
        print_row(group, cells)


def ratio_text(ratio):
    return "-" if ratio is None else f"{ratio:.2f}"


def print_verdicts(verdicts):
    """Says nothing when nothing was judged; names what was not measured."""
    judged = [verdict for verdict in verdicts if verdict.figure is not None]
    if not judged:
        return
    title_width = max(len(verdict.aim.title) for verdict in judged)
    print("\naims: what actornet is to reach; busy: the server: well below all of its cores, the generator was\n"
          "the limit, and a rate says little; ahead: products that did better in this run")
    for verdict in judged:
        print(CELL_GAP.join((
            verdict.aim.title.ljust(title_width),
            verdict.aim.text.ljust(14),
            verdict.figure_text.rjust(8),
            verdict.text.ljust(7),
            f"busy: {verdict.busy_text}".ljust(10),
            f"ahead: {verdict.ahead_text}",
        )))
    reached = sum(verdict.text == "reached" for verdict in judged)
    print(f"{reached} of {len(judged)} reached, {len(verdicts) - len(judged)} not measured")


LEGEND = f"""figures  medians; ratios to {YARDSTICK} (or as told) in the same round; busy: of one core;
         CPU s/M: server CPU seconds per million messages;
         slack: polls of the generator that found nothing"""
