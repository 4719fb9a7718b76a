"""SIM swap: the number is moved to a stranger's phone, so one-time passwords arrive there."""

from __future__ import annotations

from haechi.town.acts import ARS, FAILED
from haechi.town.fraud.account_takeover import drain
from haechi.town.script import MINUTE_US, Script


def tell(script: Script) -> None:
    """The telephone company's notice, a phone that is dead, then a session on another one, mostly at night."""
    victim = script.victim(22, 65)
    if victim is None:
        return
    hour = script.between(21, 23.5) if script.chance(0.5) else script.between(0.3, 6)
    begin = script.at(hour, 1)
    script.message(victim, begin - script.count(60, 400) * MINUTE_US, "sms_sim", risk=0.2, role="bait")
    device, ip = script.stranger(), script.strange_ip()
    if script.chance(0.5):
        script.login(victim, begin - MINUTE_US, device, ip=ip, result=FAILED, role="stranger_login")
    script.new_device(victim, begin, device, ARS, ip)
    script.login(victim, begin + 2 * MINUTE_US, device, ip=ip, role="stranger_login")
    script.limit(victim, begin + 4 * MINUTE_US, 20_000_000, device)
    drain(script, victim, begin + 7 * MINUTE_US, device, ip, script.count(2, 5), 600_000)
    won = script.campaign.loss_won
    script.tells(
        f"전화번호가 다른 휴대전화로 넘어가고 밤사이 {won:,}원이 빠져나간다.",
        f"The number moves to another phone; {won:,} won leave at night.",
    )
