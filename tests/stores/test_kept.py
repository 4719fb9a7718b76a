"""A journal that is copied for a child: whole or not at all, without the reasons, read from any number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from haechi.stores import LEARNED, Entry, KeptJournal, keep_journal, kept

SAID = msgspec.json.encode({
    "action": "hold", "score": 0.25, "rules": [{"rule": "large", "result": "hit", "lane": "live"}], "released": "",
    "reasons": ["long ones"],
})  # fmt: skip


def entries(count: int) -> Iterator[Entry]:
    for n in range(count):
        yield Entry(type=LEARNED, event_id=f"e-{n}", time_us=1, body=b"{}", decision=SAID, seq=1_000 + n)


def test_a_kept_journal_is_read_from_any_number(tmp_path: Path) -> None:
    found = KeptJournal(tmp_path)
    assert not found.exists
    assert list(found.entries()) == []
    keep_journal(entries(3), tmp_path)
    assert [entry.seq for entry in found.entries(1_000)] == [1_001, 1_002]
    told = msgspec.json.decode(next(found.entries()).decision)
    assert told == {"action": "hold", "score": 0.25, "rules": [{"rule": "large", "result": "hit", "lane": "live"}]}
    found.drop()
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_whole_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[Entry]:
        yield from entries(2)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        keep_journal(broken(), tmp_path)
    assert not KeptJournal(tmp_path).exists
    keep_journal(entries(3), tmp_path, lambda: True)
    assert not KeptJournal(tmp_path).exists, "who was told to stop leaves nothing"
    monkeypatch.setattr(kept, "BYTES_MAX", 100)
    with pytest.raises(OSError, match="larger than 0 GiB: stop the server"):
        keep_journal(entries(9), tmp_path)
    assert list(tmp_path.iterdir()) == []
