# SPDX-License-Identifier: BSD-3-Clause
"""Whether the traces of a scenario are what they must be: equal, except for what is listed."""

import dataclasses


OLD_NODE = 20


@dataclasses.dataclass(frozen=True)
class Difference:
    """In one strand of one scenario; both strands exactly."""
    scenario: str
    strand: str
    node: list
    ours: list
    reason: str
    newer_node: list = None  # what Node's may be, too, in versions after OLD_NODE


def complaints(scenario, node, ours, listed, node_version=0):
    """What is wrong with the strands {name: sentences} of Node and of ours, as sentences."""
    here = {each.strand: each for each in listed if each.scenario == scenario}
    for strand in sorted({*node, *ours, *here}):
        yield from _complaints_of_strand(strand, node.get(strand, []), ours.get(strand, []), here.get(strand),
                                         node_version)


def _complaints_of_strand(strand, node, ours, difference, node_version):
    if difference is None:
        if node != ours:
            yield f"{strand}: differs, and no difference is listed"
    elif ours != difference.ours:
        yield f"{strand}: ours is not as the listed difference says: {difference.ours}"
    elif node != difference.node and (node_version <= OLD_NODE or node != difference.newer_node):
        yield f"{strand}: Node's is not as the listed difference says: {difference.node}"


def mistakes_of_list(listed, scenarios):
    """What is wrong with the list itself, given the names of all scenarios."""
    seen = set()
    for each in listed:
        where = f"{each.scenario}, {each.strand}"
        if each.scenario not in scenarios:
            yield f"{where}: there is no such scenario"
        if each.node == each.ours and each.newer_node in (None, each.ours):
            yield f"{where}: lists no difference"
        if not each.reason.endswith("."):
            yield f"{where}: the reason is not a sentence"
        if where in seen:
            yield f"{where}: is listed twice"
        seen.add(where)
