"""A feed breaks after a promotion: the alarm, the way back to the champion before, and everywhere that it is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from haechi.learning.watch.reference import Reference
from haechi.lifecycle.room import SERIOUS
from homes import payment
from learning.life.making import champion as make_champion
from lifecycle.making import QUIET, fronts, home_with_models
from lifecycle.test_room import NOW_US, _self

A_DAY = 220  # of the test's events: 8 more than a day needs to say something
QUIET_DAYS = 8
SETTINGS = f"{QUIET}[watch]\nquiet_days = 7\n"


def bodies(day: int, *, factor: int = 1) -> list[bytes]:
    """A day of payments like every other, or with amounts in another unit."""
    rows = [payment(n, id=f"d-{day}-{n}", time=f"2024-08-{day + 1:02d}T{n % 24:02d}:{n // 24:02d}:00Z")
            for n in range(A_DAY)]  # fmt: skip
    rows.sort(key=lambda row: row["time"])
    return [json.dumps(row | {"amount": row["amount"] * factor}).encode() for row in rows]


def test_a_broken_feed_takes_a_new_champion_back_and_everybody_hears_of_it(tmp_path: Path) -> None:
    path, (champion, challenger), _ = home_with_models(tmp_path, settings=SETTINGS)
    with fronts(path, lambda: NOW_US) as (opened, ask):
        watching, names = opened.house.watcher, opened.course.memory.spec.names

        def live(day: int, factor: int = 1) -> None:
            ask(lambda front: front.decide_batch(bodies(day, factor=factor)))
            watching.step(close=True)

        watching.keeper.use(Reference.of(np.zeros((50, len(names)), np.float32), names))
        for day in range(QUIET_DAYS):
            live(day)
        make_champion(opened.life, challenger)
        watching.keeper.use(Reference.of(np.zeros((50, len(names)), np.float32), names))
        live(QUIET_DAYS)
        assert opened.life.standing.champion == challenger, "nothing has moved yet"
        live(QUIET_DAYS + 1, factor=100)
        assert opened.life.standing.champion == challenger, "the day is not over"
        live(QUIET_DAYS + 2)
        assert opened.life.standing.champion == champion

        front = ask(_self)
        said = front.models.watch(14, "")
        told = front.models.history(None, 1)
        newest, rest = told.events[0], front.models.history(int(told.next), 100)
        assert (newest.what, newest.model, newest.undone) == ("rollback", champion, challenger)
        assert rest.next is None
        assert {one.undone for one in rest.events} == {None}
        alarm = said.decides.why.split()[0]
        assert alarm in SERIOUS & {one.name for one in said.alarms if one.state == "raised"}
        assert (said.champion, said.decides.what, said.decides.person) == (champion, "rollback", "alarm")
        figures = {(one.name, one.labels): one.value for one in front.figures()}
        assert figures["haechi_model_rollbacks", ()] == 1
        assert figures["haechi_watch_alarm", (("name", alarm),)] == 1
        deeds = [one for one in front.cases.deeds.page(about="model") if one.what == "rollback"]
        assert [(one.person, one.id) for one in deeds] == [("alarm", champion)]
        assert f"{alarm} moved by" in deeds[0].told
        assert [one.about for one in front.cases.deeds.page(about="policy")] == ["policy"]
        assert "account:" in front.cases.deeds.page(about="policy")[0].person
