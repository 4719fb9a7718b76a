"""Sentences of behaviour: thirty that were read and kept, and what must hold for every one."""

from __future__ import annotations

import json
from math import nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.detectors.asked import clock
from haechi.detectors.behaviour import Behaviour
from haechi.detectors.context import ASIDE
from haechi.detectors.frequency import BITS_MIN, often, one_in
from haechi.detectors.usual import families, pair, together
from haechi.events import Schema
from haechi.features import Known, default_spec

from .scenes import SCENES, scene

GOLDEN = json.loads(Path(__file__).with_name("sentences.json").read_text("utf-8"))
FAMILY = {"small": "amount", "outflow": "amount", "tempo": "gap", "travel": "place"}


def test_there_are_thirty_scenes() -> None:
    assert len(SCENES) >= 30
    assert set(SCENES) == set(GOLDEN)


@pytest.mark.parametrize("name", SCENES)
def test_a_sentence_reads_as_it_was_read(name: str) -> None:
    asked = SCENES[name]
    found = [together(asked)] if name.startswith("pair") else families(asked)
    told = [{"code": r.code, "value": r.value, "usual": r.usual, **r.text} for r in found if r is not None]
    assert told == GOLDEN[name]


def test_the_pair_is_told_only_when_it_is_rare() -> None:
    assert together(scene(surprise_habit=BITS_MIN - 0.01)) is None
    assert together(scene(surprise_habit=9.0, amount_low=nan)) is None
    odd = {"surprise_habit": 9.0, "hour": 7.0, "amount": 7_000.0}
    assert together(scene(**odd)) is not None
    assert together(scene(**{**odd, "hour": 17.0})) is None, "nobody is told that a usual hour is unusual"
    assert together(scene(**{**odd, "amount": 3_000.0})) is None
    seldom = {"surprise_hour": 3.5, "surprise_amount": 3.5}
    for inside in ({"hour": 17.0}, {"amount": 3_000.0}, {"hour": 17.0, "amount": 3_000.0}):
        told = together(scene(**{**odd, **seldom, **inside}))
        assert told is not None
        assert ("16:00" in told.usual) == ("hour" not in inside), "no range that holds the value"
        assert ("won" in told.usual) == ("amount" not in inside)


def test_what_goes_to_new_payees_is_told_only_by_an_amount_outside_the_range() -> None:
    """Of 27,810 alerts of a town one said 530,000 won where 25,000 to 540,000 are usual: the sum was 547,961 won."""

    def told(amount: float, sent: float) -> list[str]:
        usual = {"amount_low": 24_188.0, "amount_high": 542_217.0}
        asked = scene(category="", direction=1.0, surprise_outflow=5.0, amount=amount, sent_fresh=sent, **usual)
        return [r.value for r in families(asked) if r.code == "behaviour.outflow"]

    assert told(530_000.0, 547_961.0) == []
    assert told(500_000.0, 544_000.0) == [], "about 540,000 won, as it is told"
    assert told(500_000.0, 566_000.0) == ["570,000 won"]
    assert told(543_000.0, 543_000.0) == ["543,000 won"]


def test_an_hour_lies_where_its_minutes_are_read() -> None:
    twenty_seconds_after = scene(hour=21.0 + 20 / 3_600, surprise_hour=6.0)
    assert twenty_seconds_after.is_inside()
    told = families(twenty_seconds_after)[0]
    assert (told.value, told.usual) == ("21:00", "other hours")
    twenty_seconds_before = scene(hour=16.0 - 20 / 3_600, surprise_hour=6.0)
    assert not twenty_seconds_before.is_inside()
    assert families(twenty_seconds_before)[0].value == "15:59"


def test_a_pair_that_is_odd_only_together_says_both() -> None:
    told = pair(scene(hour=16.5, amount=3_100.0), 5.6)
    assert (told.code, told.value, told.usual) == ("behaviour.habit", "16:30, 3,100 won", "less, or at other hours")
    assert told.text["en"] == (
        "3,100 won at 16:30, a time and an amount that together are unlike this customer (about 1 in 50)"
    )
    assert told.text["ko"] == (
        "결제 시각이 오후 4시 30분, 금액이 3,100원인데, 시각과 금액을 함께 보면 이 고객의 평소와 다릅니다"
        "(약 50건에 1건)"
    )


def test_an_hour_at_the_edge_of_its_range_is_inside_as_it_is_told() -> None:
    for hour, inside in ((1.87, True), (1.86, False), (2.88, True), (2.89, False)):
        asked = scene(hour=hour, hours_from=1.875, hours_to=2.875)
        assert asked.is_inside() is inside, f"{hour}: {clock(hour)['en']} and {asked.hours['en']}"


def test_the_facts_that_sentences_are_made_from_are_known_to_a_bank() -> None:
    spec = default_spec(Schema.read("bank"), overrides={"behaviour": True})
    row = np.zeros(len(spec.names), np.float32)
    of = Behaviour(spec).asked(scene().event, Known(row, spec, 0.0)).of
    wanted = {"known_s", "peers_known_s", "account_gap_s", "card_gap_s", "payee_seen", "payee_subjects_met"}
    assert wanted <= set(of), wanted - set(of)


BITS = st.floats(0, 40) | st.just(nan)


@given(
    st.fixed_dictionaries(
        {f"surprise_{k}": BITS for k in
         ("hour", "amount", "small", "category", "gap", "tempo", "party", "device", "outflow", "passed", "travel")}
    ),
    st.floats(0, 23.99), st.floats(1, 1e7), st.floats(0, 23.5), st.floats(0.5, 24), st.floats(1, 1e6),
    st.floats(0, 1e6), st.integers(0, 4), st.floats(0, 40), st.booleans(), st.floats(1, 3),
    st.floats(0, 1), st.floats(0, 1), st.floats(1, 900), st.floats(1, 5_000), st.floats(0, 400),
)  # fmt: skip
def test_no_reason_is_weak_or_contradicts_its_own_range(
    bits, hour, amount, start, length, low, gap, day, history, peers, times, share, usual_share, km, speed, days
) -> None:
    asked = scene(
        peers=peers, **bits, hour=hour, amount=amount, hours_from=start, hours_to=start + length, amount_low=low,
        amount_high=3 * low, gap_s=gap, gap_low_s=64.0, gap_high_s=4096.0, last5_s=gap, tempo_low_s=256.0,
        tempo_high_s=8192.0, day_class=float(day), history=history, party_known=0.0, device_known=0.0,
        came_in=amount * 2, came_s=gap, passed_share=share, passed_usual=usual_share, came_from_new=1.0, km=km,
        km_per_hour=speed, payee_new=0.0, payee_gap_days=days, party_days=days, limit_gap_s=gap,
        device_subjects_met=2.0, device_new=1.0, sent_fresh=amount * times,
        direction=0.0 if bits["surprise_outflow"] != bits["surprise_outflow"] else 1.0,
    )  # fmt: skip
    found = [reason for reason in families(asked) if reason.code != ASIDE]
    kinds = [FAMILY.get(r.code.split(".")[1], r.code.split(".")[1]) for r in found]
    assert len(kinds) == len(set(kinds)), "one reason of each family"
    for reason in found:
        assert reason.weight >= BITS_MIN
        assert reason.value
        assert reason.usual
        code = reason.code.split(".")[1]
        if code == "hour" and reason.usual != "other hours":
            assert (hour - start) % 24 > length
        assert code != "amount" or amount > 3 * low
        assert code != "outflow" or amount * times > 3 * low
        if code in ("amount", "small", "outflow"):
            low_said, high_said, seen = (
                float(x.replace(",", "").removesuffix(" won")) for x in (*reason.usual.split("-"), reason.value)
            )
            assert not low_said <= seen <= high_said, "what is said must not contradict either"
        assert code != "small" or amount < low
        assert code != "gap" or gap < 64
        assert code != "passed" or share > usual_share
        assert code != "tempo" or gap < 256
        assert ("this one is new" in reason.text["en"]) <= (history < 15 or asked.of["class_history"] < 5)


def test_frequencies_are_words_that_history_can_carry() -> None:
    assert often(4.4)["en"] == "about 1 in 21"
    assert often(6.6)["en"] == "about 1 in 95"
    assert often(30.0) == {"en": "fewer than 1 in 1,000", "ko": "1,000건에 1건 미만"}
    assert one_in(0.0) == 2
