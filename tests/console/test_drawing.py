"""Drawings: golden files, escaping, sizes, one sentence each, no inline style, colours that can be read in both themes.

`python -m tests.console.test_drawing` writes the golden files anew; look at what changed before you keep it.
"""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from xml.etree import ElementTree

import pytest

from haechi.console import drawing
from haechi.console.drawing import Axis, Bar, Edge, Moment, Node, Series, Transfer, ego_graph, graph_rows, nearest
from haechi.console.drawing.layout import placed
from haechi.console.drawing.svg import el, short, ticks
from tests.console.pictures import ENTITIES, KINDS, NOW, PICTURES, THIS, WEEK, past, star

GOLDEN = Path(__file__).parent / "drawings"
CSS = Path(drawing.__file__).parent.parent / "static" / "drawing.css"
NUMBER = re.compile(r"(?<![A-Za-z])-?\d+(?:\.\d+)?")
NASTY = "<script>alert(1)</script>\"'&"


@pytest.mark.parametrize("name", PICTURES)
def test_a_drawing_is_what_it_was(name: str) -> None:
    drawn, golden = PICTURES[name]() + "\n", (GOLDEN / f"{name}.svg").read_text("utf-8")
    assert NUMBER.sub("#", drawn) == NUMBER.sub("#", golden)
    # Sums of forces may differ in their last bits from machine to machine; nobody sees a pixel.
    assert [float(n) for n in NUMBER.findall(drawn)] == pytest.approx([float(n) for n in NUMBER.findall(golden)], abs=1)


@pytest.mark.parametrize("name", PICTURES)
def test_a_drawing_is_sound_and_told(name: str) -> None:
    drawn = PICTURES[name]()
    root = ElementTree.fromstring(drawn)
    assert root.get("aria-label")
    assert root.get("role") in ("img", "group")
    assert all("style" not in e.attrib and not any(a.startswith("on") for a in e.attrib) for e in root.iter())
    width, height = float(root.get("width")), float(root.get("height"))
    for one in root.iter():
        for axis, end in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            assert -1 <= float(one.get(axis, 0)) <= end + 1, (one.tag, one.attrib)
    if root.get("role") == "group":
        assert any(e.tag == "a" for e in root.iter())


@pytest.mark.parametrize("name", PICTURES)
def test_every_class_has_a_look(name: str) -> None:
    css = CSS.read_text("utf-8")
    for found in set(re.findall(r'class="([^"]+)"', PICTURES[name]())):
        for word in found.split():
            assert word in css or word in ("timeline", "flow", "graph", "small-drawing", "sign", "plain"), word


def test_what_customers_write_stays_text() -> None:
    moment = Moment(NOW, 10, "fraud", NASTY, "/x?a=1&b=" + NASTY)
    node = Node(NASTY, "device", NASTY, "/" + NASTY, note=NASTY, bad=True)
    drawn = [
        drawing.by_day([moment], label=NASTY, amount=NASTY, day=NASTY, kinds=[NASTY] * 4),
        drawing.heat_strip([[0] * 24] * 7, [NASTY] * 7, label=NASTY, few=NASTY, many=NASTY),
        ego_graph([node], [], NASTY, label=NASTY, kinds={"device": NASTY}, bad=NASTY),
        drawing.lying_bars([Bar(NASTY, 1, NASTY, href="/" + NASTY)], label=NASTY),
        drawing.flow([Transfer(NASTY, "b", 1, NASTY)], label=NASTY),
        drawing.lines([Series(NASTY, [(0, 1), (1, 2)])], label=NASTY, x=Axis(NASTY, 0, 1), y=Axis(NASTY, 0, 2)),
        drawing.empty(NASTY),
    ]
    for one in drawn:
        assert "<script" not in one
        ElementTree.fromstring(one)


def test_a_style_attribute_is_refused() -> None:
    with pytest.raises(ValueError, match="styled by class"):
        el("rect", style="fill:red")


def test_a_graph_is_the_same_in_whatever_order_it_comes() -> None:
    nodes, edges = star(60)
    told = {"label": "g", "kinds": ENTITIES, "bad": "bad"}
    turned = [Edge(e.b, e.a, e.times) for e in reversed(edges)]
    first = ego_graph(nodes, edges, "customer:c-1", **told)
    other = ego_graph(nodes[::-1], turned, "customer:c-1", **told)
    strip = re.compile(r"<line [^>]*>")
    assert strip.sub("", first) == strip.sub("", other)


def test_a_graph_of_150_nodes_is_drawn_quickly_and_told_once_by_the_tab_key() -> None:
    nodes, edges = star(150)
    seconds = []
    for _ in range(3):
        start = perf_counter()
        drawn = ego_graph(nodes, edges, "customer:c-1", label="g", kinds=ENTITIES, bad="bad")
        seconds.append(perf_counter() - start)
    assert min(seconds) < 0.4  # 0.12 s on a quiet machine: docs/benchmarks.md
    assert drawn.count('tabindex="0"') == 1
    assert drawn.count('tabindex="-1"') == 149
    assert len(drawn) < 60_000


def test_more_nodes_than_fit_are_chosen_by_weight_and_counted() -> None:
    nodes, edges = star(400)
    far = [Node("ip:far", "ip", "far", "/")]
    kept, inside, left_out = nearest([*nodes, *far], [*edges, Edge("customer:x-50", "ip:far")], "customer:c-1")
    assert (len(kept), left_out) == (150, {"customer": 250})
    assert "ip:far" not in {n.id for n in kept}
    assert all({e.a, e.b} <= {n.id for n in kept} for e in inside)
    assert kept[1].bad
    with pytest.raises(ValueError, match="150"):
        ego_graph(nodes, edges, "customer:c-1", label="g", kinds=ENTITIES, bad="bad")


def test_what_was_in_a_fraud_stands_first_with_what_leads_to_it() -> None:
    nodes = [Node("customer:c", "customer", "c", "/"), *(Node(f"card:{n}", "card", f"k-{n}", "/") for n in range(9)),
             Node("customer:bad", "customer", "bad", "/", bad=True)]  # fmt: skip
    edges = [Edge("customer:c", f"card:{n}", 20 - n) for n in range(9)] + [
        Edge("customer:bad", "card:8"), Edge("customer:bad", "card:0", 2)
    ]  # fmt: skip
    nodes += [Node(f"customer:{n}", "customer", str(n), "/") for n in range(9)]
    edges += [Edge(f"customer:{n}", f"card:{n}") for n in range(9)]
    kept, _, left_out = nearest(nodes, edges, "customer:c", 4)
    assert [n.id for n in kept] == ["customer:c", "card:0", "customer:bad", "card:1"]
    assert left_out == {"card": 7, "customer": 9}


def test_what_the_middle_shares_with_nobody_is_told_by_a_few() -> None:
    own = [Node(f"ip:{n}", "ip", f"10.0.0.{n}", "/", bad=n == 9) for n in range(20)]
    card, friend = Node("card:1", "card", "k-1", "/"), Node("customer:f", "customer", "f", "/")
    middle = Node("customer:c", "customer", "c", "/")
    edges = [Edge("customer:c", one.id, 20 - n) for n, one in enumerate([*own, card])]
    edges.append(Edge("customer:f", "ip:7"))
    kept, _, left_out = nearest([middle, *own, card, friend], edges, "customer:c")
    assert {n.id for n in kept} == {"customer:c", "ip:0", "ip:1", "ip:2", "ip:7", "ip:9", "card:1", "customer:f"}
    assert left_out == {"ip": 15}


def test_the_table_twin_says_what_the_graph_shows() -> None:
    nodes, edges = star(20)
    rows = graph_rows(nodes, edges, "customer:c-1")
    assert rows[0].node.id == "customer:c-1"
    assert rows[0].times == sum(e.times for e in edges if "customer:c-1" in (e.a, e.b))
    assert [row.hops for row in rows] == sorted(row.hops for row in rows)
    assert {row.node.id for row in rows} == {n.id for n in nodes}


def test_one_node_stands_in_the_middle() -> None:
    assert placed(1, [], 0, shape=(100, 60)).tolist() == [[50, 30]]
    points = placed(3, [], 1, shape=(100, 60))
    assert ((points >= 0) & (points <= [100, 60])).all()


def test_five_thousand_events_are_one_path() -> None:
    drawn = drawing.by_hour_of_week(past(5_000), WEEK, label="w", amount="won", hour="h", kinds=KINDS, ringed=THIS)
    assert drawn.count("<path") < 12
    assert len(drawn) < 90_000


def test_many_special_events_are_shown_but_only_the_newest_are_links() -> None:
    many = [Moment(NOW, 1_000 + n, "stopped", "held", f"/alerts/{n}") for n in range(200)]
    drawn = drawing.by_day(many, label="d", amount="won", day="date", kinds=KINDS)
    assert drawn.count("<a ") == 60
    assert "/alerts/199" in drawn


def test_nothing_to_show_is_said() -> None:
    with pytest.raises(ValueError, match="at least one"):
        drawing.by_day([], label="d", amount="won", day="date", kinds=KINDS)
    assert "Nothing" in drawing.empty("Nothing yet")
    for drawn in (
        drawing.lines([Series("a", [])], label="l", x=Axis("x", 0, 0), y=Axis("y", 0, 0)),
        drawing.bars([], [], label="b", y="y"),
        drawing.lying_bars([], label="b"),
        drawing.funnel([], label="f", of_all="of all"),
        drawing.history_strip([], None, label="h"),
        drawing.calibration([], label="c", predicted="p", observed="o", perfect="x"),
    ):
        ElementTree.fromstring(drawn)


def test_too_many_lines_or_accounts_are_refused() -> None:
    with pytest.raises(ValueError, match="5 lines"):
        drawing.lines([Series("a", [])] * 6, label="l", x=Axis("x", 0, 1), y=Axis("y", 0, 1))
    with pytest.raises(ValueError, match="60 accounts"):
        drawing.flow([Transfer("a", f"b{n}", 1, "1") for n in range(70)], label="f")


def test_a_bar_beyond_a_threshold_is_marked_without_colour() -> None:
    drawn = PICTURES["lying_bars"]()
    assert "0.13 ▲<" in drawn
    assert "0.4 ▲▲<" in drawn
    assert 'class="column warn"' in drawn


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 7), (3, 103), (0, 0.004), (0, 1e7), (-5, 5), (2, 2)])
def test_ticks_are_round_and_cover_the_values(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    assert len(found) <= 9
    assert all(b > a for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (0.25, "0.25"), (7, "7"), (950, "950"), (9_999, "9,999"), (12_000, "12k"),
                        (3_500_000, "3.5M"), (2e12, "2T")],
)  # fmt: skip
def test_numbers_on_axes_are_short(value: float, said: str) -> None:
    assert short(value) == said


def _themes() -> list[dict[str, str]]:
    blocks = [dict(re.findall(r"(--d-[a-z0-9]+): (#[0-9a-f]{6})", block)) for block in CSS.read_text().split("}")]
    return [block for block in blocks if block]


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_theme_names_the_same_colours_and_each_can_be_read() -> None:
    light, *dark = _themes()
    assert len(dark) == 2
    assert dark[0] == dark[1]
    for theme in (light, *dark):
        assert set(theme) == set(light)
        for name in ("ink", "muted"):
            assert _contrast(theme[f"--d-{name}"], theme["--d-ground"]) >= 4.5, name
        for name in ("1", "2", "3", "4", "5", "bad", "warn", "good", "this", "axis"):
            assert _contrast(theme[f"--d-{name}"], theme["--d-ground"]) >= 3, name
        for name in ("band", "flow"):
            assert _contrast(theme["--d-ink"], theme[f"--d-{name}"]) >= 4.5, name
        shades = [theme[f"--d-h{n}"] for n in range(7)]
        assert all(_contrast(a, b) > 1.09 for a, b in pairwise(shades))


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for given, draw in PICTURES.items():
        (GOLDEN / f"{given}.svg").write_text(draw() + "\n", "utf-8")
    sys.stdout.write(f"{len(PICTURES)} drawings in {GOLDEN}\n")
