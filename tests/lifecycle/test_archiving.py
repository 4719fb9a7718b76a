"""What no start has to replay moves into the archive while the house decides; nothing is lost, all comes out again."""

from __future__ import annotations

from haechi.app import open_house
from haechi.commands.checking import check_home
from haechi.lifecycle.archiving import Archiving
from lifecycle.making import fronts, home_with_models
from lifecycle.test_room import NOW_US, decide


def test_old_entries_move_and_a_start_still_finds_everything(tmp_path) -> None:
    path, _, _ = home_with_models(tmp_path, settings="[snapshots]\nevery_entries = 40\n")
    for first in (0, 60, 120):
        with fronts(path, lambda: NOW_US) as (_, ask):
            decide(ask, range(first, first + 60))
    with fronts(path, lambda: NOW_US) as (opened, ask):
        busy = [True]
        archiving = Archiving(
            opened.store.journal, opened.archive, opened.home.snapshots, 1_000, lambda: busy[0]
        )  # fmt: skip
        assert archiving.step(now=True) == 0, "somebody reads the past"
        busy[0] = False
        assert archiving.step() == 0, "too few to be worth a file"
        closed = Archiving(opened.store.journal, opened.archive, opened.home.snapshots, 1)
        closed.close()
        assert closed.step() == 0, "who closes begins nothing"
        held_up = iter([True, True, False])
        archiving = Archiving(
            opened.store.journal, opened.archive, opened.home.snapshots, 1, is_held_up=lambda: next(held_up)
        )  # fmt: skip
        moved = archiving.step()
        assert 0 < moved == archiving.moved
        assert next(held_up, None) is None, "it rested while decisions were held up"
        kept = sorted(int(p.stem) for p in opened.home.snapshots.glob("*.memory"))
        assert opened.store.journal.first_seq() == min(kept) + 1
        assert archiving.step(now=True) == 0
        assert decide(ask, [5])[0].event_id == "q-5", "an event that moved keeps its answer"
    with open_house(path) as opened:
        assert opened.last_seq == 180
    assert check_home(path).difference is None
