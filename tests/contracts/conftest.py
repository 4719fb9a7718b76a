"""Each engine in turn, and stores of it that are closed in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from haechi.stores import Store, open_store

from .journals import ENGINES, Engine


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param


@pytest.fixture
def opened(engine: Engine, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    stores: list[Store] = []

    def open_(**options: Any) -> Store:
        stores.append(open_store(engine.url(tmp_path), **options))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()
