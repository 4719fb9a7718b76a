"""How a campaign ends: who reports what and when, the bank's verdict, the labels, the money that comes back.

Customers report when they are awake, the bank decides and pays in office hours. Where several customers are robbed,
each of them notices, or never does, on his own.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from haechi.town.acts import FRAUD, JUDGED, LEGITIMATE, Kind
from haechi.town.almanac import DAY_US, HOUR_US, office_us, waking_us

if TYPE_CHECKING:
    from haechi.town.script import Script

SOURCES = ("settled", "customer", "bank", "police")
SETTLED, CUSTOMER, BANK, POLICE = range(len(SOURCES))
MULE_ROLES = ("pass_through", "cash_out", "layer")  # confirmed later than what their victims report
CARD_BACK_SHARE = 0.9  # of owners who report a card: they get all of it back, the others were careless
NIGHT_OWLS = 0.15  # of those who notice at night call the bank at once
_NORMAL = NormalDist()
Act = dict[str, Any]


@dataclass(frozen=True)
class Back:
    """What comes back after a report, and how many days later.

    `share` is that of all losses. By the law on voice phishing it is a part, larger the sooner the account is frozen;
    `whole` is the law on cards: all of it or, when the owner was careless, nothing.
    """

    share: float
    days: float
    whole: bool = False


def end(script: Script, source: int, hours_median: float, back: Back | None) -> None:
    """Let a campaign come out, or not."""
    frauds = [act for act in script.acts if act["fraud"] and act["kind"] in JUDGED]
    if not frauds:
        return
    victims = script.campaign.victims
    if script.campaign.loss_won == 0:
        script.campaign.loss_won = sum(act["amount"] for act in frauds if act["customer"] in victims)
    if source == CUSTOMER and len(victims) > 1:
        for victim in victims:
            _comes_out(script, [act for act in frauds if act["customer"] == victim], source, hours_median, back)
    else:
        _comes_out(script, frauds, source, hours_median, back)


def delay_hours(script: Script, median: float, spread: float = 1.25) -> tuple[float, float]:
    """Hours until somebody tells the bank, and the share of those who would have been quicker."""
    quantile = 0.001 + 0.998 * float(script.rng.random())
    longest = 24.0 * script.town.parameters.report_days_max
    return min(max(median * float(np.exp(spread * _NORMAL.inv_cdf(quantile))), 0.3), longest), quantile


def _comes_out(script: Script, frauds: list[Act], source: int, hours_median: float, back: Back | None) -> None:
    """What one party notices: labels, report and verdict, and what it gets back."""
    given = script.town.parameters
    if not frauds or script.chance(given.never_share):
        return
    hours, quantile = delay_hours(script, hours_median)
    known_us = max(act["time_us"] for act in frauds) + int(hours * HOUR_US)
    if source != CUSTOMER:
        known_us = office_us(known_us, script.between(0, 1))
    elif not script.chance(NIGHT_OWLS):
        known_us = waking_us(known_us, script.between(0, 1))
    first = script.campaign.first_report_us
    script.campaign.first_report_us = known_us if first < 0 else min(first, known_us)
    wrong = script.chance(given.wrong_share)
    _labels(script, frauds, source, known_us, wrong)
    _report(script, frauds, source, known_us, wrong)
    if back is not None and not wrong:
        _pay_back(script, frauds, known_us, back, quantile)


def _labels(script: Script, frauds: list[Act], source: int, known_us: int, wrong: bool) -> None:
    days = 24 * script.town.parameters.mule_days_median
    mules_us = office_us(known_us + int(delay_hours(script, days, 0.5)[0] * HOUR_US), script.between(0, 1))
    for act in frauds:
        of_mule = act["role"] in MULE_ROLES and source != POLICE
        told_us = max(mules_us if of_mule else known_us, act["time_us"] + int(script.between(0.1, 6) * HOUR_US))
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


def _pay_back(script: Script, frauds: list[Act], known_us: int, back: Back, quantile: float) -> None:
    """Each victim gets back all of his loss or his part of it."""
    share = min(1.0, 2 * back.share * (1 - quantile) / (1 - script.town.parameters.never_share))
    for victim in dict.fromkeys(act["customer"] for act in frauds if act["customer"] in script.campaign.victims):
        mine = [act for act in frauds if act["customer"] == victim]
        lost = sum(act["amount"] for act in mine)
        won = lost * script.chance(back.share) if back.whole else int(lost * share) // 10 * 10
        if won:
            paid_us = office_us(known_us + int((back.days + script.between(0, 3)) * DAY_US), script.between(0, 1))
            script.act(Kind.REFUND, paid_us, victim, "refund", ref=mine[0], amount=won)
            script.campaign.recovered_won += won
