"""A mule ring: recruited accounts collect what victims elsewhere send, pass it on within minutes, layer, draw cash."""

from __future__ import annotations

from haechi.town.almanac import DAY_US
from haechi.town.ending import BANK, POLICE
from haechi.town.mules import pass_on
from haechi.town.script import Script, steps

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
        at_us = script.at(script.between(10, 19), day)
        works = [m for m in ring if not script.is_stopped(m, at_us + DAY_US) and script.busy.get(m, 0) < at_us]
        if len(works) > 1:
            sent += _haul(script, works, at_us)
    script.campaign.loss_won = sent
    script.tells(
        f"모집된 대포통장 {len(ring)}개가 다른 곳의 피해금 {sent:,}원을 받아 몇 분 만에 넘긴다.",
        f"{len(ring)} recruited accounts take in {sent:,} won from victims elsewhere and pass it on within minutes.",
    )
    script.ends(script.one_of((BANK, POLICE)), 24 * script.town.parameters.mule_days_median, missed=2.0)


def _haul(script: Script, ring: list[int], at_us: int) -> int:
    """One afternoon: several deposits to one mule, then out in layers."""
    first = script.one_of(ring)
    held = 0
    for _ in range(script.count(1, 3)):
        won = script.around(1_700_000, 0.8)
        amount = steps(won, 100_000 if won < 4_000_000 else 500_000)
        script.deposit(first, at_us, script.outside(100 + script.count(0, 500)), amount, "fan_in")
        at_us += script.gap(330, 0.6)
        held += amount
    layers = script.count(0, 2)
    holder, left = first, held
    for _ in range(layers):
        other = script.one_of([mule for mule in ring if mule != holder])
        left = max(left * script.count(955, 990) // 1_000_000, 1) * 1_000
        at_us = max(at_us, script.busy.get(holder, 0)) + script.gap(400)
        script.session(holder, at_us, other, left, "layer", fraud=True)
        script.busy[holder] = at_us
        holder = other
    if layers == 2 and holder != first and script.chance(0.3):
        at_us += script.gap(240)
        script.session(holder, at_us, first, max(left // 2_000, 1) * 1_000, "layer", fraud=True)
        left -= max(left // 2_000, 1) * 1_000
    pass_on(script, holder, at_us, left)
    return held
