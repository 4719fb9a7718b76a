"""An explained event as a person reads it: the decision first, JSON nowhere."""

from __future__ import annotations

from haechi.commands.saying import readable

RULE = {
    "rule": "large", "version": 2, "result": "hit", "lane": "live", "condition": "amount >=\n  5_000 won",
    "effect": {"weight": None, "minimum": "hold", "fixed": None}, "saw": {"amount": 7000.0, "payee": None},
}  # fmt: skip
REASON = {"code": "behaviour.hour", "value": "07:02", "usual": "15:00-22:30", "weight": 5.912, "text": {"en": "at 7"}}
TOLD = {
    "event_id": "s-1", "seq": 3, "time": "2024-10-11T07:02:00+09:00", "event": {"id": "s-1", "amount": 7000},
    "sentence": {"en": "Held: it is large.", "ko": "보류: 고액"}, "reasons": [REASON],
    "decision": {"action": "hold", "signals": []},
    "labels": [{"fraud": True, "known_at": "2024-10-12", "source": "ana"}],
    "features_recomputed": True, "contributions": [{**REASON, "detector": "school", "text": None}],
    "rules": [RULE, {**RULE, "result": "undecided", "snoozed": True}], "features": {"age": {"value": None}},
}  # fmt: skip


def test_the_decision_and_why_come_first() -> None:
    assert list(readable(TOLD)) == [
        "s-1 of 2024-10-11T07:02:00+09:00: hold",
        "  Held: it is large.",
        "  보류: 고액",
        "reasons:",
        "  - at 7 (weight 5.91)",
        "rules that hit or could not be decided:",
        "  - large version 2: hit in lane live, minimum hold\n      asks: amount >= 5_000 won\n"
        "      saw: amount 7000.0, payee unknown",
        "  - large version 2: undecided in lane live, snoozed, minimum hold\n      asks: amount >= 5_000 won\n"
        "      saw: amount 7000.0, payee unknown",
        "what weighed most:",
        "  - school: behaviour.hour is 07:02, usual is 15:00-22:30 (weight 5.91)",
        "labels:",
        "  - fraud, known since 2024-10-12, by ana",
        "features: the same when computed again",
        "features:",
        "  - age: None",
        "what came:",
        "  id: s-1",
        "  amount: 7000",
        "everything, with versions and signals: --json",
    ]


def test_who_and_what_stood_behind_the_model_is_told() -> None:
    agreed = [{"person": "kim", "at": "d", "comment": ""}]
    steps = [
        {"at": "2024-10-02", "what": "step", "step": "canary", "person": "ana", "why": "a look", "agreed": agreed,
         "policy": "5e0c"},
        {"at": "2024-10-09", "what": "step", "step": "champion", "person": "ana", "why": "", "agreed": agreed,
         "policy": ""},
        {"at": "2024-10-12", "what": "rollback", "step": "champion", "person": "alarm", "why": "inputs moved",
         "agreed": [], "policy": "5e0c"},
    ]  # fmt: skip
    made = {"dataset": "9b25", "until": "2024-10-01", "made": "m", "labels_hash": "33370f2d" * 8,
            "told_by": {"customer": 1_213, "kim": 68}}  # fmt: skip
    told = {**TOLD, "models": [{"model": {"version": "17b9", "author": "ana"}, "made_of": made, "history": steps}]}
    lines = list(readable(told))
    at = lines.index("model 17b9, which judged it:")
    assert lines[at + 1 : at + 7] == [
        "  - learned from data set 9b25, as known at 2024-10-01",
        "  - labels: 1,213 by customer, 68 by kim; hash 33370f2d33370f2d",
        "  - trained by ana",
        "  - 2024-10-02: canary by ana (a look), kim agreed; policy 5e0c",
        "  - 2024-10-09: champion by ana, kim agreed",
        "  - 2024-10-12: champion again, rolled back by alarm (inputs moved); policy 5e0c",
    ]  # fmt: skip
    unknown = {**TOLD, "models": [{"model": {"version": "17b9", "author": "ana"}, "made_of": None, "history": []}]}
    assert "  - what it was made of was not written down" in list(readable(unknown))


def test_an_event_that_was_only_learned_says_so() -> None:
    told = {"event_id": "p-1", "time": "t", "event": {}, "labels": []}
    assert list(readable(told)) == [
        "p-1 of t: learned, not decided", "what came:", "everything, with versions and signals: --json",
    ]  # fmt: skip
    changed = {**told, "features_recomputed": False, "rules": []}
    assert "features: DIFFERENT when computed again" in list(readable(changed))
