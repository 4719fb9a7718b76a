"""What all voice phishing has in common: how much is lost, in which transfers, through which channel, to whom."""

from __future__ import annotations

import math
from statistics import NormalDist

from haechi.town.acts import APP, ATM, BRANCH, OTHER_BANKS, PHONE
from haechi.town.almanac import is_branch_open
from haechi.town.ending import CUSTOMER, Back
from haechi.town.script import MINUTE_US, Script, steps

# How money went out in 2020 (press copy: etnews 2020-08-10): mobile and internet 75.2 %, counter and machine 13.5,
# telephone 4.8; the rest is counted as mobile here.
CHANNELS, CHANNEL_SHARES = (APP, ATM, BRANCH, PHONE), (0.817, 0.07, 0.065, 0.048)
AGES = ((19, 29), (30, 39), (40, 49), (50, 59), (60, 85))
SINGLE_WON_MAX = 50_000_000
ATM_WON_MAX = 6_000_000
PIECE_WON_MIN = 600_000  # nobody is asked to send less at a time


def loss_won(script: Script) -> int:
    """What a victim loses: logarithms are normal, with the mean and the tail of the supervisor's figures."""
    given = script.town.parameters.loss
    quantile = min(max(script.fair(1), 0.001), 0.999)
    logarithm = math.log(given.mean_won) - given.spread**2 / 2 + given.spread * NormalDist().inv_cdf(quantile)
    return min(steps(math.exp(logarithm), 10_000), given.max_won)


def victim_of(script: Script, shares: tuple[float, ...], oldest: int = AGES[-1][1]) -> int | None:
    """A victim whose age follows the shares of AGES."""
    edges = [sum(shares[: number + 1]) / sum(shares) for number in range(len(shares))]
    place = next((n for n, edge in enumerate(edges) if script.fair(2) < edge), len(AGES) - 1)
    low, high = AGES[place]
    return script.victim(low, min(high, oldest))


def pieces(script: Script, amount: int, count: int) -> list[int]:
    """A loss in transfers, the largest not always first; none above what one transfer may carry."""
    count = max(min(count, amount // PIECE_WON_MIN), -(-amount // (SINGLE_WON_MAX * 3 // 4)), 1)
    shares = script.rng.dirichlet([2.0] * count)
    parts = [min(steps(amount * float(share), 10_000), SINGLE_WON_MAX) for share in shares]
    return [part for part in parts if part > 0]


def send(script: Script, victim: int, at_us: int, parts: list[int], *, channel: int | None = None) -> int:
    """The victim sends the parts, each to an account the fraudsters hold; when the last one has gone."""
    channel = _way(script, at_us, parts) if channel is None else channel
    if channel == APP:
        script.login(victim, at_us - 2 * MINUTE_US)
    account = script.mule()
    for number, part in enumerate(parts):
        if number and script.chance(0.4):
            account = script.mule()
        if account == victim:
            account = script.outside(number)
        if channel == APP:
            script.payee(victim, at_us - script.count(8, 50) * 1_000_000, account)
        script.transfer(victim, at_us, account, part, "victim_transfer", fraud=True, channel=channel)
        if account < OTHER_BANKS:
            script.pass_through(account, at_us, part)
        at_us += int(script.around(9, 0.8) * MINUTE_US)
    return at_us


def _way(script: Script, at_us: int, parts: list[int]) -> int:
    """A channel that carries all the parts: the counter only while it is open, a machine only what it allows."""
    channel = int(script.one_of(CHANNELS, CHANNEL_SHARES))
    last_us = at_us + len(parts) * 15 * MINUTE_US
    closed = channel == BRANCH and not (is_branch_open(at_us) and is_branch_open(last_us))
    return APP if closed or (channel == ATM and max(parts) > ATM_WON_MAX) else channel


def close(script: Script) -> None:
    """The victim understands, hours to weeks later, and part of the money comes back as the law has it."""
    given = script.town.parameters
    loss = given.loss
    days = loss.claim_days + script.between(0, loss.refund_days_max)
    script.campaign.loss_won = sum(a["amount"] for a in script.acts if a["role"] in LOST)
    script.ends(CUSTOMER, given.victim_hours_median, Back(loss.returned_share, days))


def sent(script: Script, victim: int) -> tuple[int, int]:
    """How much the victim sent, and in how many transfers."""
    amounts = [a["amount"] for a in script.acts if a["role"] == "victim_transfer" and a["customer"] == victim]
    return sum(amounts), len(amounts)


def times(count: int) -> tuple[str, str]:
    """In how many transfers, in Korean and in English."""
    return (f"{count}번에 나누어", f"in {count} transfers") if count > 1 else ("한 번에", "in one transfer")


LOST = ("victim_transfer", "gift_card", "remote_transfer")
