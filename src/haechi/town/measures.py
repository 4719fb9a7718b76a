"""What the bank does about a fraud: it stops accounts and cards, tells their holders, and pays back what it can.

Every text follows from the state of the money: where it went, whether it has gone, what the bank can still do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from haechi.town.acts import KEYED, ONLINE, OTHER_BANKS, SWIPE, Kind
from haechi.town.almanac import DAY_US, hour_of, office_us, waking_us
from haechi.town.catalogue import CATEGORY_NAMES, CODE, is_open
from haechi.town.personas import TEEN

if TYPE_CHECKING:
    from haechi.town.script import Script

CARD_ROLES = ("card_use", "test", "sold_on")
SENT_ROLES = ("victim_transfer", "stranger_transfer")
MULE_ROLES = ("pass_through", "cash_out", "layer")  # confirmed later than what their victims report
HELD_BACK = (*MULE_ROLES, "login", "payee")  # what a suspended account cannot do any more
LATE_DAYS = (1.0, 3.0, math.inf)  # how late a lost card is missed: within a day, within three, later
LOST_SHARES = (0.88, 0.75, 0.6)  # owners of lost cards who get all of it back, by how late
FAULTS = (10, 20, 30, 50)  # per cent that a careless owner bears himself: one of two neighbours, by how late
DENIED_SHARE = 0.2  # of those who do not get all: gross negligence, with its ground
SMALL_WON = 100_000  # a pupil who lost less is not asked about care
QUICK_SHARE = 0.4  # of the usual days, when so little is decided
PETTY_WON, PETTY_SHARE = 30_000, 0.97  # what costs less than looking into it
REFUSED_SHARE, AGAIN_SHARE = 0.3, 0.35  # the thief tries the card once more; and once again, at once, for less
KEEN_SHARE = 0.9  # he tries it once more, who would have gone on
NIGHT_ENDS = 7
TRIED_WON_MIN = 1_500
TRIED_US = 2 * DAY_US  # a card that was not used for so long was thrown away
Act = dict[str, Any]


@dataclass(frozen=True)
class Back:
    """What comes back after a report, and how many days later.

    `share` is that of all losses. By the law on voice phishing it is a part, larger the sooner the account is frozen;
    `whole` is the law on cards: all of it, or a part or nothing when the owner was careless; `share` get all.
    """

    share: float
    days: float
    whole: bool = False


def measures(script: Script, frauds: list[Act], known_us: int, *, by_customer: bool) -> None:
    """The card is blocked and refuses what is tried afterwards; accounts that received the money are suspended."""
    for customer in dict.fromkeys(act["customer"] for act in frauds if act["role"] in CARD_ROLES):
        _block(script, [act for act in frauds if act["customer"] == customer], known_us, by_customer)
    for buyer in dict.fromkeys(act["customer"] for act in frauds if act["role"] == "goods_paid"):
        script.message(buyer, known_us + script.gap(900), "sms_goods", risk=0.05, role="advised")
    for seller in dict.fromkeys(act["party"] for act in frauds if act["role"] == "goods_paid"):
        if is_here(script, seller) and seller not in script.stopped:
            script.stopped[seller] = office_us(known_us + script.gap(5_400), script.between(0, 1))
            script.call(seller, script.stopped[seller], "bank_seller", minutes=script.around(4, 0.4), risk=0.05,
                        role="bank_call")  # fmt: skip
            told_us = script.stopped[seller] + script.gap(900)
            script.message(seller, told_us, "sms_seller_limited", risk=0.05, role="suspended")
    sent = [act for act in frauds if act["role"] in SENT_ROLES]
    if sent:
        _answer(script, sent, known_us)
    accounts = {act["customer"] for act in frauds if act["role"] in MULE_ROLES} - set(script.campaign.victims)
    for account in sorted(accounts | {act["party"] for act in sent if is_here(script, act["party"])}):
        stop(script, account, known_us + script.gap(70, 0.4))


def is_here(script: Script, account: int) -> bool:
    """Whether an account is at this bank."""
    return account < OTHER_BANKS and bool(script.town.people.joined[account] <= script.day)


def stop(script: Script, account: int, at_us: int, text: str = "sms_suspended") -> None:
    """The bank suspends an account and tells its holder; what would have left it later does not."""
    if script.stopped.get(account, at_us + 1) <= at_us:
        return
    script.stopped[account] = at_us

    def happens(act: Act) -> bool:
        later = act["customer"] == account and act["time_us"] > at_us
        return not (later and act["role"] in (*HELD_BACK, "suspended"))

    script.acts = [act for act in script.acts if happens(act)]
    script.message(account, at_us + script.gap(20, 0.3), text, risk=0.05, role="suspended")


def gone_won(script: Script, sent: Act) -> int:
    """How much of a transfer has left the account that received it."""
    return sum(act["amount"] for act in script.acts if act.get("out_of") is sent)


def _answer(script: Script, sent: list[Act], known_us: int) -> None:
    """What the bank says to a victim who reports a transfer: by where the money went."""
    victim, at_us = sent[0]["customer"], known_us + script.gap(420, 0.5)
    here = {act["party"] for act in sent if is_here(script, act["party"])}
    there = any(not is_here(script, act["party"]) for act in sent)
    already = bool(here) and all(account in script.stopped for account in here)
    if script.campaign.typology == "investment_room":  # the law on phishing leaves services out; the bank has to see
        script.bank_says(victim, at_us, "sms_stopped_invest", "advised")
        return
    text = "there" if not here else "both" if there else "already" if already else "here"
    script.bank_says(victim, at_us, f"sms_stopped_{text}", "suspended")
    if script.controlled == victim:
        script.message(victim, at_us + script.gap(200), "sms_clean", risk=0.05, role="advised")


def _block(script: Script, used: list[Act], known_us: int, by_customer: bool) -> None:
    """One card is blocked, and the thief may try it again: once, and once more at the same till, for less."""
    customer, last = used[0]["customer"], max(used, key=lambda act: int(act["time_us"]))
    typed = any(act["method"] in (KEYED, SWIPE) for act in used)
    abroad = any(act["country"] > 0 for act in used)
    text = "found" if not by_customer else "abroad" if abroad else "misused" if typed else "lost"
    at_us = known_us + script.gap(260)
    script.message(customer, at_us, f"sms_card_{text}", risk=0.05, role="card_stopped", card=last["card"])
    category, at_us = CATEGORY_NAMES[last["category"]], at_us + script.gap(3_000 if script.keen else 9_000, 1.2)
    if script.keen:
        at_us = waking_us(at_us, script.between(0, 1))
        category = category if is_open(category, hour_of(at_us)) else "convenience"
    asleep = not typed and hour_of(at_us) < NIGHT_ENDS
    if (
        not by_customer
        or at_us - last["time_us"] > TRIED_US
        or asleep
        or not (last["channel"] == ONLINE or is_open(category, hour_of(at_us)))
        or not script.chance(KEEN_SHARE if script.keen else REFUSED_SHARE)
    ):
        return
    won = last["amount"]
    shop = last["party"] if typed else script.merchant(category, int(script.town.merchants.district[last["party"]]))
    for _ in range(1 + script.chance(AGAIN_SHARE)):
        asked = max(won * script.between(0.5, 1.4), TRIED_WON_MIN)
        step = 100 if asked < 20_000 else 1_000
        won = script.charge(max(round(asked / step), 1) * step, last["country"], at_us)
        script.message(customer, at_us, "sms_refused", risk=0.05, role="refused", amount=won, party=shop,
                       card=last["card"], country=last["country"], category=CODE[category])  # fmt: skip
        at_us, won = at_us + script.gap(60, 0.6), int(0.4 * won)
        if won < TRIED_WON_MIN:
            return


def pay_back(script: Script, frauds: list[Act], known_us: int, back: Back, quantile: float) -> None:
    """Each victim gets back his part; of what was sent, no more than the accounts that received it still hold."""
    for victim in dict.fromkeys(act["customer"] for act in frauds if act["customer"] in script.campaign.victims):
        mine = [act for act in frauds if act["customer"] == victim and act["role"] != "gift_card"]
        quick = back.whole and sum(act["amount"] for act in mine) < SMALL_WON
        days = back.days * (QUICK_SHARE if quick else 1) + script.between(0, 3)
        paid_us = office_us(known_us + int(days * DAY_US), script.between(0, 1))
        won = (
            _card_part(script, victim, mine, known_us, back, paid_us)
            if back.whole
            else _sent_part(script, mine, known_us, min(1.0, 2 * back.share * (1 - quantile)))
        )
        if won:
            later_us = int(script.between(0.8, 3) * DAY_US) if back.whole else script.gap(600)
            at_us = office_us(paid_us + later_us, script.between(0, 1))
            script.act(Kind.REFUND, at_us, victim, "refund", ref=mine[0], amount=won)
            script.campaign.recovered_won += won


def _sent_part(script: Script, mine: list[Act], known_us: int, share: float) -> int:
    """All that the bank had stopped before the report, and a share of the rest while the accounts still hold it."""
    left = [int(act["amount"]) - gone_won(script, act) for act in mine]
    early = [script.stopped.get(act["party"], known_us) < known_us for act in mine]
    frozen = sum(won for won, is_early in zip(left, early, strict=True) if is_early)
    held = sum(won for won, is_early in zip(left, early, strict=True) if not is_early)
    lost = sum(int(act["amount"]) for act in mine)
    return frozen + min(int((lost - frozen) * share), held) // 10 * 10


def _card_part(script: Script, victim: int, mine: list[Act], known_us: int, back: Back, paid_us: int) -> int:
    """What the card company answers for; the owner is told of the share that he bears, or why nothing is paid.

    Small sums are simply credited; the later a lost card is missed, the more of it the owner may have to bear.
    """
    lost, last_us = sum(int(act["amount"]) for act in mine), max(int(act["time_us"]) for act in mine)
    pupil = script.town.people.persona[victim] == TEEN and lost < SMALL_WON
    late = next(place for place, days in enumerate(LATE_DAYS) if known_us - last_us < days * DAY_US)
    told_us = paid_us - script.gap(900, 0.4)
    if script.chance(max(back.share, PETTY_SHARE if pupil or lost < PETTY_WON else LOST_SHARES[late])):
        script.message(victim, told_us, "sms_card_paid", risk=0.05, role="advised", card=mine[0]["card"])
        return lost
    if pupil or lost < PETTY_WON or not script.chance(DENIED_SHARE):
        fault = 10 if pupil else int(script.one_of(FAULTS[late : late + 2]))
        script.message(victim, told_us, f"sms_card_part_{fault}", risk=0.05, role="claim_part")
        return lost * (100 - fault) // 100
    script.message(victim, told_us, "sms_card_no", risk=0.05, role="claim_refused")
    return 0
