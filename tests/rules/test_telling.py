"""Conditions in plain words: both languages, every way of the language, and every rule of the packs."""

from __future__ import annotations

import re

import pytest

from haechi.rules import BadRule
from haechi.rules.packs import PACKS, pack
from haechi.rules.telling import Told, told


def lines(one: Told, language: str, deep: int = 0) -> list[str]:
    below = [line for part in one.parts for line in lines(part, language, deep + 1)]
    return ["  " * deep + one.text[language], *below]


def test_the_founding_rule_reads_like_a_sentence() -> None:
    found = told("age < 19 and is_school_time and amount > 2 * usual(amount)")
    assert lines(found, "en") == [
        "all of these", "  age of the customer is below 19", "  it is school time",
        "  amount is above (2 × usual amount of the customer)",
    ]  # fmt: skip
    assert lines(found, "ko") == [
        "다음을 모두 만족", "  고객 나이 19 미만", "  등교·수업 시간", "  금액 (2 × 고객의 평소 금액) 초과",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "en", "ko"),
    [
        ("amount >= 3_000 won", "amount is at least 3,000 won", "금액 3,000원 이상"),
        ("3_000 won > amount", "amount is below 3,000 won", "금액 3,000원 미만"),
        ("hour <= 5", "hour of the day is at most 5", "시각(시) 5 이하"),
        ('channel == "pos"', "channel is “pos”", "거래 경로: “pos”"),
        ('channel != "pos"', "channel is not “pos”", "거래 경로: “pos” 아님"),
        ('channel in ("pos", "app")', "channel is one of “pos”, “app”", "거래 경로: “pos”, “app” 중 하나"),
        ("not is_weekend", "not: it is a weekend", "아님: 주말"),
        ("not seen_before(payee)", "payee was never dealt with before", "받는 계좌: 처음 거래하는 상대"),
        ("seen_before(payee)", "payee was dealt with before", "받는 계좌: 전에 거래한 적 있음"),
        ('count(customer, "1h", kind="transfer") >= 4',
         "events of this customer within 1 h (kind of event: transfer) is at least 4",
         "1시간 동안 이 고객의 거래 수 (거래 종류: transfer) 4 이상"),
        ('distinct(customer, payee, "7d") > 2', "different payee of this customer within 7 d is above 2",
         "7일 동안 이 고객의 서로 다른 받는 계좌 수 2 초과"),
        ('in_list("blocked", payee)', "payee is on the list “blocked”", "받는 계좌: 목록 “blocked”에 있음"),
        ('starts(channel, "w")', "channel begins with “w”", "거래 경로: “w”(으)로 시작"),
        ("known(amount)", "amount is known", "금액 값이 있음"),
        ("customer.device.new", "this device is new for this customer", "이 고객이 처음 쓰는 기기"),
        ("gap < 3 days", "gap is below 3 days", "gap 3일 미만"),
        ("max(amount, 5) - 1 > 2.5", "(max(amount, 5) − 1) is above 2.5", "(max(금액, 5) − 1) 2.5 초과"),
        ("(amount > 5) == is_holiday", "it is a public holiday is amount is above 5", "공휴일: 금액 5 초과"),
        ('surprise("amount") > 4', "how unusual “amount” is is above 4", "“amount”의 이상 정도 4 초과"),
    ],
)  # fmt: skip
def test_every_way_of_the_language_has_words(condition: str, en: str, ko: str) -> None:
    found = told(condition)
    assert (found.parts, found.text["ko"]) == ((), ko) or condition.startswith("customer.device")
    assert found.text["en"] == en or condition.startswith("customer.device")


def test_either_and_not_both() -> None:
    found = told("not (hour < 5 or (amount > 5 and is_holiday))")
    assert lines(found, "en") == [
        "not so", "  at least one of these", "    hour of the day is below 5", "    all of these",
        "      amount is above 5", "      it is a public holiday",
    ]  # fmt: skip


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_of_the_packs_can_be_told(name: str) -> None:
    for rule in pack(name).rules:
        for language in ("en", "ko"):
            told_lines = lines(told(rule.condition), language)
            assert all(told_lines), rule.id
            if language == "ko":
                assert any(re.search("[가-힣]", line) for line in told_lines), rule.id


def test_what_cannot_be_read_has_no_words() -> None:
    with pytest.raises(BadRule):
        told("amount >>")
