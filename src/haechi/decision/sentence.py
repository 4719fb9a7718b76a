"""One sentence that tells a person what was done with what, and why, in English and in Korean."""

from __future__ import annotations

from collections.abc import Sequence

from haechi.decision.decision import Action
from haechi.decision.reasons import ASIDE
from haechi.events import Event, Reason
from haechi.events.money import EXPONENTS
from haechi.events.shops import shop
from haechi.events.wording import Text, spoken, value, with_particle

REASONS_SPOKEN = 3
SPOKEN_FROM = 0.1  # of the strongest: what weighs less stands in the list, not in the sentence
ALLOWED: Text = {"en": "Allowed: nothing speaks against it.", "ko": "의심할 만한 점이 없어 허용했습니다."}
# What was done, what stands before the event in English, and behind it in Korean.
_DONE = {
    "allow": ("Allowed", "", "", "허용했습니다"),
    "challenge": ("Asked the customer to confirm", " ", "에 대해", "고객에게 추가 확인을 요청했습니다"),
    "hold": ("Held", " ", "을/를", "보류했습니다"),
    "block": ("Blocked", " ", "을/를", "차단했습니다"),
}
# A machine does not wait: what is held there is refused.
_AT_A_MACHINE = {"hold": ("Declined", " ", "을/를", "거절했습니다")}
# Where reasons say how rare something is, the sentence says once what that counts.
_ODDS = "건에 1건"
COUNTED: Text = {
    "en": " In brackets: the share of all customers' transactions that are at least this unusual for the customer "
    "making them.",
    "ko": " 괄호 안 수치는 전체 고객의 거래 중 거래한 본인의 평소와 이 정도 이상 다른 거래가 얼마나 되는지를 "
    "나타냅니다.",
}
_HOW: dict[str, Text] = {
    "keyed": {"en": " (card number typed in)", "ko": "(카드번호 입력)"},
    "pin": {"en": " (right PIN)", "ko": "(비밀번호 일치)"},
    "biometric": {"en": " (fingerprint or face matched)", "ko": "(생체 인증 일치)"},
    "otp": {"en": " (one-time code)", "ko": "(일회용 비밀번호)"},
    "swipe": {"en": " (magnetic stripe)", "ko": "(마그네틱)"},
}
_KINDS: dict[str, Text] = {
    "payment": {"en": "a payment", "ko": "결제"},
    "transfer": {"en": "a transfer", "ko": "이체"},
    "withdrawal": {"en": "a withdrawal", "ko": "출금"},
    "deposit": {"en": "a deposit", "ko": "입금"},
    "refund": {"en": "a refund", "ko": "환급"},
    "login": {"en": "a login", "ko": "로그인"},
    "device": {"en": "a new device", "ko": "기기 등록"},
    "payee": {"en": "a new payee", "ko": "수취인 등록"},
    "limit_change": {"en": "a change of limit", "ko": "한도 변경"},
    "application": {"en": "an application", "ko": "신청"},
}
_CHANNELS: dict[str, Text] = {
    "app": {"en": " by app", "ko": "앱 "},
    "web": {"en": " on the web", "ko": "웹 "},
    "online": {"en": " made online", "ko": "온라인 "},
    "atm": {"en": " at a cash machine", "ko": "ATM "},
    "phone": {"en": " by phone", "ko": "전화 "},
    "branch": {"en": " at a branch", "ko": "창구 "},
}
_TELL_THEIR_CHANNEL = ("atm", "online_shop")
_NOTHING: Text = {"en": "", "ko": ""}


def sentence(
    action: Action, risk: float, reasons: Sequence[Reason], event: Event | None = None, *, blind: bool = False
) -> Text:
    """Say what was done with which event for which reasons; without any, for the risk; `blind` when nobody could judge.

    What is allowed is not described: whoever sent it knows it, and nobody reads it.
    """
    if blind:
        head = _head(action, event)
        return {
            "en": f"{head['en']}: no detector could judge, so policy decides.",
            "ko": f"{head['ko']}. 사유: 판단할 수 있는 탐지기가 없어 정책에 따름.",
        }
    if action == "allow" and not reasons:
        return ALLOWED
    aside = [reason.text for reason in reasons if reason.code.endswith(ASIDE)]
    told = [reason for reason in reasons if not reason.code.endswith(ASIDE)]
    texts = [reason.text for reason in told[:REASONS_SPOKEN] if reason.weight >= SPOKEN_FROM * told[0].weight]
    if not texts:
        share = value(risk, "share")
        texts = [{"en": f"the risk is {share['en']}", "ko": f"위험도 {share['ko']}"}]
    head = _head(action, event)
    parts = {language: [text[language].rstrip(". ") for text in texts] for language in head}
    counted = COUNTED if any(_ODDS in text["ko"] for text in texts) else _NOTHING
    more = {language: "".join(f" {text[language]}." for text in aside) for language in head}
    return {
        "en": f"{head['en']}: {_listed(parts['en'])}.{more['en']}{counted['en']}",
        "ko": f"{head['ko']}. 사유: {'. '.join(parts['ko'])}.{more['ko']}{counted['ko']}",
    }


def _head(action: Action, event: Event | None) -> Text:
    at_machine = event is not None and event.kind == "withdrawal" and event.categories.get("channel") == "atm"
    done, before, particle, ko = (_AT_A_MACHINE if at_machine else _DONE).get(action, _DONE[action])
    if event is None or action == "allow":
        return {"en": done, "ko": ko}
    said = what(event)
    marked = with_particle(said["ko"], particle) if "/" in particle else said["ko"] + particle
    return {"en": f"{done}{before}{said['en']}", "ko": f"{marked} {ko}"}


def what(event: Event) -> Text:
    """Name an event: a transfer of 9,800,000 won by app / 앱 이체 980만 원."""
    kind = _KINDS.get(event.kind) or {"en": f"an event ({event.kind})", "ko": f"거래({event.kind})"}
    category = event.categories.get("merchant_category", "")
    channel = _NOTHING
    if category not in _TELL_THEIR_CHANNEL:
        channel = _CHANNELS.get(event.categories.get("channel", ""), _NOTHING)
    en, ko = f"{kind['en']}", f"{channel['ko']}{kind['ko']}"
    if event.amount is not None:
        amount = spoken(event.amount / 10 ** EXPONENTS.get(event.currency, 0), event.currency)
        en, ko = f"{en} of {amount['en']}", f"{ko} {amount['ko']}"
    how = _HOW.get(event.categories.get("method", ""), _NOTHING)
    if category:
        return {"en": f"{en}{channel['en']} {shop(category).one}{how['en']}",
                "ko": f"{shop(category).ko} {ko}{how['ko']}"}  # fmt: skip
    return {"en": en + channel["en"] + how["en"], "ko": ko + how["ko"]}


def _listed(parts: list[str]) -> str:
    # Reasons hold commas themselves, so that semicolons keep them apart.
    return parts[0] if len(parts) == 1 else "; ".join(parts[:-1]) + "; and " + parts[-1]
