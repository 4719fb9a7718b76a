"""The closed loop: who is stopped tries again, adapts, gives up or leaves."""

from __future__ import annotations

from haechi.town.loop import PATIENCE, Reactions, live

from .small import town

FIRST, DAYS = 20, 4


def run(decide, here=None, days: int = DAYS) -> tuple[list, Reactions]:
    world = Reactions()
    return list(live(here or town(), decide, first_day=FIRST, days=days, reactions=world)), world


def judged(answer) -> bool:
    return answer.event["kind"] in ("payment", "transfer", "withdrawal")


def test_when_all_is_allowed_the_town_is_as_planned() -> None:
    answers, world = run(lambda event: "allow")
    assert len(answers) == sum(len(town().day(FIRST + n)) for n in range(DAYS))
    assert [a.event["time"] for a in answers] == sorted(a.event["time"] for a in answers)
    assert world.lost_won > 0 == world.stopped_won
    assert not world.left


def test_fraudsters_who_are_blocked_try_less_later_and_give_up() -> None:
    busy = town(1_500, 4, 60.0)
    truth = {a.event["id"] for a in run(lambda event: "allow", busy, 2)[0] if a.fraud}
    known = dict.fromkeys(truth, "block")
    answers, world = run(lambda event: known.get(event["id"], "allow"), busy, 2)
    planned = sum(1 for a in answers if a.fraud and a.event["id"] in truth)
    again = [a for a in answers if a.fraud and a.event["id"] not in truth]
    assert again, "somebody tries again"
    assert planned < len(truth), "somebody gives up"
    assert world.given_up
    everything, strict = run(lambda event: "block" if event["id"] in truth else "allow", busy, 2)
    assert len(everything) == len(answers), "the same decisions give the same town"
    assert strict.stopped_won == world.stopped_won


def test_customers_stopped_too_often_leave() -> None:
    answers, world = run(lambda event: "hold" if event["kind"] == "payment" else "allow")
    assert len(world.left) > 50
    gone = next(iter(world.left))
    mine = [
        a for a in answers if a.event["customer"] == f"c-{gone}" and judged(a) and a.action == "hold" and not a.fraud
    ]
    assert len(mine) == PATIENCE
    last = [a for a in answers if a.event["customer"] == f"c-{gone}"][-1]
    assert last.event["time"] <= max(m.event["time"] for m in mine)


def test_a_challenge_brings_a_check_and_most_honest_people_pass() -> None:
    answers, world = run(lambda event: "challenge" if event["kind"] == "transfer" else "allow")
    about = {
        a.event["event_id"]: a.event["result"] for a in answers if a.event["kind"] == "check" and "event_id" in a.event
    }
    honest = [about[a.event["id"]] for a in answers if a.event["id"] in about and not a.fraud]
    assert len(honest) > 100
    assert 0.9 < honest.count("ok") / len(honest) < 1
    assert set(honest) == {"ok", "failed"}
    assert world.stopped_won >= 0


def test_what_was_stopped_does_not_arrive_and_is_not_passed_on() -> None:
    busy = town(1_500, 4, 60.0)
    planned, _ = run(lambda event: "allow", busy, 2)
    robbed = [a for a in planned if a.fraud and a.event["kind"] == "transfer" and a.event["payee"].startswith("a-")]
    assert len(robbed) > 5
    ids = {a.event["id"] for a in robbed}
    answers, _ = run(lambda event: "block" if event["id"] in ids else "allow", busy, 2)
    arrived = [a.event for a in answers if a.event["kind"] == "deposit"]
    known = {(event["customer"], event["payee"], event["amount"]) for event in arrived}
    for event in (a.event for a in robbed):
        assert (f"c-{event['payee'][2:]}", f"a-{event['customer'][2:]}", event["amount"]) not in known
    mules = {(a.campaign, f"c-{a.event['payee'][2:]}") for a in robbed}

    def gone(told: list) -> int:
        return sum(a.event["amount"] for a in told if a.fraud and (a.campaign, a.event["customer"]) in mules)

    assert gone(planned) > 0
    assert gone(answers) < 0.3 * gone(planned)


def test_a_second_try_that_goes_through_arrives() -> None:
    seen: set[str] = set()

    def once(event: dict) -> str:
        key = f"{event['customer']} {event.get('payee')}"
        if event["kind"] != "transfer" or key in seen:
            return "allow"
        seen.add(key)
        return "hold"

    answers, world = run(once, days=1)
    planned = {a.event["id"] for a in run(lambda event: "allow", days=1)[0]}
    again = [a.event for a in answers if a.event["id"] not in planned and a.event["kind"] == "transfer"]
    opened = town().people.joined
    receivers = {f"a-{c}" for c in range(len(opened)) if opened[c] <= FIRST and c not in world.left}
    here = [event for event in again if event["payee"] in receivers]
    assert len(here) > 3
    deposits = {(a.event["customer"], a.event["amount"]) for a in answers if a.event["kind"] == "deposit"}
    assert all((f"c-{event['payee'][2:]}", event["amount"]) in deposits for event in here)
