"""Reasons of behaviour: the value, what is usual for this customer, and how often, in English and Korean.

Each family has one sentence, made from the row alone. None is weaker than 1 in 20, and none contradicts its own range:
a sentence whose value lies inside the range it names is said otherwise or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from math import ceil, floor, isnan
from typing import NamedTuple

from haechi.detectors.frequency import BITS_MIN, often
from haechi.events import Event, Reason
from haechi.events.shops import Shop, shop
from haechi.events.wording import SPOKEN_FROM, TEN_THOUSAND, Text, between, moment, spoken, value, with_particle

__all__ = ["ALL_KINDS", "PUPILS", "Asked", "families", "together", "whole"]

PUPILS = (6.0, 19.0)
FEW_ON_SUCH_DAYS, FEW = 5.0, 15.0
WIDE_HOURS = 15.0
HARDLY_HOURS = 0.5  # so little outside its range is told as inside
AN_HOUR: Text = {"en": "1 hour", "ko": "1시간"}
AIRLINER_KM_PER_HOUR = 900.0
CLEARLY = 0.7  # of the range's end: times are said in whole minutes or hours, and must not sound alike
HEAT_MIN = 6.0
SELDOM_BITS = 3.0  # 1 in 8: what is commoner is not even seldom
FIRMLY = SELDOM_BITS  # what lies outside its range may be said, however common
MORE = 1.05  # so much more than the payment alone, for what went before to be worth a word
YOUNG_DEVICE_S = 30 * 86_400
TRANSFER, WITHDRAWAL = 1.0, "withdrawal"
WITHOUT_CENTS = ("KRW", "JPY", "")
_DAYS: tuple[Text, ...] = (
    {"en": "working days", "ko": "평일"},
    {"en": "weekdays of the school break", "ko": "방학 중 평일"},
    {"en": "Saturdays", "ko": "토요일"},
    {"en": "Sundays", "ko": "일요일"},
    {"en": "public holidays", "ko": "공휴일"},
)
ALL_KINDS: Text = {"en": "hour, amount, pace and parties", "ko": "시각, 금액, 거래 간격, 거래 상대를"}
_SCHOOL: Text = {"en": "school days", "ko": "등교일"}
# What was odd about an earlier transaction, by the kernel's number of the kind.
_ODD: tuple[tuple[str, Text], ...] = (
    ("hour", {"en": "at an unusual hour", "ko": "이례적인 시각의 거래"}),
    ("amount", {"en": "of an unusually large amount", "ko": "금액이 이례적으로 큰 거래"}),
    ("small", {"en": "of an unusually small amount", "ko": "소액이라는 점에서 이례적인 거래"}),
    ("category", {"en": "at an unusual kind of shop", "ko": "평소와 다른 업종의 거래"}),
    ("gap", {"en": "unusually soon after the one before", "ko": "거래 간격이 이례적으로 짧은 거래"}),
    ("tempo", {"en": "in an unusually quick succession", "ko": "거래 간격이 이례적으로 짧은 거래"}),
    ("party", {"en": "with an unfamiliar party", "ko": "평소와 다른 상대와의 거래"}),
    ("place", {"en": "in an unusual place", "ko": "평소와 다른 지역의 거래"}),
    ("travel", {"en": "unusually far from the place before", "ko": "직전 거래와 이례적으로 먼 곳의 거래"}),
    ("device", {"en": "on an unfamiliar device", "ko": "평소와 다른 기기를 쓴 거래"}),
    ("outflow", {"en": "sending unusually much to new payees", "ko": "새 계좌로 보낸 금액이 이례적으로 큰 거래"}),
)


class Asked(NamedTuple):
    """What a sentence is made from: the event, its numbers by name, and who it is about."""

    event: Event
    of: Mapping[str, float]  # the features of behaviour without their prefix, age_years and km_per_hour
    timezone: str
    has_peers: bool
    category: str

    def bits(self, kind: str) -> float:
        """How surprising a kind is; -1 when it does not apply."""
        found = self.of[f"surprise_{kind}"]
        return -1.0 if isnan(found) else found

    @property
    def day(self) -> Text:
        """Comparable days, in words."""
        number = int(self.of["day_class"])
        pupil = PUPILS[0] <= self.of.get("age_years", -1.0) < PUPILS[1]
        return _SCHOOL if number == 0 and pupil else _DAYS[number]

    @property
    def who(self) -> Text:
        """Whose usual it is: a customer with little history is judged by her peers, and the sentence says so."""
        if self.of["history"] >= FEW:
            return {"en": "this customer", "ko": "이 고객은"}
        return self.peers

    @property
    def peers(self) -> Text:
        """Those whom a customer without history is compared with."""
        if self.has_peers:
            return {"en": "customers of this age (this one is new)", "ko": "신규 고객이라 비교한 같은 연령대 고객은"}
        return {"en": "other customers (this one is new)", "ko": "신규 고객이라 비교한 다른 고객은"}

    @property
    def done(self) -> Text:
        """What was done with the money."""
        if self.of["direction"] == TRANSFER:
            return {"en": "transferred", "ko": "이체"}
        return {"en": "withdrawn", "ko": "출금"} if self.is_withdrawal else {"en": "paid", "ko": "결제"}

    @property
    def did(self) -> Text:
        """What was done with a device; an event without money may be anything."""
        if isnan(self.of["amount"]):
            return {"en": "done on", "ko": "접속했습니다"}
        return {"en": f"{self.done['en']} {'from' if self.of['direction'] == TRANSFER else 'with'}",
                "ko": f"{self.done['ko']}했습니다"}  # fmt: skip

    @property
    def shop(self) -> Shop:
        """The kind of shop, in words."""
        return shop(self.category)

    @property
    def where(self) -> Text:
        """Among what the amount is compared."""
        if self.of["direction"] == TRANSFER or self.is_withdrawal:
            return {"en": " at a time", "ko": "건당 "}
        if not self.category:
            return {"en": "", "ko": ""}
        return {"en": f" {self.shop.all}", "ko": f"이 업종({self.shop.ko})에서 "}

    @property
    def is_withdrawal(self) -> bool:
        """Whether cash was taken."""
        return self.event.kind == WITHDRAWAL


def families(asked: Asked) -> list[Reason]:
    """At most one reason of each family, the strongest first."""
    found = [reason for say in _FAMILIES for reason in _strongest(say(asked))]
    told = {reason.code.removeprefix("behaviour.") for reason in found}
    return sorted(found, key=lambda r: -r.weight) + list(_link(asked, told))


def together(asked: Asked) -> Reason | None:
    """Hour and amount in one sentence, where not both are odd enough alone; what lies in its range is only "seldom"."""
    of, bits = asked.of, asked.of["surprise_habit"]
    low, high = of["amount_low"], of["amount_high"]
    if not bits >= BITS_MIN or any(map(isnan, (low, high, _amount(asked), _hour_of(asked)))):
        return None
    large, late = _amount(asked) > high, not _is_inside(asked)
    if min(asked.bits("amount") + FIRMLY * large, asked.bits("hour") + FIRMLY * late) < SELDOM_BITS:
        return None
    said, start, end = _clock(asked), _hour(of["hours_from"]), _hour(of["hours_to"])
    paid, less, more = _money(_amount(asked), asked), _money(low, asked, ceil), _money(high, asked, floor)
    usual = [f"{start['en']}-{end['en']}"] * late + [f"{less['en']}-{more['en']}"] * large
    habit, odds, day, who = _habit(asked, large, late), _odds(bits), asked.day, asked.who
    return Reason(
        "behaviour.habit", f"{said['en']}, {paid['en']}", ", ".join(usual) or "less, or at other hours", bits,
        {
            "en": f"{paid['en']} at {said['en']}, while on {day['en']} {who['en']} {habit['en']} "
                  f"(time and amount together: {odds['en']})",
            "ko": f"{said['ko']}에 {with_particle(paid['ko'], '을/를')} 거래했는데, {who['ko']} {day['ko']}에 "
                  f"{habit['ko']}(시각과 금액을 함께 보면 {odds['ko']})",
        },
    )  # fmt: skip


def _habit(asked: Asked, large: bool, late: bool) -> Text:
    """What is usual of hour and amount; an hour hardly outside its range is no argument."""
    hours, span, pays = _hours_of(asked), _range(asked), _pays(asked.who)
    clearly = late and not _is_inside(asked, HARDLY_HOURS)
    if large and clearly:
        return {"en": f"usually {pays} {span['en']} between {hours['en']}",
                "ko": f"보통 {hours['ko']}에 {with_particle(span['ko'], '을/를')} 거래합니다"}  # fmt: skip
    if large:
        seldom = asked.bits("hour") >= SELDOM_BITS
        return {"en": f"usually {pays} {span['en']}" + ", and seldom at such an hour" * seldom,
                "ko": f"보통 {with_particle(span['ko'], '을/를')} 거래"
                      + ("하고 이 시각의 거래는 드뭅니다" if seldom else "합니다")}  # fmt: skip
    if clearly:
        return {"en": f"usually {pays} between {hours['en']}, and seldom this much",
                "ko": f"보통 {hours['ko']}에 거래하고 이만한 금액은 드뭅니다"}  # fmt: skip
    return {"en": f"seldom {pays} this much at such an hour", "ko": "이 시각에 이만한 금액을 거래하는 일이 드뭅니다"}


def whole(bits: float, view: Text) -> Reason:
    """How rare it is all in all, for an event whose parts are each within what they say is usual."""
    odds = _odds(bits)
    return Reason(
        "behaviour.whole", often(bits)["en"], "1 in 20 or more often", bits,
        {
            "en": f"taken together, {view['en']} are unlike this customer ({odds['en']})",
            "ko": f"{view['ko']} 함께 보면 이 고객의 평소와 다릅니다({odds['ko']})",
        },
    )  # fmt: skip


def _strongest(found: Iterator[Reason]) -> list[Reason]:
    told = [reason for reason in found if reason.weight >= BITS_MIN]
    return [max(told, key=lambda r: r.weight)] if told else []


def _pays(who: Text) -> str:
    """The verb for one customer, or for those whom a new one is compared with."""
    return "pays" if who["en"] == "this customer" else "pay"


def _odds(bits: float) -> Text:
    """How many of all customers' transactions are as unusual for whoever made them."""
    f = often(bits)
    return {"en": f"{f['en']} of all transactions", "ko": f"전체 거래 {f['ko']}"}


def _reason(kind: str, asked: Asked, seen: Text, usual: Text, en: str, ko: str) -> Reason:
    odds = _odds(asked.bits(kind))
    # Korean sentences end in a verb, so that several can follow each other.
    text = {"en": f"{en} ({odds['en']})", "ko": f"{ko}({odds['ko']})"}
    return Reason(f"behaviour.{kind}", seen["en"], usual["en"], asked.bits(kind), text)


def _hours(asked: Asked) -> Iterator[Reason]:
    if isnan(_hour_of(asked)):
        return
    of, said, day = asked.of, _clock(asked), asked.day
    start, end = _hour(of["hours_from"]), _hour(of["hours_to"])
    who = asked.who if of["class_history"] >= FEW_ON_SUCH_DAYS else asked.peers
    vague = _is_inside(asked) or of["hours_to"] - of["hours_from"] > WIDE_HOURS
    usual = {"en": "other hours"} if vague else {"en": f"{start['en']}-{end['en']}"}
    if vague or _is_inside(asked, HARDLY_HOURS):
        en = f"at {said['en']}, an hour at which {who['en']} hardly ever {_pays(who)} on {day['en']}"
        ko = f"{said['ko']}에 거래했는데, {who['ko']} {day['ko']} 이 시각에 거의 거래하지 않습니다"
    else:
        hours = _hours_of(asked)
        en = f"at {said['en']}, while on {day['en']} {who['en']} usually {_pays(who)} between {hours['en']}"
        ko = f"{said['ko']}에 거래했는데, {who['ko']} {day['ko']}에 보통 {hours['ko']}에 거래합니다"
    yield _reason("hour", asked, said, usual, en, ko)


def _amounts(asked: Asked) -> Iterator[Reason]:
    of, x = asked.of, _amount(asked)
    if any(map(isnan, (x, of["amount_low"], of["amount_high"]))):
        return
    seen, low, high = _money(x, asked), _money(of["amount_low"], asked, ceil), _money(of["amount_high"], asked, floor)
    usual, span = {"en": f"{low['en']}-{high['en']}"}, _range(asked)
    for kind, is_odd in (("amount", x > of["amount_high"]), ("small", x < of["amount_low"])):
        if is_odd:
            expected = _expected(asked, span)
            en = f"{seen['en']} {asked.done['en']}, {expected['en']}"
            ko = f"{asked.done['ko']} 금액이 {seen['ko']}인데, {expected['ko']}"
            yield _reason(kind, asked, seen, usual, en, ko)
    yield from _outflow(asked, usual, span)


def _expected(asked: Asked, span: Text) -> Text:
    """What was to be expected: her usual amount; where she hardly pays, what her payments elsewhere suggest."""
    who, where = asked.who, asked.where
    at_a_shop = asked.category and asked.of["direction"] != TRANSFER and not asked.is_withdrawal
    if at_a_shop and asked.bits("category") >= BITS_MIN:
        whose = f"{who['ko'].removesuffix('은')}의"
        return {"en": f"where payments elsewhere by {who['en']} suggest {span['en']}",
                "ko": f"{whose} 다른 업종 이용으로 예상되는 금액은 {span['ko']}입니다"}  # fmt: skip
    much = with_particle(span["ko"], "을/를")
    return {"en": f"while {who['en']} usually {_does(asked)} {span['en']}{where['en']}",
            "ko": f"{who['ko']} {where['ko']}보통 {much} {asked.done['ko']}합니다"}  # fmt: skip


def _does(asked: Asked) -> str:
    """What a customer does with money, or what those do whom a new one is compared with."""
    verb = {"transferred": "transfer", "withdrawn": "withdraw", "paid": "pay"}[asked.done["en"]]
    return verb + "s" * (asked.who["en"] == "this customer")


def _outflow(asked: Asked, usual: Text, span: Text) -> Iterator[Reason]:
    """What went to new payees within days, beside what one transfer usually is: the same family as the amount."""
    sent, x = asked.of["sent_fresh"], _amount(asked)
    if asked.bits("outflow") < 0.0 or not sent > asked.of["amount_high"]:
        return
    several = sent > MORE * x
    seen = _money(sent if several else x, asked)
    if several:  # a sum that fades by half in three days
        en = f"about {seen['en']} sent within about three days to payees first paid less than a month ago"
        ko = f"처음 거래한 지 한 달이 안 된 계좌들로 최근 사흘 남짓 동안 보낸 돈이 약 {seen['ko']}인데"
    else:
        en = f"{seen['en']} transferred to a payee first paid less than a month ago"
        ko = f"처음 거래한 지 한 달이 안 된 계좌로 {with_particle(seen['ko'], '을/를')} 이체했는데"
    en += f", while a single transfer by {asked.who['en']} is usually {span['en']}"
    ko += f", {asked.who['ko']} 한 번에 보통 {with_particle(span['ko'], '을/를')} 이체합니다"
    yield _reason("outflow", asked, seen, usual, en, ko)


def _pace(asked: Asked) -> Iterator[Reason]:
    of, gap = asked.of, asked.of.get("gap_s", float("nan"))
    if gap < CLEARLY * of["gap_low_s"]:
        seen, usual, span = _times(gap, of["gap_low_s"], of["gap_high_s"])
        en = f"{seen['en']} after the previous transaction, while the usual gap is {span['en']}"
        ko = f"직전 거래 {seen['ko']} 뒤에 거래했는데, 평소 거래 간격은 {span['ko']}입니다"
        yield _reason("gap", asked, seen, usual, en, ko)
    if of["last5_s"] < CLEARLY * of["tempo_low_s"]:
        seen, usual, span = _times(of["last5_s"], of["tempo_low_s"], of["tempo_high_s"])
        en = f"five transactions within {seen['en']}, while five usually take {span['en']}"
        ko = f"{seen['ko']} 사이에 5건을 거래했는데, 평소에는 5건에 {with_particle(span['ko'], '이/가')} 걸립니다"
        yield _reason("tempo", asked, seen, usual, en, ko)


def _times(seen: float, low: float, high: float) -> tuple[Text, Text, Text]:
    """A time, what is usual, and the same as a range in words: the ends are doublings, and 68 minutes is an hour."""
    said, less, more = (value(x, "seconds") for x in (seen, low, high))
    ends = (AN_HOUR if 3_240.0 < x < 5_400.0 else text for x, text in ((low, less), (high, more)))
    return said, {"en": f"{less['en']}-{more['en']}"}, between(*ends)


def _party(asked: Asked) -> Iterator[Reason]:
    if asked.bits("party") < 0.0:
        return
    transfer, known = asked.of["direction"] == TRANSFER, asked.of["party_known"] == 1.0
    what = {"en": "payee", "ko": "수취 계좌"} if transfer else {"en": "merchant", "ko": "가맹점"}
    seen = {"en": f"{'rarely used' if known else 'new or long unused'} {what['en']}"}
    if not known:
        en, ko = f"a {what['en']} new to this customer, or long unused", "이 고객이 처음 거래하거나 오랜만에 거래하는"
    elif transfer and not isnan(asked.of["sent_fresh"]):  # told of payees that are not known for long
        en = f"a {what['en']} first paid less than a month ago, and seldom since"
        ko = "처음 거래한 지 한 달이 안 됐고 거래도 거의 없던"
    else:
        en, ko = f"a {what['en']} that this customer rarely pays", "이 고객과 거래가 거의 없던"
    yield _reason("party", asked, seen, {"en": f"{what['en']}s used before"}, en, f"{ko} {what['ko']}입니다")


def _device(asked: Asked) -> Iterator[Reason]:
    if asked.bits("device") < 0.0:
        return
    age = asked.of["device_age_s"]
    usual, did = {"en": "devices used before", "ko": "쓰던 기기"}, asked.did
    if asked.of["device_known"] != 1.0:
        seen, en, ko = (
            {"en": "new device"},
            f"{did['en']} a device new to this customer",
            f"이 고객이 쓴 적이 없는 기기로 {did['ko']}",
        )
    elif age < YOUNG_DEVICE_S:
        ago = value(age, "seconds")
        seen = {"en": f"first seen {ago['en']} ago", "ko": f"{ago['ko']} 전 처음 등장"}
        en = f"{did['en']} a device first seen with this customer {ago['en']} ago"
        ko = f"이 고객이 {ago['ko']} 전에 처음 쓴 기기로 {did['ko']}"
    else:
        seen = {"en": "rarely used device", "ko": "거의 쓰지 않던 기기"}
        en, ko = f"{did['en']} a device that this customer rarely uses", f"이 고객이 거의 쓰지 않던 기기로 {did['ko']}"
    yield _reason("device", asked, seen, usual, en, ko)


def _place(asked: Asked) -> Iterator[Reason]:
    if asked.bits("place") >= 0.0:
        known = asked.of["place_known"] == 1.0
        seen = {"en": "rarely visited area" if known else "new area"}
        en = "an area that this customer rarely visits" if known else "an area new to this customer, or long unvisited"
        ko = f"이 고객이 {'거의 가지 않던' if known else '처음 거래하거나 오랜만에 거래하는'} 지역입니다"
        yield _reason("place", asked, seen, {"en": "areas visited before"}, en, ko)
    speed = asked.of.get("km_per_hour", float("nan"))
    if asked.bits("travel") >= BITS_MIN and not isnan(speed):
        en, ko = _travel(speed, asked.of.get("km", float("nan")))
        if speed > AIRLINER_KM_PER_HOUR:
            en, ko = f"{en}, faster than one person can travel", f"{ko}으로, 같은 사람이 이동하기 어려운 속도입니다"
        else:
            ko += "입니다"
        yield _reason("travel", asked, value(float(round(speed)), "km/h"), {"en": "below 500 km/h"}, en, ko)


def _travel(speed: float, km: float) -> tuple[str, str]:
    """A speed as one can believe it: two figures, with the way and the time that it comes from."""
    said = value(_two_figures(speed), "km/h")
    if isnan(km):
        return f"about {said['en']} since the previous place", f"직전 장소에서 약 {said['ko']}로 이동한 셈"
    way, took = value(_two_figures(km), "km"), value(3_600.0 * km / speed, "seconds")
    return (
        f"{way['en']} from the previous place in {took['en']}, about {said['en']}",
        f"직전 장소에서 {took['ko']} 만에 {way['ko']}를 약 {said['ko']}로 이동한 셈",
    )


def _two_figures(x: float) -> float:
    unit = 10.0 ** max(len(str(int(x))) - 2, 0)
    return round(x / unit) * unit


def _category(asked: Asked) -> Iterator[Reason]:
    if not asked.category or asked.bits("category") < 0.0 or asked.of["direction"] == TRANSFER:
        return
    seen, who = {"en": asked.category.replace("_", " ")}, asked.who
    en = f"{who['en']} rarely {_does(asked)} {asked.shop.all}"
    ko = f"{who['ko']} 이 업종({asked.shop.ko})을 거의 이용하지 않습니다"
    yield _reason("category", asked, seen, {"en": "other kinds of shops"}, en, ko)


def _link(asked: Asked, told: Collection[str]) -> Iterator[Reason]:
    """A link to the odd event that this one follows, unless it was odd for what is told already; it counts little."""
    gap, heat = asked.of["odd_gap_s"], asked.of["surprise_heat"]
    if isnan(gap) or not heat >= HEAT_MIN:
        return
    at, ago = moment(asked.event.time_us - round(gap * 1e6), asked.timezone), value(gap, "seconds")
    kind, what = _ODD[int(asked.of["odd_kind"])]
    if kind not in told:
        day, clock = at["en"].split(" ")
        yield Reason(
            "behaviour.link", at["en"], "", 0.5,
            {
                "en": f"{ago['en']} after a transaction {what['en']} (on {day} at {clock})",
                "ko": f"{what['ko']}({at['ko']})가 있고 {ago['ko']} 뒤의 거래입니다",
            },
        )  # fmt: skip


def _amount(asked: Asked) -> float:
    return asked.of["amount"]


def _money(x: float, asked: Asked, towards: Callable[[float], int] = round) -> Text:
    """An amount; the ends of a range are rounded inwards, so that what lies outside still does when it is said."""
    return spoken(_rounded(x, asked, towards), asked.event.currency)


def _rounded(x: float, asked: Asked, towards: Callable[[float], int]) -> float:
    if x == asked.of["amount"]:
        return x
    unit = 10.0 ** max(len(str(int(max(x, 1.0)))) - 2, 0 if asked.event.currency in WITHOUT_CENTS else -1)
    return towards(x / unit) * unit


def _range(asked: Asked) -> Text:
    """The usual amount, its unit said once."""
    low, high = _rounded(asked.of["amount_low"], asked, ceil), _rounded(asked.of["amount_high"], asked, floor)
    least = TEN_THOUSAND if high >= SPOKEN_FROM else SPOKEN_FROM
    return between(*(spoken(x, asked.event.currency, least) for x in (low, high)))


def _hour(x: float) -> Text:
    return value(x % 24.0, "hour")


def _hours_of(asked: Asked) -> Text:
    """The usual hours; those past midnight are the next day's."""
    start, end = _hour(asked.of["hours_from"]), _hour(asked.of["hours_to"])
    past = asked.of["hours_to"] > 24.0
    return {
        "en": f"{start['en']} and {end['en']}{' the next day' * past}",
        "ko": f"{start['ko']}~{'다음 날 ' * past}{end['ko']}",
    }


def _hour_of(asked: Asked) -> float:
    return asked.of["hour"]


def _is_inside(asked: Asked, margin: float = 0.0) -> bool:
    """Whether the hour lies in the range that is usual on such days, or within so many hours of it."""
    of = asked.of
    return (_hour_of(asked) - of["hours_from"] + margin) % 24.0 <= of["hours_to"] - of["hours_from"] + 2.0 * margin


def _clock(asked: Asked) -> Text:
    return value(_hour_of(asked), "hour")


_FAMILIES: tuple[Callable[[Asked], Iterator[Reason]], ...] = (
    _hours,
    _amounts,
    _category,
    _pace,
    _party,
    _place,
    _device,
)
