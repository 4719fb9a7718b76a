"""The whole life of a rule, by API, against a real server: written, tried, agreed on, deciding, snoozed, taken back."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.live import until
from haechi.app import add_key, open_shut
from haechi.commands.checking import check_home
from homes import Asker, Pupil, end, haechi, new_home, serving, start

SCHOOL = """
[[rules]]
id = "school-hours"
name = { en = "A minor pays during school hours", ko = "수업 시간 중 미성년자 결제" }
reason = { en = "a minor paying during school hours", ko = "수업 시간 중의 미성년자 결제" }
kinds = ["payment"]
condition = '''is_school_time and age < 19 and amount >= 3_000 won'''
effect = { minimum = "hold" }
"""
OFTEN = """
[[rules]]
id = "often"
name = { en = "Many payments in an hour", ko = "한 시간 내 잦은 결제" }
reason = { en = "many payments in an hour", ko = "한 시간 내 잦은 결제" }
condition = '''count(customer, "1h") >= 2'''
effect = { weight = 0.4 }
"""
FRIDAY = "2024-09-27T10:{minute:02d}:00+09:00"


class People:
    """Two people with keys of their own, one server, one home."""

    def __init__(self, asker: Asker, second: str) -> None:
        self.ana, self.bo = asker, Asker(asker.port, second, asker.pid)
        self.count = 0

    def pay(self, customer: str = "c-17", **changes: Any) -> dict[str, Any]:
        self.count += 1
        time = FRIDAY.format(minute=self.count)
        event = {"id": f"s-{self.count}", "kind": "payment", "time": time, "customer": customer, "amount": 7000,
                 "merchant": "m-1", "currency": "KRW", **changes}  # fmt: skip
        return self.ana.decide(event)

    def told(self, asker: Asker, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        status, answer = asker.ask(method, path, body.encode() if isinstance(body, str) else body, kind)
        assert status == 200, answer
        return answer

    def agree(self, moved: dict[str, Any]) -> dict[str, Any]:
        change = moved.get("change") or moved
        return self.told(self.bo, "POST", f"/v1/approvals/{change['id']}", {"answer": "approve"})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    path = tmp_path_factory.mktemp("agreed") / "home"
    first = new_home(path)
    with open_shut(path) as shut:
        second = add_key(shut.store, "bo", ["read", "rules:approve"]).token
    return path, first, second


@pytest.fixture
def people(home: tuple[Path, str, str], tmp_path: Path) -> Iterator[People]:
    path, first, second = home
    with serving(path, first, tmp_path / "log") as asker:
        found = People(asker, second)
        yield found
        found.bo.line.close()


def test_the_life_of_a_rule(people: People, home: tuple[Path, str, str]) -> None:
    told = people.told
    for name in ("17", "18"):
        profile = {"id": f"f-{name}", "kind": "profile", "time": "2024-03-01T00:00:00+09:00", "customer": f"c-{name}",
                   "birth_date": "2007-03-02"}  # fmt: skip
        people.ana.ask("POST", "/v1/events", profile, "application/x-ndjson")
    assert people.pay()["rules"] == []
    wrong = SCHOOL.replace("is_school_time", "is_shcool_time")
    checked = told(people.ana, "POST", "/v1/rules/check", wrong, "application/toml")
    assert not checked["sound"]
    assert "is_school_time" in checked["findings"][0]["suggestion"]
    added = told(people.ana, "POST", "/v1/rules", SCHOOL, "application/toml")
    (version,) = added["versions"]
    assert (version["id"], version["version"], version["lane"]) == ("school-hours", 1, "draft")
    assert version["author"] == "first"
    moved = told(people.ana, "POST", "/v1/rules/school-hours/lane", {"lane": "shadow"})
    assert moved["state"] == "done"
    shadowed = people.pay()
    assert shadowed["rules"] == [{"rule": "school-hours", "version": 1, "result": "hit", "lane": "shadow"}]
    assert shadowed["action"] == "allow"
    moved = told(people.ana, "POST", "/v1/rules/school-hours/lane", {"lane": "live"})
    assert moved["state"] == "waiting"
    status, refused = people.ana.ask("POST", f"/v1/approvals/{moved['change']['id']}", {"answer": "approve"})
    assert (status, refused["detail"]) == (409, "nobody approves what is her own")
    assert people.pay()["action"] == "allow"
    assert people.agree(moved)["state"] == "done"
    held = people.pay()
    assert (held["action"], held["floor"]) == ("hold", {"minimum": "hold"})
    assert held["sentence"]["en"].startswith("Held a payment of 7,000 won: a minor paying during school hours")
    assert held["versions"]["rules"] == told(people.ana, "GET", "/v1/rules")["in_force"]
    snooze = {"rule": "school-hours", "entity": "customer", "id": "c-17", "until": "2024-10-01T00:00:00+09:00"}
    told(people.ana, "POST", "/v1/snoozes", snooze | {"reason": "trip"})
    snoozed = people.pay()
    assert snoozed["action"] == "allow"
    assert snoozed["rules"][0]["snoozed"] is True
    assert people.pay("c-18")["action"] == "hold"
    explained = haechi("explain", "--home", home[0], "s-4", "--json")
    assert explained.returncode == 0, explained.stderr
    held_by = json.loads(explained.stdout)["rules"][0]
    assert (held_by["rule"], held_by["saw"]["amount"]) == ("school-hours", 7000.0), "explained beside the server"
    moved = told(people.ana, "POST", "/v1/rules/school-hours/rollback", {})
    assert people.agree(moved)["state"] == "done"
    assert people.pay("c-18")["rules"] == []


def test_a_colleague_gets_a_key_and_loses_it_while_the_server_runs(people: People, home: tuple[Path, str, str]) -> None:
    made = haechi("key", "add", "cy", "--home", home[0], "--scope", "read", "--scope", "rules:write",
                  "--scope", "rules:approve")  # fmt: skip
    assert made.returncode == 0, made.stderr
    cy = Asker(people.ana.port, made.stdout.strip(), people.ana.pid)
    added = people.told(
        cy, "POST", "/v1/rules", SCHOOL.replace('id = "school-hours"', 'id = "own"'), "application/toml"
    )
    assert added["versions"][0]["author"] == "cy"
    moved = people.told(cy, "POST", "/v1/rules/own/lane", {"lane": "live"})
    status, refused = cy.ask("POST", f"/v1/approvals/{moved['change']['id']}", {"answer": "approve"})
    assert (status, refused["detail"]) == (409, "nobody approves what is her own"), "both scopes make no second person"
    assert haechi("key", "revoke", "cy", "--home", home[0]).returncode == 0
    since = time.monotonic()
    until(lambda: cy.ask("GET", "/v1/rules")[0] == 401)
    assert time.monotonic() - since < 5
    cy.line.close()


def test_what_was_decided_by_rules_is_decided_again_after_a_crash_and_in_a_replay(
    home: tuple[Path, str, str], tmp_path: Path
) -> None:
    """A rule whose windows the memory lacked is filled while the house decides on; the crash loses nothing."""
    path, first, second = home
    child, asker, _ = start(path, first, tmp_path / "log")
    people = People(asker, second)
    people.count = 20
    for _ in range(3):
        people.pay("c-5", merchant="m-9")
    people.told(asker, "POST", "/v1/rules", OFTEN, "application/toml")
    people.told(asker, "POST", "/v1/rules/often/lane", {"lane": "shadow"})
    until(lambda: not people.told(asker, "GET", "/v1/rules")["preparing"])
    seen = people.pay("c-5", merchant="m-9")["rules"]
    assert seen == [{"rule": "often", "version": 1, "result": "hit", "lane": "shadow"}]
    people.agree(people.told(asker, "POST", "/v1/rules/often/lane", {"lane": "live"}))
    weighed = people.pay("c-5", merchant="m-9")
    assert [s["detector"] for s in weighed["signals"]] == ["pupil", "rules"]
    in_force = people.told(asker, "GET", "/v1/rules")["in_force"]
    for one in (asker, people.bo):
        one.line.close()
    end(child, signal.SIGKILL)
    child, asker, _ = start(path, first, tmp_path / "log")
    again = People(asker, second)
    again.count = 40
    assert again.told(asker, "GET", "/v1/rules")["in_force"] == in_force
    assert again.pay("c-5", merchant="m-9")["rules"][0]["result"] == "hit"
    assert again.pay("c-6")["rules"] == []
    again.bo.line.close()
    asker.line.close()
    assert end(child) == 0, (tmp_path / "log").read_text()
    found = check_home(path, detectors=[Pupil()])
    assert found.difference is None
    assert (found.other_versions, found.decided) == (0, 14)
