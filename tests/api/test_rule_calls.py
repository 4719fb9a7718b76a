"""The calls about rules: what is read from a request, who asked, and what is refused before anybody is asked."""

from __future__ import annotations

import json

import pytest

from api.fake import Door, key_for
from haechi.api import rule_shapes as shapes
from haechi.api.rule_calls import ROWS_MAX, read_csv

TOML, CSV, JSON = "application/toml", "text/csv", "application/json"


@pytest.fixture
def door() -> Door:
    return Door()


def asked(door: Door, *args: object, **more: object) -> tuple:
    answer = door(*args, **more)
    assert answer.status == 200, answer.body
    return door.front.desk.asked[-1]


def body(**told: object) -> bytes:
    return json.dumps(told).encode()


def test_each_call_reaches_the_desk(door: Door) -> None:
    assert asked(door, "GET", "/v1/rules") == ("rules",)
    assert asked(door, "GET", "/v1/typologies") == ("typologies",)
    assert asked(door, "GET", "/v1/rules/school") == ("rule", "rule", "school")
    assert asked(door, "GET", "/v1/typologies/t") == ("rule", "typology", "t")
    assert asked(door, "POST", "/v1/rules", b"[[rules]]", kind=TOML) == ("add", "[[rules]]", "", "")
    assert asked(door, "POST", "/v1/rules/check", body(rules=[]))[1] == shapes.RuleFile()
    move = asked(door, "POST", "/v1/rules/a%2Fb/lane", body(lane="canary", share=0.2))
    assert move == ("move", "rule", "a/b", shapes.Move(lane="canary", share=0.2), "")
    assert asked(door, "POST", "/v1/typologies/t/lane", body(lane="live"))[:3] == ("move", "typology", "t")
    assert asked(door, "POST", "/v1/rules/r/rollback", b"{}") == ("rollback", "rule", "r", "", "")
    assert asked(door, "GET", "/v1/approvals/3") == ("change", 3)
    assert asked(door, "POST", "/v1/approvals/3", body(answer="approve")) == ("answer", 3, "approve", "", "")
    assert asked(door, "POST", "/v1/approvals/3/withdraw", b"{}") == ("answer", 3, "withdraw", "", "")
    assert asked(door, "GET", "/v1/lists") == ("lists",)
    assert asked(door, "GET", "/v1/snoozes") == ("snoozes",)
    snooze = {"rule": "r", "entity": "customer", "id": "c", "until": "2026-01-01T00:00:00Z", "reason": "x"}
    assert asked(door, "POST", "/v1/snoozes", body(**snooze)) == ("snooze", shapes.Snooze(**snooze), "")


def test_pages_have_a_cursor_only_when_there_may_be_more(door: Door) -> None:
    page = door("GET", "/v1/approvals?state=waiting&limit=2&cursor=9").json
    assert door.front.desk.asked[-1] == ("changes", "waiting", 9, 2)
    assert (len(page["changes"]), page["next"]) == (2, "1")
    page = door("GET", "/v1/lists/bad?limit=3&cursor=e-5").json
    assert door.front.desk.asked[-1] == ("entries", "bad", "e-5", 3)
    assert page["next"] == "e-2"


def test_list_rows_come_as_json_or_csv(door: Door) -> None:
    rows = [shapes.ListRow(entity="p-1", reason="mule"), shapes.ListRow(entity="p-2", action="remove")]
    text = b"entity,reason,action\np-1,mule,\np-2,,remove\n"
    told = asked(door, "POST", "/v1/lists/bad?purpose=block&into=4&comment=why", text, kind=CSV)
    assert told == ("change_list", "bad", shapes.ListChange(rows=rows, purpose="block", comment="why"), "", 4)
    told = asked(door, "POST", "/v1/lists/bad", body(rows=[{"entity": "p-1", "reason": "mule"}]))
    assert told[2].rows == rows[:1]


@pytest.mark.parametrize(
    ("method", "path", "sent", "kind", "status", "says"),
    [
        ("POST", "/v1/rules", b"\xff", TOML, 400, "not UTF-8"),
        ("POST", "/v1/rules", b"{", "application/json", 400, "JSON"),
        ("POST", "/v1/rules/r/lane", b'{"lane":"gone"}', JSON, 400, "draft, shadow, canary, live, retired;"),
        ("POST", "/v1/rules/r/lane", b'{"lane":"live","x":1}', "application/json", 400, "unknown field"),
        ("POST", "/v1/rules", b'{"rules":[],"comment":"why"}', JSON, 400, "unknown field `comment`"),
        ("POST", "/v1/approvals/3", b'{"answer":"withdraw"}', "application/json", 400, "it is approve, reject;"),
        ("POST", "/v1/lists/l", b'{"rows":[{"entity":"p"}],"purpose":"eat"}', JSON, 400, "allow, block, watch;"),
        ("POST", "/v1/snoozes", b'{"rule":"r","entity":"e","id":"c","until":"u"}', JSON, 400, "`reason`"),
        ("POST", "/v1/approvals/x", b'{"answer":"approve"}', "application/json", 400, "whole number"),
        ("GET", "/v1/approvals?state=lost", b"", None, 400, "waiting, done"),
        ("POST", "/v1/lists/l?purpose=eat", b"entity,reason\na,b\n", CSV, 400, "eat"),
        ("POST", "/v1/lists/l", b"name\na\n", CSV, 400, "needs a column"),
        ("POST", "/v1/lists/l", b"entity,x\na,b\n", CSV, 400, "does not know column"),
        ("POST", "/v1/lists/l", b"entity,action\na,eat\n", CSV, 400, "line 2 of the CSV: Invalid enum value 'eat'"),
        ("POST", "/v1/lists/l", b"entity,action\na,eat\n", CSV, 400, ": it is add, remove"),
        ("POST", "/v1/lists/l", b"entity;action\na;add\n", CSV, 400, "semicolons between its columns"),
        ("POST", "/v1/lists/l", b"entity,reason\na,x\n\na,y\n", CSV, 400, "line 4 of the CSV: 'a' is named on line 2"),
        ("POST", "/v1/lists/l", b"entity,reason\na,x\nb,\n", CSV, 400, "line 3 of the CSV: say why 'b' is on the list"),
        ("POST", "/v1/lists/l", b"entity,expires\na,31.12.2024\n", CSV, 400, "line 2 of the CSV: expires '31.12.2024'"),
        ("POST", "/v1/lists/l", b"\xff", CSV, 400, "not UTF-8"),
        ("POST", "/v1/lists/l", b'entity\n"a\n', CSV, 400, "cannot be read"),
        (
            "POST",
            "/v1/lists/l",
            b"entity,reason\n" + b"\n".join(b"%d,x" % n for n in range(ROWS_MAX + 1)),
            CSV,
            413,
            "into=",
        ),
        ("POST", "/v1/rules", b"", "text/plain", 415, "application/toml"),
        ("DELETE", "/v1/rules/r", b"", None, 405, "GET"),
        ("DELETE", "/v1/rules", b"", None, 405, "GET or HEAD or POST"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_a_sentence(
    door: Door, method: str, path: str, sent: bytes, kind: str | None, status: int, says: str
) -> None:
    answer = door(method, path, sent, kind=kind)
    assert (answer.status, says in answer.detail) == (status, True), answer.body
    assert answer.json["title"] != "Not an event"
    assert door.front.desk.asked == []


def test_who_asks_is_the_name_of_the_key_and_needs_the_scope(door: Door) -> None:
    from haechi.security import StoredKey

    for scope, path, sent, status in (
        ("rules:write", "/v1/rules/r/lane", body(lane="live"), 200),
        ("rules:write", "/v1/approvals/1", body(answer="approve"), 403),
        ("rules:approve", "/v1/approvals/1", body(answer="approve"), 200),
        ("rules:approve", "/v1/rules/r/lane", body(lane="live"), 403),
        ("admin", "/v1/approvals/1", body(answer="approve"), 403),
        ("rules:write", "/v1/backtests", body(rules=["r"]), 200),
        ("rules:approve", "/v1/backtests", body(rules=["r"]), 200),
        ("read", "/v1/backtests", body(rules=["r"]), 403),
    ):
        key = key_for(scope)
        digest = key.stored.digest
        door.front.keys[digest] = StoredKey(digest, frozenset([scope]), "ana")
        answer = door("POST", path, sent, key=key.token)
        assert answer.status == status
        if status == 200 and path != "/v1/backtests":
            assert "ana" in door.front.desk.asked[-1]


def test_a_csv_may_begin_with_a_mark_and_leave_fields_empty() -> None:
    text = b"\xef\xbb\xbfentity,expires,reason\r\na,,mule\r\n"
    assert read_csv(text) == [shapes.ListRow(entity="a", reason="mule")]
