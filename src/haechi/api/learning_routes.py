"""The routes of what models learn from: labels and data sets."""

from __future__ import annotations

from haechi.api import learning_shapes as shapes
from haechi.api.case_routes import at, get
from haechi.api.route import Route

ROUTES: tuple[Route, ...] = (
    get("/v1/labels/delays", "label_delays", "How long it takes until a fraud is known, by source and typology",
        shapes.LabelDelays),
    get("/v1/datasets", "datasets", "What models were trained on", shapes.DataSets),
    get("/v1/datasets/{dataset}", "dataset", "The card of one data set", shapes.DataSet,
        at("dataset", "Its hash, or the start of it.")),
)  # fmt: skip
