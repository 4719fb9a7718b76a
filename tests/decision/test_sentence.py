"""One sentence in both languages."""

from __future__ import annotations

import pytest

from haechi.decision.sentence import sentence, what

from .house_for_tests import event, reason

AMOUNT = reason(
    "a", 3, "amount 7,000 won, 3.5 times the customer's usual 2,000 won", "금액 7,000원, 평소 2,000원의 3.5배"
)
NEW = reason("b", 2, "first time this customer meets this merchant", "이 고객과 이 가맹점의 첫 거래")
NO = reason("e", 1, "first time: no, usually yes", "첫 거래: 아니요, 평소 아니요")
HOUR = reason("c", 1, "time of day 07:02, usually 17:00", "거래 시각 오전 7시 2분, 평소 오후 5시")
WHOLE = reason("d", 1, "New payee for this customer.", "최근 보낸 적이 없는 계좌입니다.")


@pytest.mark.parametrize(
    ("action", "reasons", "en", "ko"),
    [
        ("allow", [], "Allowed: nothing speaks against it.", "의심할 만한 점이 없어 허용했습니다."),
        ("hold", [], "Held: the risk is 93%.", "보류했습니다. 사유: 위험도 93%."),
        ("challenge", [NEW], "Asked the customer to confirm: first time this customer meets this merchant.",
         "고객에게 추가 확인을 요청했습니다. 사유: 이 고객과 이 가맹점의 첫 거래."),
        ("hold", [AMOUNT, NEW],
         "Held: amount 7,000 won, 3.5 times the customer's usual 2,000 won; and first time this customer meets this "
         "merchant.",
         "보류했습니다. 사유: 금액 7,000원, 평소 2,000원의 3.5배. 이 고객과 이 가맹점의 첫 거래."),
        ("block", [NEW, AMOUNT, HOUR, HOUR],
         "Blocked: first time this customer meets this merchant; amount 7,000 won, 3.5 times the customer's usual "
         "2,000 won; and time of day 07:02, usually 17:00.",
         "차단했습니다. 사유: 이 고객과 이 가맹점의 첫 거래. 금액 7,000원, 평소 2,000원의 3.5배. "
         "거래 시각 오전 7시 2분, 평소 오후 5시."),
        ("hold", [NO], "Held: first time: no, usually yes.", "보류했습니다. 사유: 첫 거래: 아니요, 평소 아니요."),
        ("hold", [WHOLE, AMOUNT],
         "Held: New payee for this customer; and amount 7,000 won, 3.5 times the customer's usual 2,000 won.",
         "보류했습니다. 사유: 최근 보낸 적이 없는 계좌입니다. 금액 7,000원, 평소 2,000원의 3.5배."),
    ],
)  # fmt: skip
def test_it_reads_well(action, reasons, en, ko) -> None:
    assert sentence(action, 0.93, reasons) == {"en": en, "ko": ko}


def test_it_says_when_nobody_could_judge() -> None:
    said = sentence("challenge", 0.002, [], blind=True)
    assert said["en"] == "Asked the customer to confirm: no detector could judge, so policy decides."
    assert said["ko"] == "고객에게 추가 확인을 요청했습니다. 사유: 판단할 수 있는 탐지기가 없어 정책에 따름."


def test_it_begins_with_what_the_event_is() -> None:
    sent = event(kind="transfer", amount=9_800_000, categories={"channel": "app"})
    said = sentence("hold", 0.93, [NEW], sent)
    assert said["en"] == "Held a transfer of 9,800,000 won by app: first time this customer meets this merchant."
    assert said["ko"] == "앱 이체 980만 원을 보류했습니다. 사유: 이 고객과 이 가맹점의 첫 거래."
    blind = sentence("challenge", 0.002, [], sent, blind=True)
    assert blind["en"] == (
        "Asked the customer to confirm a transfer of 9,800,000 won by app: no detector could judge, so policy decides."
    )
    assert blind["ko"] == (
        "앱 이체 980만 원에 대해 고객에게 추가 확인을 요청했습니다. 사유: 판단할 수 있는 탐지기가 없어 정책에 따름."
    )


@pytest.mark.parametrize(
    ("changes", "en", "ko"),
    [
        ({"categories": {"merchant_category": "ice_cream", "channel": "pos"}},
         "a payment of 7,000 won at an ice-cream shop", "아이스크림 가게 결제 7,000원"),
        ({"categories": {"merchant_category": "clothing", "channel": "online"}},
         "a payment of 7,000 won made online at a clothing shop", "의류점 온라인 결제 7,000원"),
        ({"kind": "withdrawal", "amount": 880_000, "categories": {"merchant_category": "atm", "channel": "atm"}},
         "a withdrawal of 880,000 won at a cash machine", "ATM 출금 880,000원"),
        ({"categories": {"merchant_category": "game", "channel": "online", "method": "keyed"}},
         "a payment of 7,000 won made online for a game (card number typed in)",
         "게임 온라인 결제 7,000원(카드번호 입력)"),
        ({"categories": {"merchant_category": "5411"}},
         "a payment of 7,000 won in the category 5411", "5411 결제 7,000원"),
        ({"kind": "login", "amount": None, "categories": {"channel": "web"}}, "a login on the web", "웹 로그인"),
        ({"kind": "swap", "amount": 123_450_000}, "an event (swap) of 123,450,000 won", "거래(swap) 1억 2,345만 원"),
        ({"amount": 81_250, "currency": "EUR"}, "a payment of EUR 812.50", "결제 812.50유로"),
    ],
)  # fmt: skip
def test_an_event_has_a_name(changes, en, ko) -> None:
    assert what(event(**changes)) == {"en": en, "ko": ko}


def test_a_machine_refuses_what_is_held() -> None:
    taken = event(kind="withdrawal", amount=380_000, categories={"merchant_category": "atm", "channel": "atm"})
    said = sentence("hold", 0.93, [NEW], taken)
    assert said["en"].startswith("Declined a withdrawal of 380,000 won at a cash machine: ")
    assert said["ko"].startswith("ATM 출금 380,000원을 거절했습니다. 사유: ")
    asked = sentence("challenge", 0.93, [NEW], taken)
    assert asked["en"].startswith("Asked the customer to confirm a withdrawal of 380,000 won at a cash machine: ")
    assert sentence("hold", 0.93, [NEW], event(kind="withdrawal"))["en"].startswith("Held a withdrawal")


def test_what_the_brackets_count_is_said_once() -> None:
    rare = reason("behaviour.hour", 7, "at 07:02 (about 1 in 150)", "거래 시각이 오전 7시 2분입니다(약 150건에 1건)")
    also = reason("behaviour.amount", 6, "7,000 won (about 1 in 65)", "금액이 7,000원입니다(약 65건에 1건)")
    said = sentence("hold", 0.93, [rare, also])
    assert said["en"] == (
        "Held: at 07:02 (about 1 in 150); and 7,000 won (about 1 in 65). In brackets: the share of all customers' "
        "transactions that are at least this unusual for the customer making them."
    )
    assert said["ko"].endswith(
        "금액이 7,000원입니다(약 65건에 1건). "
        "괄호 안 수치는 전체 고객의 거래 중 거래한 본인의 평소와 이 정도 이상 다른 거래가 얼마나 되는지를 나타냅니다."
    )


def test_what_is_no_reason_stands_behind_the_reasons() -> None:
    aside = reason("behaviour.before", 0.01, "No money came in during the two hours before", "입금 내역은 없습니다")
    said = sentence("hold", 0.93, [AMOUNT, aside])
    assert said["en"].endswith("usual 2,000 won. No money came in during the two hours before.")
    assert said["ko"].endswith("2,000원의 3.5배. 입금 내역은 없습니다.")
    assert sentence("hold", 0.93, [aside])["en"] == (
        "Held: the risk is 93%. No money came in during the two hours before."
    )
