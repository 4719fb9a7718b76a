"""One town made by hand for all tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from haechi.town.report.facts import Facts, gather
from haechi.town.report.folder import TownFolder

from .folders import make_town


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="package")
def facts(town: Path) -> Facts:
    return gather(TownFolder.open(town))[0]
