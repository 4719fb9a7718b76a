"""The closed loop: who is stopped tries again, adapts, gives up or leaves."""

from __future__ import annotations

from haechi.town.loop import PATIENCE, Reactions, live

from .small import town

FIRST, DAYS = 20, 4


def run(decide) -> tuple[list, Reactions]:
    world = Reactions()
    return list(live(town(), decide, first_day=FIRST, days=DAYS, reactions=world)), world


def judged(answer) -> bool:
    return answer.event["kind"] in ("payment", "transfer", "withdrawal")


def test_when_all_is_allowed_the_town_is_as_planned() -> None:
    answers, world = run(lambda event: "allow")
    assert len(answers) == sum(len(town().day(FIRST + n)) for n in range(DAYS))
    assert [a.event["time"] for a in answers] == sorted(a.event["time"] for a in answers)
    assert world.lost_won > 0 == world.stopped_won
    assert not world.left


def test_fraudsters_who_are_blocked_try_less_later_and_give_up() -> None:
    truth = {a.event["id"] for a in run(lambda event: "allow")[0] if a.fraud}
    known = dict.fromkeys(truth, "block")
    answers, world = run(lambda event: known.get(event["id"], "allow"))
    planned = sum(1 for a in answers if a.fraud and a.event["id"] in truth)
    again = [a for a in answers if a.fraud and a.event["id"] not in truth]
    assert again, "somebody tries again"
    assert planned < len(truth), "somebody gives up"
    assert world.given_up
    everything, strict = run(lambda event: "block" if event["id"] in truth else "allow")
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
