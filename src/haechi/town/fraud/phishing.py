"""What all voice phishing has in common: how much is lost, in which transfers, through which channel, to whom."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

from haechi.town.acts import APP, ATM, BRANCH, OK, OTHER_BANKS, PHONE, Kind
from haechi.town.almanac import is_branch_open
from haechi.town.ending import CUSTOMER
from haechi.town.measures import SENT_ROLES, Back, is_here, stop
from haechi.town.mules import pass_on
from haechi.town.personas import PERSONAS
from haechi.town.script import MINUTE_US, Script, steps

# How money went out in 2020 (press copy: etnews 2020-08-10): mobile and internet 75.2 %, counter and machine 13.5,
# telephone 4.8; the rest is counted as mobile here.
CHANNELS, CHANNEL_SHARES = (APP, ATM, BRANCH, PHONE), (0.817, 0.07, 0.065, 0.048)
AGES = ((19, 29), (30, 39), (40, 49), (50, 59), (60, 85))
SINGLE_WON_MAX = 100_000_000
ATM_WON_MAX = 6_000_000
USUAL_LIMIT_WON = 10_000_000  # above it, somebody has to raise it first
FORM_FROM_WON = 5_000_000  # from here on a counter has its questions answered in writing
ASKED_FROM_WON, ASKED_SHARE = 5_000_000, 0.25  # the bank rings, and the victim says what he was told to say
LISTENING_SHARE = 0.7  # of callers stay on the line while the victim sends in the app
HELD_SHARE = 0.3  # the bank's watch stops one more transfer, and the victim hears of it
TOLD = ("held", "told_elsewhere")  # that the bank lets nothing more out
LOST = ("victim_transfer", "gift_card")
NOT_ADDRESSED = ("teen", "university", "student_abroad")  # by lenders and by false children


def loss_won(script: Script) -> int:
    """What a victim loses: logarithms are normal, with the mean and the tail of the supervisor's figures."""
    given = script.town.parameters.loss
    quantile = min(max(script.fair(1), 0.001), 0.999)
    logarithm = math.log(given.mean_won) - given.spread**2 / 2 + given.spread * NormalDist().inv_cdf(quantile)
    won = math.exp(logarithm)
    return min(steps(won, 100_000 if won < 20_000_000 else 500_000), given.max_won)


def victim_of(
    script: Script, shares: tuple[float, ...], oldest: int = AGES[-1][1], *, youngest: int = 0, grown: bool = True,
    women: float = 0.5,
) -> int | None:  # fmt: skip
    """A victim whose age follows the shares of AGES; `grown`: no student, `women`: their share."""
    edges = [sum(shares[: number + 1]) / sum(shares) for number in range(len(shares))]
    place = next((n for n, edge in enumerate(edges) if script.fair(2) < edge), len(AGES) - 1)
    low, high = AGES[place]
    people, woman = script.town.people, script.chance(women)

    def fits(customer: int) -> bool:
        persona = PERSONAS[people.persona[customer]].name
        wanted = women == 0.5 or (people.sex[customer] == 0) == woman
        return wanted and (persona not in NOT_ADDRESSED if grown else persona != "student_abroad")

    return script.victim(max(low, youngest), min(high, oldest), fits)


def pieces(script: Script, amount: int) -> list[int]:
    """A loss in one to four large transfers, round but for the last; none above what one transfer may carry."""
    most = 1 if amount < 3_000_000 else 2 if amount < 10_000_000 else 3 if amount < 40_000_000 else 4
    count = max(script.count(1, most), -(-amount // SINGLE_WON_MAX))
    step = 100_000 if amount < 5_000_000 else 1_000_000 if amount < 40_000_000 else 5_000_000
    parts, left = [], amount
    for more in range(count - 1, 0, -1):
        part = min(steps(left / (more + 1) * script.between(0.75, 1.35), step), SINGLE_WON_MAX, left)
        parts.append(part)
        left -= part
    while left > 0:
        parts.append(min(left, SINGLE_WON_MAX))
        left -= parts[-1]
    return parts


def guided(script: Script, victim: int, at_us: int, text: str, minutes: float, wait_us: int, channel: int) -> int:
    """A call, then the way to the app or the counter; in the app mostly with the caller on the line; until when."""
    script.listening = channel == APP and script.chance(LISTENING_SHARE)
    longer = wait_us / MINUTE_US + script.between(8, 20) if script.listening else 0.0
    script.call(victim, at_us, text, minutes=minutes + longer, risk=0.6)
    return at_us + int(minutes * MINUTE_US) + wait_us


def raise_limit(script: Script, victim: int, at_us: int, amount: int, device: int | None = None) -> int:
    """The limit of a day, when the loss would not go through it; when that is done."""
    if amount <= script.limits.get(victim, USUAL_LIMIT_WON):
        return at_us
    script.limits[victim] = script.limit_for(amount)
    return script.limit(victim, at_us, script.limits[victim], device)


def send(script: Script, victim: int, at_us: int, parts: list[int], channel: int = APP) -> int:
    """The victim, or a hand on his phone, sends the parts, each to an account that fraudsters hold; when all went."""
    if channel == BRANCH and sum(parts) <= SINGLE_WON_MAX:
        parts = [sum(parts)]  # nobody sends twice at one window
    closed = channel == BRANCH and not is_branch_open(at_us + len(parts) * 25 * MINUTE_US)
    channel = APP if closed else channel
    if channel == APP:
        script.enters(victim, at_us)
        at_us += script.gap(110)
        at_us = raise_limit(script, victim, at_us, sum(parts)) + MINUTE_US + script.gap(20)
    asked = max(parts) >= ASKED_FROM_WON and script.chance(ASKED_SHARE) and not script.listening
    account = script.mule(at_us, victim)
    for number, part in enumerate(parts):
        if script.held_us <= at_us:
            break
        if script.is_stopped(account, at_us) or (number and script.chance(0.35)):
            account = script.mule(at_us, victim)
        if channel == BRANCH and not number and sum(parts) >= FORM_FROM_WON:
            script.act(Kind.CHECK, at_us - script.gap(300, 0.3), victim, "teller_asks", result=OK)
        if channel == APP:
            script.payee(victim, at_us - script.gap(20, 0.4), account)
        done = script.transfer(victim, at_us, account, part, "victim_transfer", fraud=True, channel=channel)
        take(script, done)
        if asked and not number and script.controlled != victim:
            rings_us = at_us + script.gap(150)
            script.call(victim, rings_us, "bank_asks", minutes=script.around(2.5, 0.4), risk=0.05, role="bank_call")
            at_us = rings_us + 5 * MINUTE_US
        at_us += script.gap(420, 0.8)
    return at_us


def take(script: Script, done: dict[str, Any]) -> None:
    """What becomes of a transfer at the other end.

    What leaves a mule of this bank cannot come back; when the bank stops it in time, it asks the sender at once.
    """
    account = done["party"]
    if account >= OTHER_BANKS or account in script.stopped:
        return
    pass_on(script, account, done["time_us"], done["amount"], done)
    if account in script.stopped:
        asked_us = script.stopped[account] + script.gap(500, 0.5)
        script.held_us = min(script.held_us, asked_us)
        script.bank_says(done["customer"], asked_us, "sms_ask_sender", "held")


def held(script: Script, victim: int, at_us: int) -> bool:
    """The bank's watch lets nothing more out, stops the accounts here that received something, and tells the victim."""
    if script.held_us <= at_us:
        return True
    if not script.chance(HELD_SHARE):
        return False
    mine = [act for act in script.acts if act["role"] in SENT_ROLES and act["customer"] == victim]
    here = [act["party"] for act in mine if is_here(script, act["party"])]
    script.held_us = at_us
    script.acts = [act for act in script.acts if act["role"] not in TOLD or act["time_us"] < at_us]
    for account in dict.fromkeys(here):
        stop(script, account, at_us + script.gap(18, 0.3), "sms_watched")
    script.bank_says(victim, at_us, "sms_held_here" if len(here) == len(mine) else "sms_held", "held")
    return True


def way(script: Script, at_us: int, parts: list[int]) -> int:
    """A channel that carries all the parts: the counter only while it is open, a machine only what it allows."""
    channel = int(script.one_of(CHANNELS, CHANNEL_SHARES))
    last_us = at_us + (40 + len(parts) * 25) * MINUTE_US
    closed = channel == BRANCH and not (is_branch_open(at_us) and is_branch_open(last_us))
    return APP if closed or (channel == ATM and max(parts) > ATM_WON_MAX) else channel


def law(script: Script) -> Back:
    """By the law on refunds: a notice of two months once the bank has asked for it, then within fourteen days."""
    loss = script.town.parameters.loss
    return Back(loss.returned_share, loss.claim_days + script.between(4, 12) + script.between(0, loss.refund_days_max))


def close(script: Script, last_us: int) -> None:
    """The victim understands, hours to weeks later, and part of the money comes back as the law has it."""
    script.campaign.loss_won = sum(a["amount"] for a in script.acts if a["role"] in LOST)
    quick = 0.25 if held(script, script.campaign.victims[0], last_us) else 1.0
    script.ends(CUSTOMER, script.town.parameters.victim_hours_median * quick, law(script), missed=0)


def sent(script: Script, victim: int) -> tuple[int, int]:
    """How much the victim sent, and in how many transfers."""
    amounts = [a["amount"] for a in script.acts if a["role"] == "victim_transfer" and a["customer"] == victim]
    return sum(amounts), len(amounts)


def times(count: int) -> tuple[str, str]:
    """How often, in Korean and in English."""
    return (f"{count}번에 나누어", f"in {count} transfers") if count > 1 else ("한 번에", "in one transfer")
