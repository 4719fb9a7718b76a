"""How a campaign comes out: who reports what and when, the bank's verdict, the labels; then the bank's measures.

Customers report when they are awake, the bank decides and pays in office hours. Where several customers are robbed,
each of them notices, or never does, on his own; a leak of cards, once found, is judged as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from haechi.town.acts import FRAUD, JUDGED, LEGITIMATE, Kind
from haechi.town.almanac import DAY_US, HOUR_US, office_us, waking_us
from haechi.town.measures import MULE_ROLES, Back, measures, pay_back

if TYPE_CHECKING:
    from haechi.town.script import Script

SOURCES = ("settled", "customer", "bank", "police")
SETTLED, CUSTOMER, BANK, POLICE = range(len(SOURCES))
CARD_BACK_SHARE = 0.0  # of lost cards: no share of its own, but by how late they are missed (see measures.py)
CARD_COPIED_SHARE = 1.0  # of numbers that were stolen or copied: the company answers for them
NIGHT_OWLS = 0.15  # of those who notice at night call the bank at once
# How the bank comes to believe what is wrong. Nobody takes phishing for anything else: there, the victim may hand in no
# papers, so that nothing comes back.
MISTAKES = {"card_stolen": "own_use", "teen_misuse": "own_use", "card_testing": "shop_check", "mule_ring": "explained",
            "synthetic_identity": "bad_debt", "purchase_scam": "dispute", "investment_room": "dispute",
            "refund_abuse": "explained"}  # fmt: skip
_NORMAL = NormalDist()
Act = dict[str, Any]


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
    frauds, wrong = _frauds(script), script.chance(script.town.parameters.wrong_share)
    if found.source == CUSTOMER and len(script.campaign.victims) > 1:
        for victim in script.campaign.victims:
            _comes_out(script, [act for act in frauds if act["customer"] == victim], found, wrong)
    else:
        _comes_out(script, frauds, found, wrong)


def end_leak(script: Script, hours_median: float, missed: float) -> int:
    """Let a leak come out; when the bank finds the point that leaked, or -1.

    Owners notice one by one. The second report, or the only one, leads to the point; then all that happened with cards
    that paid there is judged as one, whether its owner noticed or not, and every owner gets back all of it.
    """
    frauds = _frauds(script)
    noticed = sorted(
        (_known_us(script, [act for act in frauds if act["customer"] == victim], hours_median), victim)
        for victim in script.campaign.victims
        if not script.chance(script.town.parameters.never_share * missed)
    )
    if not noticed:
        return -1
    last_us = max(act["time_us"] for act in frauds)
    found_us = max(noticed[:2][-1][0], last_us) + int(script.between(0.5, 2.5) * DAY_US)
    found_us = office_us(found_us, script.between(0, 1))
    own = {victim: known_us for known_us, victim in noticed if known_us < found_us}
    script.campaign.first_report_us = min([found_us, *own.values()])
    paid_days = card_back(script, 1.0).days
    for victim in script.campaign.victims:
        mine = [act for act in frauds if act["customer"] == victim]
        source, known_us = (CUSTOMER, own[victim]) if victim in own else (BANK, found_us)
        _labels(script, mine, source, known_us, wrong_us=-1)
        _report(
            script, mine, source, known_us, office_us(found_us + script.gap(7_200), script.between(0, 1)), "verdict"
        )
        measures(script, mine, known_us, by_customer=victim in own)
        pay_back(script, mine, max(known_us, found_us), Back(1.0, paid_days, whole=True), 0.5)
    return found_us


def _frauds(script: Script) -> list[Act]:
    """What fraudsters did; what victims lost by it, if the script has not counted it."""
    frauds = [act for act in script.acts if act["fraud"] and act["kind"] in JUDGED]
    if script.campaign.loss_won == 0:
        script.campaign.loss_won = sum(act["amount"] for act in frauds if act["customer"] in script.campaign.victims)
    return frauds


def delay_hours(script: Script, median: float, spread: float = 1.25) -> tuple[float, float]:
    """Hours until somebody tells the bank, and the share of those who would have been quicker."""
    quantile = 0.001 + 0.998 * float(script.rng.random())
    longest = 24.0 * script.town.parameters.report_days_max
    return min(max(median * float(np.exp(spread * _NORMAL.inv_cdf(quantile))), 0.3), longest), quantile


def _known_us(script: Script, mine: list[Act], hours_median: float) -> int:
    """When a customer notices and tells the bank."""
    hours, _ = delay_hours(script, hours_median)
    return waking_us(max(act["time_us"] for act in mine) + int(hours * HOUR_US), script.between(0, 1))


def _comes_out(script: Script, frauds: list[Act], found: Discovery, wrong: bool) -> None:
    """What one party notices: labels, report and verdict, what the bank stops, and what comes back."""
    given = script.town.parameters
    if not frauds or script.chance(given.never_share * found.missed):
        return
    hours, quantile = delay_hours(script, found.hours_median)
    known_us = max(found.after_us, *(act["time_us"] for act in frauds)) + int(hours * HOUR_US)
    by_customer = found.source == CUSTOMER
    if not by_customer:
        known_us = office_us(known_us, script.between(0, 1))
    elif not script.chance(NIGHT_OWLS):
        known_us = waking_us(known_us, script.between(0, 1))
    first = script.campaign.first_report_us
    script.campaign.first_report_us = known_us if first < 0 else min(first, known_us)
    mistake = MISTAKES.get(script.campaign.typology) if wrong else None
    lapsed, wrong = wrong and mistake is None, mistake is not None
    verdict_us = office_us(known_us + int(script.between(2, 96) * HOUR_US), script.between(0, 1))
    _labels(script, frauds, found.source, known_us, wrong_us=verdict_us if wrong else -1)
    customer = _report(script, frauds, found.source, known_us, verdict_us, mistake or "verdict")
    if not wrong or by_customer:  # the bank that sees no fraud stops nothing
        measures(script, frauds, known_us, by_customer=by_customer)
    if lapsed:
        lapsed_us = office_us(known_us + int(script.between(120, 240) * HOUR_US), script.between(0, 1))
        script.bank_says(customer, lapsed_us, "sms_no_papers", "no_papers")
    elif found.back is not None and not wrong:
        pay_back(script, frauds, known_us, found.back, quantile)


def _labels(script: Script, frauds: list[Act], source: int, known_us: int, *, wrong_us: int) -> None:
    """What is reported is known at the report; mules are confirmed in two days when the victim names the account."""
    confirmed_us = office_us(known_us + int(script.between(1, 40) * HOUR_US), script.between(0, 1))
    for act in frauds:
        of_mule = act["role"] in MULE_ROLES and source != POLICE
        told_us = wrong_us if wrong_us >= 0 else confirmed_us if of_mule else known_us
        act |= {"told": int(wrong_us < 0), "source": BANK if of_mule else source, "told_us": told_us}


def _report(script: Script, frauds: list[Act], source: int, known_us: int, verdict_us: int, verdict: str) -> int:
    """The report of a customer, and the verdict of the bank, which may be a mistake; whom they are about."""
    victims = script.campaign.victims
    mine = [act for act in frauds if act["customer"] in victims] or frauds
    customer, about = mine[0]["customer"], mine[0]
    if source == CUSTOMER:
        lost = sum(act["amount"] for act in mine if act["customer"] == customer)
        script.act(Kind.REPORT, known_us, customer, "report", ref=about, amount=lost)
    result = FRAUD if verdict == "verdict" else LEGITIMATE
    role = "abuse" if result == FRAUD and script.campaign.typology == "refund_abuse" else verdict
    script.act(Kind.VERDICT, verdict_us, customer, role, ref=about, result=result)
    if role in ("own_use", "abuse"):
        script.bank_says(customer, verdict_us + script.gap(600), f"sms_{role}", "advised")
    return int(customer)
