"""One sentence in both languages."""

from __future__ import annotations

import pytest

from haechi.decision.sentence import sentence

from .house_for_tests import reason

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
        ("hold", [], "Held: the risk is 93%.", "위험도가 93%여서 보류했습니다."),
        ("challenge", [NEW], "Asked for another check: first time this customer meets this merchant.",
         "이 고객과 이 가맹점의 첫 거래여서 추가 확인을 요청했습니다."),
        ("hold", [AMOUNT, NEW],
         "Held: amount 7,000 won, 3.5 times the customer's usual 2,000 won; and first time this customer meets this "
         "merchant.",
         "금액 7,000원, 평소 2,000원의 3.5배이고, 이 고객과 이 가맹점의 첫 거래여서 보류했습니다."),
        ("block", [NEW, AMOUNT, HOUR, HOUR],
         "Blocked: first time this customer meets this merchant; amount 7,000 won, 3.5 times the customer's usual "
         "2,000 won; and time of day 07:02, usually 17:00.",
         "이 고객과 이 가맹점의 첫 거래이고, 금액 7,000원, 평소 2,000원의 3.5배이고, 거래 시각 오전 7시 2분, "
         "평소 오후 5시여서 차단했습니다."),
        ("hold", [NO], "Held: first time: no, usually yes.", "첫 거래: 아니요, 평소 아니요여서 보류했습니다."),
        ("hold", [WHOLE, AMOUNT],
         "Held: New payee for this customer; and amount 7,000 won, 3.5 times the customer's usual 2,000 won.",
         "최근 보낸 적이 없는 계좌입니다. 금액 7,000원, 평소 2,000원의 3.5배입니다. 따라서 보류했습니다."),
    ],
)  # fmt: skip
def test_it_reads_well(action, reasons, en, ko) -> None:
    assert sentence(action, 0.93, reasons) == {"en": en, "ko": ko}


def test_it_says_when_nobody_could_judge() -> None:
    said = sentence("challenge", 0.002, [], blind=True)
    assert said["en"] == "Asked for another check by policy: no detector could judge."
    assert said["ko"] == "판단할 수 있는 탐지기가 없어 정책에 따라 추가 확인을 요청했습니다."
