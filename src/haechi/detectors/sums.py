"""Sentences about money: too much, too little, much to new payees, and what came in and goes on."""

from __future__ import annotations

from math import isnan

from haechi.detectors.asked import HERSELF, Asked
from haechi.detectors.parties import acquaintance, days_ago
from haechi.detectors.sentences import NOTHING_MORE, oddest, reason, two_figures
from haechi.events import Reason
from haechi.events.shops import shop
from haechi.events.wording import Text, spoken, value, with_particle

__all__ = ["amounts", "names_the_shop", "passed"]

CLEARLY_MORE = 0.1  # of what came in
PASSED_SHARE = 0.5
TYPED = "keyed"  # who tries out a stolen number has no card in hand and no PIN
MORE = 1.05  # so much more than the payment alone, for what went before to be worth a word
_TRIED: Text = {
    "en": ", and small sums are used to try out stolen cards",
    "ko": ". 도용 카드가 유효한지 확인할 때 이런 소액 결제를 합니다",
}
_FRESH: dict[str, Text] = {
    "new": {"en": "a payee new to this customer", "ko": "처음 이체하는 수취 계좌"},
    "met": {"en": "a payee that this customer has hardly ever paid", "ko": "이 고객이 거의 이체한 적이 없는 수취 계좌"},
    "unsure": {
        "en": "a payee new to this customer, or not paid for long",
        "ko": "처음이거나 오랜만에 이체하는 수취 계좌",
    },
    "": {"en": "a payee first paid less than a month ago", "ko": "처음 이체한 지 한 달이 안 된 수취 계좌"},
}


def amounts(asked: Asked) -> Reason | None:
    """Too much, too little, or much to new payees within days: one family."""
    x, low, high, sent = asked.amount, asked.of["amount_low"], asked.of["amount_high"], asked.of["sent_fresh"]
    if any(map(isnan, (x, low, high))):
        return None
    # What is told, this transfer or a sum in two figures, has to lie outside the range that is named with it.
    outside = sent > high and (x > high or (sent > MORE * x and two_figures(sent) > high))
    kind = oddest(asked, amount=x > high, small=x < low, outflow=outside)
    if kind == "outflow":
        return _outflow(asked)
    if not kind:
        return None
    said, seen = (_little(asked) if kind == "small" else _much(asked)), asked.much["en"]
    tried = kind == "small" and asked.is_purchase and asked.event.categories.get("method", TYPED) == TYPED
    then = _TRIED if tried else NOTHING_MORE
    return reason(kind, asked, seen, asked.ends, said["en"], said["ko"], then=then)


def _much(asked: Asked) -> Text:
    seen, usual = asked.much, _usual(asked)
    return {"en": f"{seen['en']}, while {usual['en']}",
            "ko": f"{asked.done.ko} 금액이 {seen['ko']}인데, {usual['ko']}"}  # fmt: skip


def _little(asked: Asked) -> Text:
    """Which way it is unusual."""
    seen, usual = asked.much, _usual(asked)
    ko = f"{asked.done.ko} 금액이 {with_particle(seen['ko'], '으로/로')} 평소보다 적은데, {usual['ko']}"
    return {"en": f"{seen['en']}, unusually small, while {usual['en']}", "ko": ko}


def _usual(asked: Asked) -> Text:
    """What was to be expected: her usual amount; where she hardly pays, what fits her payments in other shops."""
    who, span, done = asked.who, asked.span, asked.done
    much, category = with_particle(span["ko"], "을/를"), asked.category
    if category and asked.is_purchase and oddest(asked, category=True):
        rare: Text = {
            "en": f", who rarely {who.does('pays')} {shop(category).all},",
            "ko": "이 업종을 거의 이용하지 않고 ",
        }
        rare = rare if names_the_shop(asked) else NOTHING_MORE
        return {"en": f"{who.en}{rare['en']} usually {who.does('pays')} {span['en']} in other shops",
                "ko": f"{who.ko} {rare['ko']}다른 업종에서 보통 {much} {done.ko}합니다"}  # fmt: skip
    where: Text = {"en": " at a time", "ko": "한 번에 "}
    if asked.is_purchase:
        at = shop(category) if category else None
        where = {"en": f" {at.all}", "ko": f"{at.kind}에서 "} if at else {"en": "", "ko": ""}
    return {"en": f"{who.en} usually {who.does(done.does)} {span['en']}{where['en']}",
            "ko": f"{who.ko} {where['ko']}보통 {much} {done.ko}합니다"}  # fmt: skip


def names_the_shop(asked: Asked) -> bool:
    """Whether a sentence about the amount also says that such shops are rare: what is rarer stands for itself."""
    return asked.is_purchase and -1.0 < asked.bits("category") <= max(asked.bits("amount"), asked.bits("small"))


def _outflow(asked: Asked) -> Reason:
    """What goes to new payees: this transfer beside a usual one, or, where it is none of the larger, days together."""
    sent, who, span = asked.of["sent_fresh"], asked.who, asked.span
    to, whole = _to(asked), spoken(two_figures(sent), asked.event.currency)
    before = sent > MORE * asked.amount  # a sum that fades by half in three days
    if asked.amount > asked.of["amount_high"]:
        with_it = NOTHING_MORE
        if before:
            with_it = {"en": f" (about {whole['en']} with what went to such payees in the last three days or so)",
                       "ko": f"(최근 사흘가량 이런 계좌로 보낸 금액과 합하면 약 {whole['ko']})"}  # fmt: skip
        seen = asked.much
        en = f"{seen['en']} to {to['en']}{with_it['en']}"
        en += f", while {who.en} usually {who.does('sends')} {span['en']} in one transfer"
        ko = f"{to['ko']}로 보내는 금액이 {seen['ko']}인데{with_it['ko']}, "
        ko += f"{who.ko} 한 번에 보통 {with_particle(span['ko'], '을/를')} 이체합니다"
        return reason("outflow", asked, seen["en"], asked.ends, en, ko)
    much = with_particle(whole["ko"], "을/를")
    en = f"with this transfer about {whole['en']} in the last three days or so to payees first paid less than a month "
    en += f"ago, which is much for {who.en}"
    ko = f"이번 건을 합하면 최근 사흘가량 처음 이체한 지 한 달이 안 된 계좌들로 약 {much} 보내게 되는데, "
    ko += f"{who.ko.removesuffix('은')}에게는 많은 금액입니다"
    return reason("outflow", asked, whole["en"], asked.ends, en, ko)


def _to(asked: Asked) -> Text:
    """A payee that is not known for long, as exactly as can be said."""
    days = asked.of.get("party_days", float("nan"))
    if acquaintance(asked) or isnan(days):
        return _FRESH[acquaintance(asked)]
    when = days_ago(days)
    return {"en": f"a payee first paid {when['en']}", "ko": f"{when['ko']} 처음 이체한 수취 계좌"}


def passed(asked: Asked) -> Reason | None:
    """Money that had just come in, and how much of it leaves; of an allowance that a part is spent of, nothing."""
    came, share, least = (
        asked.of.get("came_in", float("nan")),
        asked.of.get("passed_share", 0.0),
        asked.of.get("passed_usual", 1.0),
    )
    worth = share >= PASSED_SHARE or not asked.is_purchase
    if isnan(came) or not oddest(asked, passed=worth and share > least + CLEARLY_MORE):
        return None
    much, ago = spoken(came, asked.event.currency), value(asked.of["came_s"], "seconds")
    gone, usual = value(_whole(share), "share"), value(_whole(least), "share")
    sender = NOTHING_MORE
    if asked.of["came_from_new"] == 1.0:
        sender = {"en": ", from a sender new to this customer", "ko": "처음 거래하는 입금인에게서 "}
    part: Text = {"en": "all", "ko": "전액"} if share >= 1.0 else {"en": gone["en"], "ko": f"그중 {gone['ko']}"}
    how: Text = {"en": f"with this {part['en']} of it leaves", "ko": "이번 건으로"}
    if asked.amount < (share - CLEARLY_MORE) * came:
        how = {"en": f"with what left before, {part['en']} of it is gone", "ko": "앞서 나간 돈과 합하면"}
    en = f"{much['en']} had come in {ago['en']} before{sender['en']}, and {how['en']}"
    en += f", while usually {usual['en']} of what comes in leaves within two hours"
    ko = f"{ago['ko']} 전에 {sender['ko']}{with_particle(much['ko'], '이/가')} 입금되었고 {how['ko']} "
    ko += f"{with_particle(part['ko'], '이/가')} 나가는데, 평소에는 입금 후 2시간 안에 {usual['ko']} 정도 나갑니다"
    seen = f"{gone['en']} of {much['en']} that came in {ago['en']} before"
    return reason("passed", asked, seen, f"{usual['en']} within two hours", en, ko, HERSELF)


def _whole(share: float) -> float:
    return round(100.0 * share) / 100.0
