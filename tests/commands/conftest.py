"""The command line as a fixture: `haechi("schema", ...)` gives status, output, errors; and a small town's files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from haechi.town import Pen, Town, parameters
from haechi.town.acts import Kind

from .line import Said, call

SCHEMA = """
name = "shop"
kind = "payment"
time = { column = "time", timezone = "Asia/Seoul" }
id = { column = "id" }
[entities]
customer = { column = "customer" }
merchant = { column = "merchant" }
[amount]
column = "amount"
currency = "KRW"
[label]
column = "fraud"
positive = [true]
negative = [false]
delay = "2d"
"""


@pytest.fixture
def haechi(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    return lambda *words: call(capsys, monkeypatch, *words)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with shop.toml and payments.jsonl; far more fraud than in life, so that a small town has enough."""
    folder = tmp_path_factory.mktemp("town")
    town = Town(parameters("small", customers=150, days=30, start="2024-07-27", fraud={"level": 80.0}), 11)
    pen = Pen(town)
    with (folder / "payments.jsonl").open("w") as file:
        for number in range(30):
            acts = town.day(number)
            payments = acts.take(acts["kind"] == Kind.PAYMENT)
            for row, fraud in zip(pen.rows(payments), payments["fraud"].tolist(), strict=True):
                file.write(json.dumps(row | {"fraud": fraud}) + "\n")
    (folder / "shop.toml").write_text(SCHEMA)
    return folder
