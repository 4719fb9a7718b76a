"""Who is connected: the two hops around somebody, kinds told by shape, every node a link, a table beside it.

The nodes are one stop of the tab key: the middle one takes the focus, static/graph.js walks on with arrows. Without
scripts the table, made from `graph_rows`, is the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import NamedTuple

from markupsafe import Markup

from haechi.console.drawing.layout import placed
from haechi.console.drawing.svg import el, line, path, place, text, text_width

__all__ = ["NODES_MAX", "Edge", "GraphRow", "Node", "ego_graph", "graph_rows", "nearest"]

NODES_MAX = 150
ALONE_MAX = 3
LABELS_MAX = 36
LABEL_CHARS_MAX = 18
LABEL_HIGH, BELOW, MARK = 13.0, 14.0, 7.5  # of a line, of its middle below a mark's, and half a mark
PAD_X, PAD_Y, LEGEND = 54.0, 22.0, 30.0
# Corners of each kind's shape, the first at the top; 0 is a circle. What is not named here is an octagon.
CORNERS = {
    "customer": 0, "card": 4, "device": -4, "payee": 3, "account": 5, "merchant": -3, "ip": 6, "address": 6, "phone": 7,
}  # fmt: skip


@dataclass(frozen=True)
class Node:
    """One entity: `id` is unique in the graph, `kind` gives the shape, `bad` means confirmed fraud, `note` is told."""

    id: str
    kind: str
    name: str
    href: str
    note: str = ""
    bad: bool = False


@dataclass(frozen=True)
class Edge:
    """Two entities were seen together so often."""

    a: str
    b: str
    times: int = 1


class GraphRow(NamedTuple):
    """One row of the table twin, nearest first."""

    node: Node
    hops: int
    linked: list[str]  # names of neighbours
    times: int


def nearest(
    nodes: Sequence[Node], edges: Sequence[Edge], middle: str, most: int = NODES_MAX
) -> tuple[list[Node], list[Edge], Counter[str]]:
    """At most `most` nodes within two hops, and by kind how many were left out.

    What was in a fraud stands first, then the nearest with the heaviest edges; with a node comes the one that leads
    to it. What the middle shares with nobody (the addresses of one telephone) says little: ALONE_MAX of a kind stay.
    """
    hops = _hops(edges, middle)
    weight: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    beside: dict[str, set[str]] = {}
    for edge in edges:
        for end, other in ((edge.a, edge.b), (edge.b, edge.a)):
            weight[end] += edge.times
            ends[end] += 1
            beside.setdefault(end, set()).add(other)
    near = {n.id: n for n in nodes if hops.get(n.id, 3) <= 2}
    alone = {id_ for id_, n in near.items() if hops[id_] == 1 and ends[id_] == 1 and not n.bad}
    kept, seen = dict[str, Node](), Counter[str]()
    for node in sorted(near.values(), key=lambda n: (hops[n.id] > 0, not n.bad, hops[n.id], -weight[n.id], n.id)):
        seen[node.kind] += node.id in alone
        if node.id in alone and seen[node.kind] > ALONE_MAX:
            continue
        ways = [one for one in beside.get(node.id, ()) if hops.get(one) == 1] if hops[node.id] == 2 else []
        way = min(ways, key=lambda one: (one not in kept, -weight[one], one), default=node.id)
        wanted = dict.fromkeys([way, node.id])
        if len(kept.keys() | wanted.keys()) <= most:
            kept |= {one: near[one] for one in wanted}
    left = Counter(n.kind for n in near.values() if n.id not in kept)
    return list(kept.values()), [e for e in edges if e.a in kept and e.b in kept], left


def ego_graph(
    nodes: Sequence[Node], edges: Sequence[Edge], middle: str, *, label: str, kinds: Mapping[str, str], bad: str,
    width: float = 520, height: float = 380,
) -> Markup:  # fmt: skip
    """The graph around `middle`; `kinds` names each kind in words, `bad` names confirmed fraud.

    Nodes are sorted before they are placed, so the same graph gives the same picture in whatever order it comes.
    """
    if len(nodes) > NODES_MAX:
        raise ValueError(f"a graph shows {NODES_MAX} nodes, not {len(nodes)}: choose with nearest()")
    shown = sorted(nodes, key=lambda n: n.id)
    at = {node.id: n for n, node in enumerate(shown)}
    ends = sorted((at[e.a], at[e.b]) for e in edges if e.a != e.b)
    room = (width - 2 * PAD_X, height - 2 * PAD_Y - LEGEND)
    points = placed(len(shown), ends, at[middle], shape=room)
    degree = [0] * len(shown)
    for one, other in ends:
        degree[one] += 1
        degree[other] += 1
    where = [(x + PAD_X, y + PAD_Y) for x, y in points.tolist()]
    most = max((e.times for e in edges), default=1)
    parts = [_edge(e, where[at[e.a]], where[at[e.b]], most) for e in sorted(edges, key=lambda e: (e.a, e.b))]
    ranked = sorted(range(len(shown)), key=lambda n: (shown[n].id != middle, not shown[n].bad, -degree[n], n))
    labelled = _roomy(ranked[:LABELS_MAX], shown, where)
    parts += [_node(one, *where[n], is_middle=one.id == middle, named=n in labelled) for n, one in enumerate(shown)]
    used = [kind for kind in kinds if any(n.kind == kind for n in shown)]
    parts += _legend(used, kinds, bad if any(n.bad for n in shown) else "", height - 10)
    # Links stand inside: this drawing is a group with a name, not a picture.
    return el("svg", *parts, class_="drawing graph", role="group", aria_label=label, width=width, height=height,
              viewBox=f"0 0 {width:g} {height:g}", data_graph="")  # fmt: skip


def graph_rows(nodes: Sequence[Node], edges: Sequence[Edge], middle: str) -> list[GraphRow]:
    """The same graph as rows of a table, nearest and busiest first."""
    hops, names = _hops(edges, middle), {n.id: n.name for n in nodes}
    found = []
    for node in nodes:
        own = [e for e in edges if node.id in (e.a, e.b) and e.a != e.b]
        others = sorted({e.b if e.a == node.id else e.a for e in own})
        found.append(GraphRow(node, hops.get(node.id, 3), [names[o] for o in others if o in names],
                              sum(e.times for e in own)))  # fmt: skip
    return sorted(found, key=lambda row: (row.hops, not row.node.bad, -row.times, row.node.id))


def _hops(edges: Sequence[Edge], middle: str) -> dict[str, int]:
    beside: dict[str, set[str]] = {}
    for edge in edges:
        beside.setdefault(edge.a, set()).add(edge.b)
        beside.setdefault(edge.b, set()).add(edge.a)
    hops, rim = {middle: 0}, [middle]
    for hop in (1, 2):
        rim = sorted({other for one in rim for other in beside.get(one, ()) if other not in hops})
        hops |= dict.fromkeys(rim, hop)
    return hops


def _roomy(ranked: Sequence[int], shown: Sequence[Node], where: Sequence[tuple[float, float]]) -> set[int]:
    """Which names are written: the most telling first, none over another one or over another's mark."""
    taken: list[tuple[float, float, float]] = []
    found = set()
    for n in ranked:
        half, (x, y) = text_width(_shortened(shown[n].name), 11) / 2, where[n]
        is_free = all(abs(x - a) > half + MARK or abs(y + BELOW - b) > MARK + 5 for a, b in where if (a, b) != (x, y))
        if n == ranked[0] or (is_free and all(abs(x - a) > half + b or abs(y - c) > LABEL_HIGH for a, b, c in taken)):
            taken.append((x, half, y))
            found.add(n)
    return found


def _shortened(name: str) -> str:
    return name if len(name) <= LABEL_CHARS_MAX else name[: LABEL_CHARS_MAX - 1] + "…"


def _edge(edge: Edge, a: tuple[float, float], b: tuple[float, float], most: int) -> Markup:
    heavy = 1 + min(3, round(3 * (edge.times / most) ** 0.5)) if most > 1 else 1
    return line(*a, *b, f"edge w{heavy}")


def _node(node: Node, x: float, y: float, *, is_middle: bool, named: bool) -> Markup:
    size = 10.0 if is_middle else 6.5
    kind = " ".join(["node", *(["this"] if is_middle else []), *(["bad"] if node.bad else [])])
    told = f"{node.name}{': ' if node.note else ''}{node.note}"
    parts = [shape(node.kind, x, y, size, kind, told)]
    if node.bad:
        parts.append(path(f"M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6", "cross"))
    if named:
        parts.append(
            text(
                x,
                y + size + 11,
                _shortened(node.name),
                anchor="middle",
                kind="small strong" if is_middle else "small muted",
            )
        )
    return el("a", *parts, href=node.href, tabindex="0" if is_middle else "-1", aria_label=told)


def shape(kind: str, x: float, y: float, size: float, classes: str, told: str | None = None) -> Markup:
    """The mark of a kind of entity."""
    corners = CORNERS.get(kind, 8)
    title = el("title", told) if told else None
    if corners == 0:
        return el("circle", title, cx=x, cy=y, r=size, class_=classes)
    turn = -pi / 2 if corners > 0 else (-pi / 4 if corners == -4 else pi / 2)
    step = 2 * pi / abs(corners)
    reach = size * 1.15
    points = [(x + reach * cos(turn + step * n), y + reach * sin(turn + step * n)) for n in range(abs(corners))]
    return path(place(points) + "Z", classes, told)


def _legend(used: Sequence[str], kinds: Mapping[str, str], bad: str, y: float) -> list[Markup]:
    parts, x = [], 10.0
    for kind in used:
        parts += [shape(kind, x, y - 4, 5.0, "node"), text(x + 10, y, kinds[kind], kind="muted small")]
        x += 28 + text_width(kinds[kind])
    if bad:
        parts += [path(f"M{x - 3} {y - 7}l6 6m0 -6l-6 6", "cross"), text(x + 10, y, bad, kind="muted small")]
    return parts
