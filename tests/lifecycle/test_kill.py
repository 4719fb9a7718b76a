"""kill -9 at any moment of registering, promoting or rolling back: one champion, and a home that opens."""

from __future__ import annotations

import os
import random
import signal
import time
from itertools import count
from pathlib import Path

import pytest

from haechi.app import life_of, open_shut
from haechi.learning.life.errors import LifeError
from haechi.learning.registry import Registry
from haechi.stores import AlreadyOpen, Disagreed, Home
from learning.life.making import GOOD, model
from lifecycle.making import home_with_models

POLICY = "[models]\nbefore_champion = []\napprovers = { shadow = 0, canary = 0, champion = 0 }\n"
SPARE = 6


def lead(path: Path, names: tuple[str, ...], dice: random.Random, told: int) -> None:
    """In a child: register, promote and roll back without an end."""
    with open_shut(path) as shut:
        life = life_of(shut)
        for n in count():
            os.write(told, b".")
            known = [one.version for one in life.book.models()]
            try:
                if n % 3 == 0:
                    spare = model(2 + dice.randrange(SPARE), names)
                    life.registry.register(spare, GOOD, now_us=n)
                    life.enter(spare.version, "retraining", {})
                elif n % 3 == 1:
                    life.ask(dice.choice(known), "champion", "ana")
                else:
                    life.rollback("ana")
            except (LifeError, Disagreed):
                continue  # it is the champion already, or nothing stands behind it


def killed(path: Path, names: tuple[str, ...], dice: random.Random) -> None:
    """One child that is killed somewhere on its way: some steps in, and then at any moment of the next ones."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            lead(path, names, dice, told)
        finally:
            os._exit(1)
    os.close(told)
    for _ in range(dice.randint(1, 12)):
        assert os.read(heard, 1), "the child is at work"
    time.sleep(dice.random() * 0.03)
    os.kill(child, signal.SIGKILL)
    os.close(heard)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it was still at work"


def opened_again(path: Path) -> str:
    """Open the home as after a crash, and give its one champion."""
    for _ in range(50):
        try:
            with open_shut(path) as shut:
                life = life_of(shut)
                champions = [e.version for e in Registry(Home(path).models).entries() if e.status == "champion"]
                assert champions == [life.standing.champion]
                assert life.registry.champion() is not None
                for entry in life.registry.entries():
                    life.registry.load(entry.version)
                return champions[0]
        except AlreadyOpen:
            time.sleep(0.02)
    raise AssertionError("the lock of a killed process must go with it")


def kill_often(folder: Path, times: int, seed: int) -> int:
    """Kill a child at work so often; how many steps it took meanwhile. A step and its rollback end where they began."""
    path, _, _ = home_with_models(folder, settings=POLICY)
    with open_shut(path) as shut:
        names = shut.spec.names
        life_of(shut)
    for n in range(SPARE):
        model(2 + n, names)  # made once: the child only keeps it
    dice = random.Random(seed)
    for _ in range(times):
        killed(path, names, dice)
        opened_again(path)
    with open_shut(path) as shut:
        return len(life_of(shut).book.history())


def test_eight_kills_leave_one_champion(tmp_path) -> None:
    assert kill_often(tmp_path, 8, 1) > 2, "the child did promote something"


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [2, 3])
def test_fifty_kills_leave_one_champion(tmp_path, seed: int) -> None:
    assert kill_often(tmp_path, 50, seed) > 20
