"""Calls the command line as a shell would, in this process; what it says comes back."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from haechi import cli


@dataclass(frozen=True)
class Said:
    """How a call ended and what it wrote."""

    status: int
    out: str
    err: str


def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object) -> Said:
    """Run `haechi WORDS...`."""
    monkeypatch.setattr(sys, "argv", ["haechi", *(str(word) for word in words)])
    monkeypatch.setenv("COLUMNS", "120")
    try:
        cli.main()
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    out, err = capsys.readouterr()
    return Said(status, out, err)
