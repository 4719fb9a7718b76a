"""One of each drawing with settled data: what the golden files hold, and what people look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from haechi.console.drawing import (
    Axis,
    Bar,
    Edge,
    Mark,
    Moment,
    Node,
    Series,
    Stack,
    Transfer,
    bars,
    by_day,
    by_hour_of_week,
    calibration,
    ego_graph,
    empty,
    flow,
    funnel,
    heat_strip,
    history_strip,
    lines,
    lying_bars,
    moments,
    precision_recall,
)

KST = timezone(timedelta(hours=9))
NOW = datetime(2024, 10, 25, 7, 2, tzinfo=KST)
WEEK = ("월", "화", "수", "목", "금", "토", "일")
KINDS = ("ordinary", "stopped", "fraud", "this event")
ENTITIES = {"customer": "customer", "device": "device", "payee": "payee", "ip": "address"}
THIS = Moment(NOW, 7_000, said="7,000 won, 10-25 07:02")


def past(count: int) -> list[Moment]:
    """Ordinary payments of about 3,000 won, and two that were not."""
    found = [Moment(NOW - timedelta(hours=7.3 * n % 720), 2_000 + 37 * n % 2_900) for n in range(count)]
    stopped = Moment(NOW - timedelta(days=3), 52_000, "stopped", "held", "/alerts/a-1")
    return [*found, stopped, Moment(NOW - timedelta(days=9), 900_000, "fraud", "fraud", "/alerts/a-2")]


def star(count: int) -> tuple[list[Node], list[Edge]]:
    """A customer, what she uses, and others who use it too."""
    kinds = ("device", "payee", "ip")
    nodes = [Node("customer:c-1", "customer", "c-1", "/customers/c-1")]
    edges = []
    for n in range(count - 1):
        hub = f"{kinds[n % 3]}:{n % 12}"
        if n < 12:
            nodes.append(Node(hub, kinds[n % 3], hub.partition(":")[2], f"/look/{n}", bad=n == 5))
            edges.append(Edge("customer:c-1", hub, 1 + n % 4))
        else:
            nodes.append(Node(f"customer:x-{n}", "customer", f"x-{n}", f"/customers/x-{n}"))
            edges.append(Edge(f"customer:x-{n}", f"{kinds[n % 12 % 3]}:{n % 12}"))
    return nodes, edges


def _graph(count: int) -> str:
    return ego_graph(*star(count), "customer:c-1", label="c-1 and whom it touches", kinds=ENTITIES, bad="confirmed")


PICTURES: dict[str, Callable[[], str]] = {
    "by_hour_of_week": lambda: by_hour_of_week(
        past(90), WEEK, label="When c-1 pays", amount="won", hour="hour of week", kinds=KINDS, ringed=THIS
    ),
    "by_day": lambda: by_day(past(90), label="What c-1 paid", amount="won", day="date", kinds=KINDS, ringed=THIS),
    "heat_strip": lambda: heat_strip(
        [[float((h * (d + 1)) % 7 if h > 6 else 0) for h in range(24)] for d in range(7)],
        WEEK, label="Hours of c-1", few="few", many="many", ringed=(4, 7),
    ),
    "history_strip": lambda: history_strip([2, 3, 2.5, 3.5, 3], 7, label="usually 3, now 7", usual=(2, 3.5)),
    "ego_graph": lambda: _graph(30),
    "lines": lambda: lines(
        [Series("a", [(NOW.timestamp() + 60 * n, n % 5) for n in range(60)]),
         Series("b", [(NOW.timestamp() + 60 * n, None if n == 9 else 3 + n % 4) for n in range(60)])],
        label="Decisions", x=moments("time", NOW, NOW + timedelta(hours=1)), y=Axis("a minute", 0, 8), area=True,
        marks=[Mark(5, "limit")], at=Mark(NOW.timestamp() + 900, "promoted"),
    ),
    "bars": lambda: bars(
        ["00", "01", "02"], [Stack("held", [3, 0, 1]), Stack("blocked", [1, 2, 0], "bad")], label="Alerts", y="alerts"
    ),
    "lying_bars": lambda: lying_bars(
        [Bar("amount", 0.03), Bar("평소 시간", 0.13, "0.13"), Bar("a name that is far too long to be shown", 0.4)],
        label="Drift", title="PSI", thresholds=[Mark(0.1, "0.1"), Mark(0.25, "0.25")],
    ),
    "precision_recall": lambda: precision_recall(
        [(n / 10, 1 - 0.06 * n) for n in range(11)], label="Precision and recall", recall="recall",
        precision="precision", chosen=(0.7, 0.58, "100 a day"), name="champion",
    ),
    "calibration": lambda: calibration(
        [(0.001, 0.002, 900), (0.1, 0.08, 90), (0.5, 0.6, 9)], label="Calibration", predicted="predicted",
        observed="observed", perfect="perfect",
    ),
    "flow": lambda: flow(
        [Transfer("victim", "mule-1", 5e6, "5,000,000", bad=True), Transfer("victim", "mule-2", 2e6, "2,000,000"),
         Transfer("mule-1", "mule-3", 4e6, "4,000,000"), Transfer("mule-3", "mule-1", 1e5, "100,000")],
        label="Where the money went", hrefs={"mule-3": "/look/mule-3"},
    ),
    "funnel": lambda: funnel([Bar("decided", 1_200), Bar("held", 30)], label="Funnel", of_all="of all"),
    "empty": lambda: empty("Nothing yet"),
}  # fmt: skip
