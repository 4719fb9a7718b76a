"""The command line as a fixture: `haechi("schema", "check", ...)` gives status, output and errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .line import Said, call


@pytest.fixture
def haechi(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    return lambda *words: call(capsys, monkeypatch, *words)
