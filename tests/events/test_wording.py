"""Values read well in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.events import wording

AMOUNT = {"en": "amount", "ko": "금액"}
RATIO = {"en": "amount against the average of this customer", "ko": "이 고객의 평균 대비 금액"}
COUNT = {"en": "events of this customer within an hour", "ko": "1시간 동안 이 고객의 거래 수"}
NEW = {"en": "first time this customer meets this merchant", "ko": "이 고객과 이 가맹점의 첫 거래"}


@pytest.mark.parametrize(
    ("x", "unit", "currency", "en", "ko"),
    [
        (7_000, "money", "KRW", "7,000 won", "7,000원"),
        (12.34, "money", "EUR", "EUR 12.34", "12.34유로"),
        (1_200, "money", "JPY", "JPY 1,200", "1,200엔"),
        (3.5, "money", "CHF", "CHF 3.50", "CHF 3.50"),
        (1_234, "money", "", "1,234", "1,234"),
        (3, "count", "", "3", "3"),
        (3.5, "ratio", "", "3.5 times", "3.5배"),
        (1.0, "ratio", "", "1 time", "1배"),
        (1.04, "ratio", "", "1 time", "1배"),
        (1_234.5, "ratio", "", "1,234 times", "1,234배"),
        (-2.13, "sd", "", "-2.1 standard deviations", "표준편차의 -2.1배"),
        (1, "seconds", "", "1 second", "1초"),
        (59.7, "seconds", "", "1 minute", "1분"),
        (53 * 60, "seconds", "", "53 minutes", "53분"),
        (7_200, "seconds", "", "2 hours", "2시간"),
        (3 * 86_400, "seconds", "", "3 days", "3일"),
        (200 * 86_400, "seconds", "", "7 months", "7개월"),
        (3 * 31_556_952, "seconds", "", "3 years", "3년"),
        (12, "days", "", "12 days", "12일"),
        (0, "days", "", "less than a day", "하루 미만"),
        (0.123, "share", "", "12%", "12%"),
        (0.0125, "share", "", "1.2%", "1.2%"),
        (0.0001, "share", "", "less than 0.1%", "0.1% 미만"),
        (0.0, "share", "", "0%", "0%"),
        (1, "flag", "", "yes", "예"),
        (0, "flag", "", "no", "아니요"),
        ("pos", "code", "", "pos", "pos"),
        (4, "code", "", "4", "4"),
        (7 + 2 / 60, "hour", "", "07:02", "오전 7시 2분"),
        (0, "hour", "", "00:00", "오전 0시"),
        (12.5, "hour", "", "12:30", "낮 12시 30분"),
        (23.9999, "hour", "", "23:59", "오후 11시 59분"),
        (4, "weekday", "", "Fri", "금요일"),
        (12.04, "km", "", "12 km", "12km"),
        (430, "km/h", "", "430 km/h", "시속 430km"),
        (17.6, "years", "", "17 years", "17세"),
        (0.0345, "number", "", "0.035", "0.035"),
        (0.5, "number", "", "0.5", "0.5"),
        (1e-9, "number", "", "0", "0"),
        (0, "number", "", "0", "0"),
        (99.96, "number", "", "100", "100"),
        (None, "money", "KRW", "unknown", "알 수 없음"),
        (float("nan"), "share", "", "unknown", "알 수 없음"),
    ],
)
def test_each_unit_is_said(x, unit, currency, en, ko) -> None:
    assert wording.value(x, unit, currency) == {"en": en, "ko": ko}


@pytest.mark.parametrize(
    ("low", "high", "unit", "currency", "en", "ko"),
    [
        (1_500, 3_900, "money", "KRW", "1,500 to 3,900 won", "1,500~3,900원"),
        (9.9, 88, "money", "EUR", "EUR 9.90 to 88.00", "9.90~88.00유로"),
        (9.9, 88, "money", "CHF", "CHF 9.90 to 88.00", "CHF 9.90~88.00"),
        (1, 5, "count", "", "1 to 5", "1~5"),
        (3_600 * 18, 86_400 * 3, "seconds", "", "18 hours to 3 days", "18시간~3일"),
        (86_400 * 2, 86_400 * 6, "seconds", "", "2 to 6 days", "2~6일"),
        (40, 200, "days", "", "40 days to 7 months", "40일~7개월"),
    ],
)  # fmt: skip
def test_a_range_has_its_unit_once(low, high, unit, currency, en, ko) -> None:
    ends = (wording.value(x, unit, currency) for x in (low, high))
    assert wording.between(*ends) == {"en": en, "ko": ko}


@pytest.mark.parametrize(
    ("x", "currency", "ko"),
    [
        (999_999, "KRW", "999,999원"), (980_000, "KRW", "980,000원"), (9_800_000, "KRW", "980만 원"),
        (24_000_000, "KRW", "2,400만 원"), (1_234_567, "KRW", "1,234,567원"), (300_000_000, "KRW", "3억 원"),
        (123_450_000, "KRW", "1억 2,345만 원"), (9_800_000, "JPY", "9,800,000엔"), (0, "", "0"),
    ],
)  # fmt: skip
def test_round_millions_of_won_are_spoken(x, currency, ko) -> None:
    assert wording.spoken(x, currency)["ko"] == ko
    assert wording.spoken(x, currency)["en"] == wording.value(x, "money", currency)["en"]
    assert wording.spoken(340_000, "KRW", wording.TEN_THOUSAND)["ko"] == "34만 원"


def test_an_unknown_unit_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        wording.value(1, "parsec")


@given(st.sampled_from(sorted(wording.UNITS)), st.floats(-1e12, 1e12))
def test_every_number_can_be_said_in_every_unit(unit, x) -> None:
    said = wording.value(x, unit, "KRW")
    assert said["en"]
    assert said["ko"]
    assert "e+" not in said["en"] + said["ko"]


@pytest.mark.parametrize(
    ("units", "currency", "en"), [(7_000, "KRW", "7,000 won"), (1_234, "EUR", "EUR 12.34"), (5, "", "5")]
)
def test_minor_units_become_money(units, currency, en) -> None:
    assert wording.money(units, currency)["en"] == en


def test_a_moment_is_said_as_on_a_clock_in_seoul() -> None:
    assert wording.moment(1_729_807_320_000_000, "Asia/Seoul") == {"en": "Fri 07:02", "ko": "금요일 오전 7시 2분"}


@pytest.mark.parametrize(
    ("phrase", "x", "usual", "unit", "en", "ko"),
    [
        (AMOUNT, 7_000, 2_000, "money", "amount 7,000 won, 3.5 times the customer's usual 2,000 won",
         "금액 7,000원, 평소 2,000원의 3.5배"),
        (AMOUNT, 500, 2_000, "money", "amount 500 won, below the customer's usual 2,000 won",
         "금액 500원, 평소 2,000원 미만"),
        (AMOUNT, 2_100, 2_000, "money", "amount 2,100 won, usually 2,000 won", "금액 2,100원, 평소 2,000원"),
        (AMOUNT, 7_000, None, "money", "amount 7,000 won", "금액 7,000원"),
        (AMOUNT, 7_000, float("nan"), "money", "amount 7,000 won", "금액 7,000원"),
        (AMOUNT, 7_000, 0, "money", "amount 7,000 won, usually 0 won", "금액 7,000원, 평소 0원"),
        (AMOUNT, None, 2_000, "money", "amount unknown, usually 2,000 won", "금액 알 수 없음, 평소 2,000원"),
        (RATIO, 3.5, 1.0, "ratio", "amount against the average of this customer: 3.5 times, usually 1 time",
         "이 고객의 평균 대비 금액: 3.5배, 평소 1배"),
        (COUNT, 5, 1, "count", "events of this customer within an hour: 5, 5 times the customer's usual 1",
         "1시간 동안 이 고객의 거래 수: 5건, 평소 1건의 5배"),
        ({"en": "customers", "ko": "고객 수"}, 4, None, "count", "customers 4", "고객 수: 4명"),
        ({"en": "devices", "ko": "기기"}, 4, None, "count", "devices 4", "기기 4개"),
        ({"en": "devices", "ko": "기기"}, None, None, "count", "devices unknown", "기기 알 수 없음"),
        (NEW, 1, 0, "flag", NEW["en"], NEW["ko"]),
        (NEW, 1, None, "flag", NEW["en"], NEW["ko"]),
        (NEW, 0, 1, "flag", f"{NEW['en']}: no, usually yes", f"{NEW['ko']}: 아니요, 평소 예"),
        ({"en": "channel", "ko": "경로"}, "online", "pos", "code", "channel online, usually pos",
         "경로 online, 평소 pos"),
        ({"en": "customers", "ko": "고객 수"}, 4, 1e-39, "count", "customers 4, usually 0", "고객 수: 4명, 평소 0명"),
        ({"en": "score", "ko": "점수"}, -1, 2, "number", "score -1, usually 2", "점수 -1, 평소 2"),
    ],
)  # fmt: skip
def test_a_value_is_held_against_the_usual(phrase, x, usual, unit, en, ko) -> None:
    compared = wording.comparison(phrase, x, usual, unit, "KRW")
    assert compared.text == {"en": en, "ko": ko}
    assert compared.value == wording.value(x, unit, "KRW")["en"]
    assert compared.usual in ("", wording.value(usual, unit, "KRW")["en"])


def test_the_usual_may_be_a_merchants() -> None:
    whose = {"en": "this shop's usual", "ko": "이 가맹점의 평소"}
    said = wording.comparison(AMOUNT, 9.0, 3.0, "money", "EUR", whose=whose)
    assert said.text == {
        "en": "amount EUR 9.00, 3 times this shop's usual EUR 3.00",
        "ko": "금액 9.00유로, 이 가맹점의 평소 3.00유로의 3배",
    }


@pytest.mark.parametrize(
    ("word", "particle", "whole"),
    [
        ("금액", "은/는", "금액은"),
        ("경로", "은/는", "경로는"),
        ("7,000원", "을/를", "7,000원을"),
        ("93%", "으로/로", "93%로"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("3", "이/가", "3이"),
        ("4", "이/가", "4가"),
        ("1", "으로/로", "1로"),
        ("KRW", "은/는", "KRW는"),
        ("km", "이/가", "km이"),
        ("(평소 2배)", "이고/고", "(평소 2배)고"),
        ("이체 7,000원(비밀번호 일치)", "을/를", "이체 7,000원(비밀번호 일치)을"),
        ("7,000원(약 3배) 이체", "을/를", "7,000원(약 3배) 이체를"),
        ("", "은/는", "는"),
    ],
)
def test_korean_particles_fit_the_sound_before_them(word, particle, whole) -> None:
    assert wording.with_particle(word, particle) == whole
