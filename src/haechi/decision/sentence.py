"""One sentence that tells a person what was done and why, in English and in Korean."""

from __future__ import annotations

from collections.abc import Sequence

from haechi.decision.decision import Action
from haechi.events import Reason
from haechi.events.wording import Text, value, with_particle

REASONS_SPOKEN = 3
SPOKEN_FROM = 0.1  # of the strongest: what weighs less stands in the list, not in the sentence
_WHOLE = ("니다", "어요", "아요", "해요", "예요")  # a Korean reason that is a sentence already ends like this
ALLOWED: Text = {"en": "Allowed: nothing speaks against it.", "ko": "의심할 만한 점이 없어 허용했습니다."}
_DONE = {
    "allow": {"en": "Allowed", "ko": "허용했습니다"},
    "challenge": {"en": "Asked for another check", "ko": "추가 확인을 요청했습니다"},
    "hold": {"en": "Held", "ko": "보류했습니다"},
    "block": {"en": "Blocked", "ko": "차단했습니다"},
}


def sentence(action: Action, risk: float, reasons: Sequence[Reason], *, blind: bool = False) -> Text:
    """Say what was done because of which reasons; without any, because of the risk; `blind` when nobody could judge."""
    if blind:
        return {
            "en": f"{_DONE[action]['en']} by policy: no detector could judge.",
            "ko": f"판단할 수 있는 탐지기가 없어 정책에 따라 {_DONE[action]['ko']}.",
        }
    if action == "allow" and not reasons:
        return ALLOWED
    texts = [reason.text for reason in reasons[:REASONS_SPOKEN] if reason.weight >= SPOKEN_FROM * reasons[0].weight]
    if not texts:
        share = value(risk, "share")
        return {
            "en": f"{_DONE[action]['en']}: the risk is {share['en']}.",
            "ko": f"위험도가 {with_particle(share['ko'], '이어서/여서')} {_DONE[action]['ko']}.",
        }
    return {
        "en": f"{_DONE[action]['en']}: {_english([text['en'] for text in texts])}.",
        "ko": f"{_korean([text['ko'] for text in texts])} {_DONE[action]['ko']}.",
    }


def _english(texts: list[str]) -> str:
    # Reasons hold commas themselves, so that semicolons keep them apart.
    parts = [text.rstrip(". ") for text in texts]
    return parts[0] if len(parts) == 1 else "; ".join(parts[:-1]) + "; and " + parts[-1]


def _korean(texts: list[str]) -> str:
    # Noun phrases are joined by the copula (…이고 …이어서); whole sentences stay sentences.
    parts = [text.rstrip(". ") for text in texts]
    if any(part.endswith(_WHOLE) for part in parts):
        return " ".join(part + ("." if part.endswith(_WHOLE) else "입니다.") for part in parts) + " 따라서"
    return ", ".join([*(part + "이고" for part in parts[:-1]), with_particle(parts[-1], "이어서/여서")])
