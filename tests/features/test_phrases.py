"""Phrases read well in both languages."""

from __future__ import annotations

import pytest

from haechi.features.phrases import TABLE, wording


@pytest.mark.parametrize(
    ("base", "entity", "other", "ko"),
    [
        ("hour_share", "customer", "", "이 고객이 이 시간대에 거래하는 비율"),
        ("hour_share", "card", "", "이 카드가 이 시간대에 거래하는 비율"),
        ("seen", "customer", "merchant", "이 고객이 이 가맹점과 거래한 횟수"),
        ("new", "customer", "device", "이 고객과 이 기기의 첫 거래"),
    ],
)
def test_korean_particles_follow_the_word(base: str, entity: str, other: str, ko: str) -> None:
    assert wording(base, entity, other)[1]["ko"] == ko


def test_every_phrase_can_be_said() -> None:
    for base in TABLE:
        phrase = wording(base, "customer", "merchant", "7d")[1]
        assert "{" not in phrase["en"] + phrase["ko"]


def test_a_window_of_running_numbers_is_said_as_events() -> None:
    assert wording("count", "source", window="1000")[1]["en"] == "events of this source within 1000 events"
