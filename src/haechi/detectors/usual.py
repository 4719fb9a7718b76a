"""Reasons of behaviour: the value, what is usual for this customer, and how often, in English and Korean.

Each family has one sentence, made from the row alone. None is weaker than 1 in 20, and none contradicts its own range:
a sentence whose value lies inside the range it names is said otherwise or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

from haechi.detectors.asked import FEW_ON_SUCH_DAYS, HERSELF, LITTLE_THEN, Asked, Who, clock
from haechi.detectors.before import heard, link
from haechi.detectors.context import context
from haechi.detectors.frequency import BITS_MIN, often
from haechi.detectors.parties import acquaintance, crowd, device, party, place
from haechi.detectors.sentences import oddest, reason
from haechi.detectors.sums import amounts, names_the_shop, passed
from haechi.events import Reason
from haechi.events.shops import shop
from haechi.events.wording import Text, between, value, with_particle

__all__ = ["ALL_KINDS", "families", "pair", "together", "whole"]

WIDE_HOURS = 15.0
HARDLY_HOURS = 0.5  # so little outside its range is told as inside
SPOKEN = 3  # so many reasons a sentence has room for: a fact that only a later one tells is told beside them
SAME_S = 1.0  # times that differ by less are of one and the same event
AN_HOUR: Text = {"en": "1 hour", "ko": "1시간"}
CLEARLY = 0.7  # of the range's end: times are said in whole minutes or hours, and must not sound alike
SELDOM_BITS = 3.0  # 1 in 8: what is commoner is not even seldom
FIRMLY = SELDOM_BITS  # what lies outside its range may be said, however common
ALL_KINDS: Text = {"en": "hour, amount, pace and parties", "ko": "시각, 금액, 거래 간격, 거래 상대를"}


def families(asked: Asked) -> list[Reason]:
    """At most one reason of each family, the strongest first; with it stands what tells one story from another."""
    found = [reason for say in _FAMILIES if (reason := say(asked)) is not None]
    told = {reason.code.removeprefix("behaviour.") for reason in found}
    said = {"behaviour.party"} if "outflow" in told and acquaintance(asked) and not crowd(asked) else set()
    said |= {"behaviour.category"} if told & {"amount", "small"} and names_the_shop(asked) else set()
    found = [reason for reason in found if reason.code not in said]  # a new payee, a rare kind of shop: said with it
    found.sort(key=lambda r: -r.weight)
    spoken = {reason.code.removeprefix("behaviour.") for reason in found[:SPOKEN]}
    return found + list(link(asked, told)) + list(context(asked, spoken) if found else ())


def together(asked: Asked) -> Reason | None:
    """Hour and amount in one sentence, where not both are odd enough alone; what lies in its range is only "seldom"."""
    of, bits, low, high = asked.of, asked.of["surprise_habit"], asked.of["amount_low"], asked.of["amount_high"]
    if not bits >= BITS_MIN or any(map(isnan, (low, high, asked.amount, asked.hour))):
        return None
    large, late = asked.amount > high, not asked.is_inside()
    if min(asked.bits("amount") + FIRMLY * large, asked.bits("hour") + FIRMLY * late) < SELDOM_BITS:
        return None
    said, paid, who, day = clock(asked.hour), asked.much, asked.aged(asked.who), asked.day
    start, end = clock(of["hours_from"]), clock(of["hours_to"])
    usual = [f"{start['en']}-{end['en']}"] * late + [asked.ends] * large
    habit, odds = _habit(asked, large, late), often(bits)
    return Reason(
        "behaviour.habit", f"{said['en']}, {paid['en']}", ", ".join(usual) or "less, or at other hours", bits,
        {
            "en": f"{paid['en']} at {said['en']}, while on {day['en']} {who.en} {habit['en']} "
                  f"({who.want['en']}time and amount together: {odds['en']})",
            "ko": f"{asked.done.ko} 시각이 {said['ko']}, 금액이 {paid['ko']}인데, {who.ko} {day['ko']}에 {habit['ko']}"
                  f"({who.want['ko']}시각과 금액을 함께 보면 {odds['ko']})",
        },
    )  # fmt: skip


def pair(asked: Asked, bits: float) -> Reason:
    """Hour and amount that are odd only together, each being common enough alone."""
    said, paid, odds = clock(asked.hour), asked.much, often(bits)
    return Reason(
        "behaviour.habit", f"{said['en']}, {paid['en']}", "less, or at other hours", bits,
        {
            "en": f"{paid['en']} at {said['en']}, a time and an amount that together are unlike this customer "
                  f"({odds['en']})",
            "ko": f"{asked.done.ko} 시각이 {said['ko']}, 금액이 {paid['ko']}인데, 시각과 금액을 함께 보면 이 고객의 "
                  f"평소와 다릅니다({odds['ko']})",
        },
    )  # fmt: skip


def _habit(asked: Asked, large: bool, late: bool) -> Text:
    """What is usual of hour and amount; what is hardly outside its range is no argument."""
    who, done, span = asked.who, asked.done, asked.span
    at = shop(asked.category) if asked.category and asked.is_purchase else None
    does, much = who.does(done.does), (f"{at.kind}에서 " if at else "") + with_particle(span["ko"], "을/를")
    usual = f"usually {does} {span['en']}" + (f" {at.all}" if at else "")
    if late and not asked.is_inside(HARDLY_HOURS):
        hours = asked.hours
        if large:
            return {"en": f"{usual} and {_is(who)} active between {hours['en']}",
                    "ko": f"보통 {hours['ko']}에 거래하고 {much} {done.ko}합니다"}  # fmt: skip
        return {"en": f"{_is(who)} usually active between {hours['en']}, and {who.does(done.does)} {span['en']}, "
                      "mostly less than this",
                "ko": f"보통 {hours['ko']}에 거래하고 {much} {done.ko}하되 대개 이보다 적습니다"}  # fmt: skip
    if large:
        seldom = asked.bits("hour") >= SELDOM_BITS
        return {"en": usual + ", and seldom at such an hour" * seldom,
                "ko": f"보통 {much} {done.ko}"
                      + ("하고, 이런 시각에는 거의 거래하지 않습니다" if seldom else "합니다")}  # fmt: skip
    return {
        "en": f"seldom {does} this much at such an hour",
        "ko": f"이 시각에 이만한 금액을 {done.ko}하는 일이 드뭅니다",
    }


def whole(bits: float, view: Text) -> Reason:
    """How rare it is all in all, for an event whose parts are each within what they say is usual."""
    odds = often(bits)
    return Reason(
        "behaviour.whole", often(bits)["en"], "1 in 20 or more often", bits,
        {
            "en": f"taken together, {view['en']} are unlike this customer ({odds['en']})",
            "ko": f"{view['ko']} 함께 보면 이 고객의 평소와 다릅니다({odds['ko']})",
        },
    )  # fmt: skip


def _hours(asked: Asked) -> Reason | None:
    if isnan(asked.hour) or not oddest(asked, hour=True):
        return None
    of, said, day = asked.of, clock(asked.hour), asked.day
    who = asked.who
    if who is HERSELF and of["class_history"] < FEW_ON_SUCH_DAYS:
        who = asked.peers(LITTLE_THEN)
    who = asked.aged(who)
    vague = asked.is_inside() or of["hours_to"] - of["hours_from"] > WIDE_HOURS
    usual = "other hours" if vague else f"{clock(of['hours_from'])['en']}-{clock(of['hours_to'])['en']}"
    ko = f"거래 시각이 {said['ko']}인데, {who.ko} {day['ko']}"
    # Hours are learned from all that a customer does, logins too: of one kind of shop nothing is known.
    if vague or asked.is_inside(HARDLY_HOURS):
        en = f"at {said['en']}, an hour at which {who.en} {_is(who)} hardly ever active on {day['en']}"
        ko = f"{ko} 이 시각에 거의 거래하지 않습니다"
    else:
        hours = asked.hours
        en = f"at {said['en']}, while on {day['en']} {who.en} {_is(who)} usually active between {hours['en']}"
        ko = f"{ko}에 보통 {hours['ko']}에 거래합니다"
    return reason("hour", asked, said["en"], usual, en, ko, who)


def _is(who: Who) -> str:
    return "are" if who.want["en"] else "is"


def _pace(asked: Asked) -> Reason | None:
    """How quickly one thing follows another; logins and new payees count as what a customer does."""
    of, gap = asked.of, asked.of.get("gap_s", float("nan"))
    is_quick, is_dense = gap < CLEARLY * of["gap_low_s"], of["last5_s"] < CLEARLY * of["tempo_low_s"]
    kind = oddest(asked, gap=is_quick, tempo=is_dense)
    if kind == "gap":
        seen, usual, span = _times(gap, of["gap_low_s"], of["gap_high_s"])
        last = _last(asked)
        en = f"{seen['en']} after {last['en']}, while the usual gap is {span['en']}"
        ko = f"{last['ko']} {seen['ko']} 뒤인데, 평소 이용 간격은 {span['ko']}입니다"
    elif kind:
        seen, usual, span = _times(of["last5_s"], of["tempo_low_s"], of["tempo_high_s"])
        en = f"the fifth action within {seen['en']}, logins included, while five by this customer usually spread over "
        en += span["en"]
        ko = f"로그인을 포함해 {seen['ko']} 사이 다섯 번째 이용인데, 이 고객은 평소 다섯 번 이용하는 데 "
        ko += f"{with_particle(span['ko'], '이/가')} 걸립니다"
    else:
        return None
    return reason(kind, asked, seen["en"], usual, en, ko)


def _last(asked: Asked) -> Text:
    """What a customer did last: something with the same account or card, or a step without it."""
    name, ko = ("account", "계좌") if asked.event.kind in ("transfer", "withdrawal") else ("card", "카드")
    since = asked.of.get(f"{name}_gap_s", float("nan"))
    if isnan(since):
        return {"en": "this customer's previous activity", "ko": "이 고객의 직전 이용"}
    if since - asked.of["gap_s"] < SAME_S:
        return {"en": f"the last use of this {name}", "ko": f"이 {ko}의 직전 사용"}
    return {"en": f"a step without this {name}, such as a log-in", "ko": f"직전 단계({ko}를 쓰지 않은 로그인 등)"}


def _times(seen: float, low: float, high: float) -> tuple[Text, str, Text]:
    """A time, what is usual, and the same as a range in words: the ends are doublings, and 68 minutes is an hour."""
    said, less, more = (value(x, "seconds") for x in (seen, low, high))
    ends = (AN_HOUR if 3_240.0 < x < 5_400.0 else text for x, text in ((low, less), (high, more)))
    return said, f"{less['en']}-{more['en']}", between(*ends)


def _category(asked: Asked) -> Reason | None:
    if not asked.category or asked.is_transfer or not oddest(asked, category=True):
        return None
    seen, who, at = asked.category.replace("_", " "), asked.who, shop(asked.category)
    en = f"{who.en} rarely {who.does(asked.done.does)} {at.all}"
    ko = f"{who.ko} {with_particle(at.kind, '을/를')} 거의 이용하지 않습니다"
    return reason("category", asked, seen, "other kinds of shops", en, ko)


_FAMILIES: tuple[Callable[[Asked], Reason | None], ...] = (
    _hours,
    amounts,
    passed,
    _category,
    _pace,
    party,
    place,
    device,
    heard,
)
