"""How a campaign ends: who reports what and when, the bank's verdict, the labels, the money that comes back.

Customers report when they are awake, the bank decides and pays in office hours. Where several customers are robbed,
each of them notices, or never does, on his own.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from haechi.town.acts import FRAUD, JUDGED, KEYED, LEGITIMATE, OTHER_BANKS, SWIPE, Kind
from haechi.town.almanac import DAY_US, HOUR_US, office_us, waking_us

if TYPE_CHECKING:
    from haechi.town.script import Script

SOURCES = ("settled", "customer", "bank", "police")
SETTLED, CUSTOMER, BANK, POLICE = range(len(SOURCES))
CARD_ROLES = ("card_use", "test", "sold_on")
SENT_ROLES = ("victim_transfer", "stranger_transfer")
MULE_ROLES = ("pass_through", "cash_out", "layer")  # confirmed later than what their victims report
CARD_BACK_SHARE, PART_SHARE = 0.65, 0.6  # owners who get all of it back; of the others, those who get a part
PARTS = (0.5, 0.6, 0.7, 0.8)  # what the owner is not answered for goes by tenths
CARD_COPIED_SHARE = 0.96  # whose number was stolen or copied: the company answers for it, unless it was given away
SMALL_WON = 40_000  # whoever took no more at once is not refused a television
NIGHT_OWLS = 0.15  # of those who notice at night call the bank at once
_NORMAL = NormalDist()
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


@dataclass(frozen=True)
class Discovery:
    """Who finds a campaign out, how many hours after its last act or `after_us`, and how often nobody does."""

    source: int
    hours_median: float
    back: Back | None
    missed: float  # times as often as labels are missing in general
    after_us: int


def card_back(script: Script, share: float) -> Back:
    """What the owner of a card gets back: the card company looks at it for weeks; `share` of them get all."""
    return Back(share, script.around(script.town.parameters.loss.card_refund_days, 0.35), whole=True)


def end(script: Script, found: Discovery) -> None:
    """Let a campaign come out, or not."""
    frauds = [act for act in script.acts if act["fraud"] and act["kind"] in JUDGED]
    if not frauds:
        return
    victims = script.campaign.victims
    if script.campaign.loss_won == 0:
        script.campaign.loss_won = sum(act["amount"] for act in frauds if act["customer"] in victims)
    if found.source == CUSTOMER and len(victims) > 1:
        for victim in victims:
            _comes_out(script, [act for act in frauds if act["customer"] == victim], found)
    else:
        _comes_out(script, frauds, found)


def delay_hours(script: Script, median: float, spread: float = 1.25) -> tuple[float, float]:
    """Hours until somebody tells the bank, and the share of those who would have been quicker."""
    quantile = 0.001 + 0.998 * float(script.rng.random())
    longest = 24.0 * script.town.parameters.report_days_max
    return min(max(median * float(np.exp(spread * _NORMAL.inv_cdf(quantile))), 0.3), longest), quantile


def _comes_out(script: Script, frauds: list[Act], found: Discovery) -> None:
    """What one party notices: labels, report and verdict, what the bank stops, and what comes back."""
    given = script.town.parameters
    if not frauds or script.chance(given.never_share * found.missed):
        return
    hours, quantile = delay_hours(script, found.hours_median)
    known_us = max(found.after_us, *(act["time_us"] for act in frauds)) + int(hours * HOUR_US)
    if found.source != CUSTOMER:
        known_us = office_us(known_us, script.between(0, 1))
    elif not script.chance(NIGHT_OWLS):
        known_us = waking_us(known_us, script.between(0, 1))
    first = script.campaign.first_report_us
    script.campaign.first_report_us = known_us if first < 0 else min(first, known_us)
    wrong = script.chance(given.wrong_share)
    _labels(script, frauds, found.source, known_us, wrong)
    _report(script, frauds, found.source, known_us, wrong)
    if not (wrong and found.source == BANK):  # the bank that sees no fraud stops nothing
        _stop(script, frauds, known_us)
    if found.back is not None and not wrong:
        _pay_back(script, frauds, known_us, found.back, quantile)


def _labels(script: Script, frauds: list[Act], source: int, known_us: int, wrong: bool) -> None:
    """Mules are confirmed after what their victims report: in two days when the victim names the account."""
    confirmed_us = office_us(known_us + int(script.between(1, 40) * HOUR_US), script.between(0, 1))
    for act in frauds:
        of_mule = act["role"] in MULE_ROLES and source != POLICE
        told_us = max(confirmed_us if of_mule else known_us, act["time_us"] + int(script.between(0.1, 6) * HOUR_US))
        act |= {"told": 0 if wrong else 1, "source": BANK if of_mule else source, "told_us": told_us}


def _report(script: Script, frauds: list[Act], source: int, known_us: int, wrong: bool) -> None:
    victims = script.campaign.victims
    mine = [act for act in frauds if act["customer"] in victims] or frauds
    customer, about = mine[0]["customer"], mine[0]
    if source == CUSTOMER:
        lost = sum(act["amount"] for act in mine if act["customer"] == customer)
        script.act(Kind.REPORT, known_us, customer, "report", ref=about, amount=lost)
    verdict_us = office_us(known_us + int(script.between(2, 96) * HOUR_US), script.between(0, 1))
    script.act(Kind.VERDICT, verdict_us, customer, "verdict", ref=about, result=LEGITIMATE if wrong else FRAUD)


def _stop(script: Script, frauds: list[Act], known_us: int) -> None:
    """The card is blocked and refuses what is tried afterwards; accounts that received the money are suspended."""
    for customer in dict.fromkeys(act["customer"] for act in frauds if act["role"] in CARD_ROLES):
        used = [act for act in frauds if act["customer"] == customer]
        typed, small = (
            any(act["method"] in (KEYED, SWIPE) for act in used),
            all(act["amount"] < SMALL_WON for act in used),
        )
        at_us = known_us + script.gap(260)
        script.message(customer, at_us, f"sms_card_{'misused' if typed else 'lost'}", risk=0.05, role="card_stopped")
        if script.chance(0.3):
            at_us += script.gap(9_000, 1.2)
            at_us = at_us if typed else waking_us(at_us, script.between(0, 1))
            text = "online" if typed else "small" if small else "shop"
            script.message(customer, at_us, f"sms_refused_{text}", risk=0.05, role="refused")
    for buyer in dict.fromkeys(act["customer"] for act in frauds if act["role"] == "goods_paid"):
        script.message(buyer, known_us + script.gap(900), "sms_goods", risk=0.05, role="advised")
    sent = [act for act in frauds if act["role"] in SENT_ROLES]
    if sent:
        script.message(sent[0]["customer"], known_us + script.gap(1_200), "sms_stopped", risk=0.05, role="suspended")
    accounts = {act["party"] for act in sent if act["party"] < OTHER_BANKS}
    accounts |= {act["customer"] for act in frauds if act["role"] in MULE_ROLES}
    for account in sorted(accounts - set(script.campaign.victims)):
        if script.town.people.joined[account] <= script.day:
            stop(script, account, known_us + script.gap(1_500))


def stop(script: Script, account: int, at_us: int, text: str = "sms_suspended") -> None:
    """The bank suspends an account and tells its holder."""
    if account not in script.stopped:
        script.stopped[account] = at_us
        script.message(account, at_us, text, risk=0.05, role="suspended")


def _pay_back(script: Script, frauds: list[Act], known_us: int, back: Back, quantile: float) -> None:
    """Each victim gets back his part; of what was sent, no more than the accounts that received it still hold."""
    paid_us = office_us(known_us + int((back.days + script.between(0, 3)) * DAY_US), script.between(0, 1))
    for victim in dict.fromkeys(act["customer"] for act in frauds if act["customer"] in script.campaign.victims):
        mine = [act for act in frauds if act["customer"] == victim and act["role"] != "gift_card"]
        lost = sum(act["amount"] for act in mine)
        if back.whole:
            part = 1.0 if script.chance(back.share) else script.one_of(PARTS) * script.chance(PART_SHARE)
            won = int(lost * part) // 10 * 10
        else:
            frozen = sum(act["amount"] for act in mine if act.get("frozen"))
            held = sum(act["amount"] - act.get("gone", 0) for act in mine if not act.get("frozen"))
            won = frozen + min(int((lost - frozen) * min(1.0, 2 * back.share * (1 - quantile))), held) // 10 * 10
        if won:
            script.act(Kind.REFUND, paid_us, victim, "refund", ref=mine[0], amount=won)
            script.campaign.recovered_won += won
        elif back.whole:
            script.message(victim, paid_us, "sms_card_no", risk=0.05, role="claim_refused")
