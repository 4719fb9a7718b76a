"""What a customer reads before a risky transfer: what she is about to do, what is unusual, and what to do instead.

An analyst's reasons are not read out: they name features and figures that a fraudster at her side could learn from.
Each reason only chooses a sentence here.
"""

from __future__ import annotations

from collections.abc import Sequence

from haechi.events import Event, Reason
from haechi.events.wording import Text, money, with_particle

SENTENCES_MAX = 3
LEAD = {
    "en": "You are about to send {amount} to {payee}.",
    "ko": "{payee}에 {amount} 보내려고 합니다.",
}
LEAD_WITHOUT = {"en": "You are about to confirm something unusual.", "ko": "평소와 다른 거래를 진행하려고 합니다."}
PAYEE = {"en": "account {id}", "ko": "{id} 계좌"}
NOBODY = {"en": "somebody", "ko": "상대방"}
ADVICE = {
    "en": "If somebody on the phone or in a message tells you to send it, stop and call us on the number on your card.",
    "ko": "전화나 메시지로 송금을 요구받았다면 멈추고, 카드 뒷면의 번호로 저희에게 전화해 주세요.",
}
# The first row of which every part of one alternative stands in a reason's code.
SENTENCES: tuple[tuple[tuple[tuple[str, ...], ...], Text], ...] = (
    (
        (("payee", "age"),),
        {"en": "This account was first used only recently.", "ko": "최근에 처음 사용된 계좌입니다."},
    ),
    (
        (("payee", "new"), ("payee", "seen"), ("payee", "share"), ("payee", "gap")),
        {"en": "You have hardly ever sent money to this account.", "ko": "거의 보낸 적이 없는 계좌입니다."},
    ),
    (
        (("payee", "fraud"), ("payee", "block"), ("mule",)),
        {"en": "This account was reported by others.", "ko": "다른 고객이 신고한 계좌입니다."},
    ),
    (
        (("device", "new"), ("device", "seen"), ("device", "age")),
        {"en": "You are using a phone or computer that is new to us.", "ko": "처음 보는 휴대폰이나 컴퓨터입니다."},
    ),
    (
        (("hour",), ("night",), ("weekday",)),
        {"en": "You do not usually do this at this time.", "ko": "평소에 거래하지 않던 시간입니다."},
    ),
    (
        (("call",), ("phone",), ("message",), ("risk",)),
        {
            "en": "You may have been called or written to just before.",
            "ko": "방금 수상한 전화나 문자를 받았을 수 있습니다.",
        },
    ),
    (
        (("ratio",), ("amount",), ("z_",), ("rank",), ("sum",), ("large",), ("flow",)),
        {"en": "This is more than you usually send.", "ko": "평소보다 큰 금액입니다."},
    ),
)  # fmt: skip


def caution(event: Event, reasons: Sequence[Reason]) -> Text:
    """The text to show before this event goes through, in both languages."""
    found: list[Text] = []
    for reason in reasons:
        sentence = _sentence(reason.code.lower())
        if sentence is not None and sentence not in found:
            found.append(sentence)
    lead = _lead(event)
    return {
        language: " ".join([lead[language], *(text[language] for text in found[:SENTENCES_MAX]), ADVICE[language]])
        for language in ("en", "ko")
    }


def _lead(event: Event) -> Text:
    if event.amount is None or not event.currency:
        return LEAD_WITHOUT
    amount, payee = money(event.amount, event.currency), event.entities.get("payee")
    amount = {**amount, "ko": with_particle(amount["ko"], "을/를")}
    who = NOBODY if payee is None else {name: text.replace("{id}", payee) for name, text in PAYEE.items()}
    return {
        language: text.replace("{amount}", amount[language]).replace("{payee}", who[language])
        for language, text in LEAD.items()
    }


def _sentence(code: str) -> Text | None:
    for alternatives, text in SENTENCES:
        if any(all(part in code for part in parts) for parts in alternatives):
            return text
    return None
