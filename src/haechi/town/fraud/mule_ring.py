"""A mule ring: recruited accounts collect what victims elsewhere send, pass it on within minutes, layer, draw cash."""

from __future__ import annotations

from haechi.town.ending import BANK, POLICE
from haechi.town.script import MINUTE_US, Script, steps

MULES_MIN, MULES_MAX = 5, 9


def tell(script: Script) -> None:
    """Recruited by message; for one or two weeks money fans in, moves between mules, fans out; sometimes a cycle."""
    mules = list(
        dict.fromkeys(script.pick(script.town.of_age(19, 38)) for _ in range(script.count(MULES_MIN, MULES_MAX)))
    )
    ring = [mule for mule in mules if mule is not None]
    if len(ring) < 2:
        return
    for mule in ring:
        if script.chance(0.7):
            script.message(mule, script.at(script.between(9, 20)), "sms_mule_job", risk=0.3, role="recruited")
    sent = 0
    for day in sorted(script.count(2, 14) for _ in range(script.count(4, 9))):
        sent += _haul(script, ring, day)
    script.campaign.loss_won = sent
    script.tells(
        f"모집된 대포통장 {len(ring)}개가 다른 곳의 피해금 {sent:,}원을 받아 몇 분 만에 넘긴다.",
        f"{len(ring)} recruited accounts take in {sent:,} won from victims elsewhere and pass it on within minutes.",
    )
    script.ends(script.one_of((BANK, POLICE)), 24 * script.town.parameters.mule_days_median)


def _haul(script: Script, ring: list[int], day: int) -> int:
    """One afternoon: several deposits to one mule, then out in layers."""
    first, at_us = script.one_of(ring), script.at(script.between(10, 19), day)
    held = 0
    for number in range(script.count(1, 3)):
        amount = steps(script.around(450_000, 0.9), 10_000)
        script.deposit(first, at_us, script.outside(100 + script.count(0, 500)), amount, "fan_in")
        at_us += int(script.around(4 + number, 0.5) * MINUTE_US)
        held += amount
    layers = script.count(0, 2)
    holder, left = first, held
    for _ in range(layers):
        other = script.one_of([mule for mule in ring if mule != holder])
        left = max(left * 97 // 100 // 1_000, 1) * 1_000
        at_us += int(script.around(6, 0.5) * MINUTE_US)
        script.login(holder, at_us - 30_000_000)
        script.payee(holder, at_us - 12_000_000, other)
        script.transfer(holder, at_us, other, left, "layer", fraud=True)
        holder = other
    if layers == 2 and holder != first and script.chance(0.3):
        script.login(holder, at_us + 2 * MINUTE_US)
        script.transfer(holder, at_us + 3 * MINUTE_US, first, max(left // 2_000, 1) * 1_000, "layer", fraud=True)
    script.pass_through(holder, at_us, left)
    return held
