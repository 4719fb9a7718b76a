"""The demonstration's people answer challenges, and what was stopped on its way does not arrive."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

from haechi.commands.living import living
from haechi.town import Town, parameters

EVENTS = 4_000


def lived(action: str, kind: str) -> tuple[list[dict[str, Any]], dict[str, bool]]:
    """What a house sees that treats every event of one kind so, and which of those events were fraud."""
    town, seen = Town(parameters("small", customers=300, days=40, fraud={"level": 40.0}), 0), list[dict[str, Any]]()

    def decide(event: dict[str, Any]) -> str:
        seen.append(event)
        return action if event["kind"] == kind else "allow"

    return seen, {one.event["id"]: one.fraud for one in islice(living(town, 40, decide), EVENTS)}


def test_honest_people_pass_and_whom_it_was_not_says_so() -> None:
    seen, fraud = lived("challenge", "transfer")
    answers = [one for one in seen if "challenge" in one]
    assert {one["kind"] for one in answers} == {"check"}
    assert all(one["challenge"] == f"c-{one['event_id']}" for one in answers)
    results = Counter((fraud[one["event_id"]], one["result"]) for one in answers)
    assert set(results) <= {(False, "passed"), (False, "failed"), (True, "passed"), (True, "refused")}
    assert results[False, "passed"] > 20 * results[False, "failed"]
    assert results[True, "refused"] > results[True, "passed"]
    others = [one for one in seen if one["kind"] == "check" and "challenge" not in one]
    assert all(one["result"] in ("ok", "failed") for one in others), (
        "checks that nobody here asked for stay as they are"
    )


def test_what_was_stopped_does_not_arrive() -> None:
    free, _ = lived("allow", "transfer")
    assert any(one["kind"] == "deposit" and one["payee"].startswith("a-") for one in free)
    seen, _ = lived("block", "transfer")
    sent = {(one["account"], one["payee"], one["amount"]) for one in seen if one["kind"] == "transfer"}
    assert sent
    arrived = {(one["payee"], one["account"], one["amount"]) for one in seen if one["kind"] == "deposit"}
    assert not sent & arrived
