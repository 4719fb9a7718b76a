"""Warnings: what the customer reads, and whether she went on."""

from __future__ import annotations

import pytest

from haechi.cases import NotAllowed, Unknown

from .making import Work


def test_the_text_says_what_is_about_to_happen_in_both_languages(work: Work) -> None:
    shown = work.desk.warnings.show(work.transfer("t-1", codes=("payee.age_s", "customer.ratio_30d", "payee.age_s")))
    assert shown.warn
    assert shown.text["en"].startswith(
        "You are about to send 5,000,000 won to account p-3. This account was first used only recently."
        " This is more than you usually send. If somebody"
    )
    assert shown.text["ko"].startswith("p-3 계좌에 5,000,000원을 보내려고 합니다. 최근에 처음 사용된 계좌입니다.")
    assert work.desk.warnings.show("t-1") == shown, "asked twice, it is one warning"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("customer_payee.new", "hardly ever"), ("rules.mule-account", "reported"), ("device.new", "new to us"),
        ("customer.hour_share", "at this time"), ("call.risk", "called"), ("x", "won to account p-3. If"),
    ],
)  # fmt: skip
def test_each_reason_chooses_a_sentence(work: Work, code: str, says: str) -> None:
    assert says in work.desk.warnings.show(work.transfer("t-1", codes=(code,))).text["en"]


def test_without_amount_or_payee_there_still_is_something_to_say(work: Work) -> None:
    assert "something unusual" in work.desk.warnings.show(work.transfer("t-1", None)).text["en"]
    text = work.desk.warnings.show(work.transfer("t-2", entities={"customer": "c-1"})).text
    assert "to somebody" in text["en"]
    assert "상대방에" in text["ko"]


def test_nothing_is_shown_when_nothing_speaks_against_it(work: Work) -> None:
    shown = work.desk.warnings.show(work.transfer("t-1", action="allow"))
    assert (shown.warn, shown.text["en"]) == (False, "")
    assert work.desk.warnings.figures().shown == 0
    with pytest.raises(Unknown):
        work.desk.warnings.show("t-9")


def test_the_cancel_rate_is_of_those_who_answered(work: Work) -> None:
    assert work.desk.warnings.figures().cancel_rate is None
    ids = [work.desk.warnings.show(work.transfer(f"t-{n}")).id for n in range(5)]
    for n, id_ in enumerate(ids[:4]):
        assert work.desk.warnings.answer(id_, n != 0).outcome == ("went_on" if n else "cancelled")
    work.desk.warnings.answer(ids[0], False)
    with pytest.raises(NotAllowed, match="cancelled"):
        work.desk.warnings.answer(ids[0], True)
    with pytest.raises(Unknown):
        work.desk.warnings.answer("w-x", True)
    figures = work.desk.warnings.figures()
    assert (figures.shown, figures.went_on, figures.cancelled, figures.cancel_rate) == (5, 3, 1, 0.25)
