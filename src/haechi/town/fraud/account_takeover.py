"""Account takeover: a phished password, a new device, a higher limit, a payee, transfers."""

from __future__ import annotations

from haechi.town.acts import FAILED, OTP
from haechi.town.ending import CUSTOMER
from haechi.town.fraud.phishing import held, law, pieces, raise_limit, take
from haechi.town.script import MINUTE_US, Script, steps


def tell(script: Script) -> None:
    """A phishing message, an hour or some days later the session of a stranger."""
    victim = script.victim(19, 75)
    if victim is None:
        return
    if script.chance(0.85):
        script.message(victim, script.at(script.between(8, 12)), "sms_phish", risk=0.35, role="bait")
    hour = script.between(0.2, 6) if script.chance(0.35) else script.between(12.5, 23)
    device, ip, at_us = script.stranger(), script.strange_ip(), script.at(hour, script.count(int(hour < 7), 3))
    for _ in range(script.count(0, 2)):
        script.login(victim, at_us, device, ip=ip, result=FAILED, role="stranger_login")
        at_us += script.gap(35, 0.6)
    at_us = script.new_device(victim, at_us, device, OTP, ip)
    script.login(victim, at_us, device, ip=ip, role="stranger_login")
    drain(script, victim, at_us + script.gap(110, 0.6), device, ip, 3_400_000)
    won = script.campaign.loss_won
    script.tells(
        f"낯선 기기로 로그인해 수취 계좌를 등록하고 {won:,}원을 보낸다.",
        f"A stranger's device logs in, adds a payee and sends {won:,} won.",
    )


def drain(script: Script, victim: int, at_us: int, device: int, ip: int, median_won: float) -> None:
    """Transfers from a stranger's device to accounts that fraudsters hold, until all is gone or the bank steps in."""
    won = min(max(steps(script.around(median_won, 0.9), 100_000), 700_000), 90_000_000)
    at_us = raise_limit(script, victim, at_us, won, device) + MINUTE_US + script.gap(30, 0.6)
    account = script.mule(at_us, victim)
    for number, part in enumerate(pieces(script, won)):
        if script.held_us <= at_us:
            break
        if script.is_stopped(account, at_us) or (number and script.chance(0.3)):
            account = script.mule(at_us, victim)
        script.payee(victim, at_us - script.gap(24, 0.4), account, device)
        done = script.transfer(victim, at_us, account, part, "stranger_transfer", fraud=True, device=device, ip=ip)
        take(script, done)
        at_us += script.gap(190, 0.8)
    script.campaign.loss_won = sum(act["amount"] for act in script.acts if act["role"] == "stranger_transfer")
    quick = 0.2 if held(script, victim, at_us) else 0.6 if script.lost_number == victim else 1.2  # a dead phone shows
    script.ends(CUSTOMER, script.town.parameters.victim_hours_median * quick, law(script), missed=0)
