"""The demonstration, whole: town, bank, model, server, story."""

from __future__ import annotations

import json
import re
import socket
from itertools import islice

import pytest
import typer

from haechi.commands.demo_command import PORTS_TRIED, free_port, speed_of
from haechi.commands.demonstration import Demonstration, Plan
from haechi.town import Pen

CUSTOMERS = 250


def test_the_story_is_told_in_both_languages_and_again(haechi, tmp_path) -> None:
    home = tmp_path / "bank"
    first = haechi("demo", "--home", home, "--port", 18_600, "--customers", CUSTOMERS)
    assert first.status == 0, first.err
    for step in ("a town lives", "its bank remembers", "it learns from frauds", "its bank opens"):
        assert step in first.err
    for words in ("17 years old", "07:02:00", "7,000 KRW at ice_cream", "risk ", "live payments before the story"):
        assert words in first.out
    assert re.search(r"[가-힣]+습니다", first.out), "the sentence in Korean"
    assert re.search(
        r"curl -s http://127\.0\.0\.1:186\d\d/v1/decisions/story-\S+ -H 'Authorization: Bearer hk_", first.out
    )
    assert int((home / "keys" / "seed").read_text(), 16) == 0, "its dice are the town's, so it comes out the same"
    again = haechi("demo", "--home", home, "--port", 18_600, "--customers", CUSTOMERS, "--once")
    assert again.status == 0, again.err
    assert "a town lives" not in again.err, "what is built is not built again"
    panel = re.compile(r"risk [\d.]+%")
    assert panel.search(again.out).group() == panel.search(first.out).group()
    other = haechi("demo", "--home", home, "--seed", 5)
    assert other.status == 1
    assert "holds a town of seed 0" in other.err


def test_a_strangers_folder_is_left_alone(haechi, tmp_path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    said = haechi("demo", "--home", tmp_path, "--port", 18_650)
    assert said.status == 1
    assert "not an empty folder" in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_busy_port_gives_way_to_the_next() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port(port) < port + PORTS_TRIED


def test_no_free_port_is_a_clear_error(monkeypatch) -> None:
    def refuse(self, address) -> None:
        raise OSError("taken")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(typer.BadParameter, match="choose another with --port"):
        free_port(9_000)


def test_traffic_ends_before_the_story_and_goes_on_after_it(tmp_path) -> None:
    shown = Demonstration(tmp_path / "h", Plan(customers=CUSTOMERS), lambda step, amount, total: None)
    event = shown.story()
    before = [row for day in shown.days_before(event["time"]) for row in day]
    assert max(row["time"] for row in before) < event["time"]
    assert len({row["id"] for row in before}) == len(before)
    times = [one.event["time"] for one in islice(shown.living(lambda row: "allow"), len(before) + 200)]
    assert times == sorted(times)
    assert times[: len(before)] == [row["time"] for row in before], "whom nobody stops lives as planned"
    truth = Pen(shown.plan.town)
    days = [truth.rows(shown.plan.town.day(shown.plan.days + n)) for n in range(3)]
    assert shown.frauds(3) <= {row["id"] for day in days for row in day}
    assert json.dumps(event)


@pytest.mark.parametrize(("text", "speed"), [("60x", 60), ("1", 1), ("0.5X", 0.5)])
def test_the_speed_of_traffic_is_a_factor(text, speed) -> None:
    assert speed_of(text) == speed


@pytest.mark.parametrize("text", ["", "x", "fast", "0x", "-1x", "nan", "1000000x"])
def test_an_impossible_speed_is_refused(text) -> None:
    with pytest.raises(typer.BadParameter, match="--speed must be like 60x"):
        speed_of(text)
