"""Drawings of the console: pure functions from data to SVG; words come in, nothing is fetched, nothing is random.

Each gives markup that templates show as it is. Looks stand in static/drawing.css, by class and for both themes; no
drawing has a style attribute or tells anything by colour alone.
"""

from haechi.console.drawing.bars import Bar, Stack, bars, funnel, lying_bars
from haechi.console.drawing.flow import Transfer, flow
from haechi.console.drawing.graph import NODES_MAX, Edge, GraphRow, Node, ego_graph, graph_rows, nearest
from haechi.console.drawing.heat import heat_strip
from haechi.console.drawing.lines import Mark, Series, calibration, lines, precision_recall
from haechi.console.drawing.plot import Axis, moments
from haechi.console.drawing.timeline import Moment, by_day, by_hour_of_week, empty, history_strip

__all__ = [
    "NODES_MAX",
    "Axis",
    "Bar",
    "Edge",
    "GraphRow",
    "Mark",
    "Moment",
    "Node",
    "Series",
    "Stack",
    "Transfer",
    "bars",
    "by_day",
    "by_hour_of_week",
    "calibration",
    "ego_graph",
    "empty",
    "flow",
    "funnel",
    "graph_rows",
    "heat_strip",
    "history_strip",
    "lines",
    "lying_bars",
    "moments",
    "nearest",
    "precision_recall",
]
