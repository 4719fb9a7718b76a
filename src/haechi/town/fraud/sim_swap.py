"""SIM swap: the number is moved to a stranger's phone, so one-time passwords arrive there."""

from __future__ import annotations

from haechi.town.acts import ARS, FAILED
from haechi.town.fraud.account_takeover import drain
from haechi.town.script import Script


def tell(script: Script) -> None:
    """The telephone company's notice, a phone that is dead, then a session on another one, mostly at night."""
    victim = script.victim(22, 65)
    if victim is None:
        return
    hour = script.between(21, 23.5) if script.chance(0.5) else script.between(0.3, 6)
    at_us = script.at(hour, 1)
    moved_us = script.at(script.between(15, 20.3), int(hour > 12))  # while shops are open
    script.message(victim, moved_us, "sms_sim", risk=0.2, role="notice")
    script.lost_number = victim
    device, ip = script.stranger(), script.strange_ip()
    if script.chance(0.5):
        script.login(victim, at_us - script.gap(50), device, ip=ip, result=FAILED, role="stranger_login")
    at_us = script.new_device(victim, at_us, device, ARS, ip)
    script.login(victim, at_us, device, ip=ip, role="stranger_login")
    drain(script, victim, at_us + script.gap(150), device, ip, 4_500_000)
    won = script.campaign.loss_won
    script.tells(
        f"전화번호가 다른 휴대전화로 넘어가고 {'밤사이' if hour < 7 else '그날 밤'} {won:,}원이 빠져나간다.",
        f"The number moves to another phone; {won:,} won leave at night.",
    )
