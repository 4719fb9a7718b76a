"""Account takeover: a phished password, a new device, a higher limit, a payee, transfers."""

from __future__ import annotations

from haechi.town.acts import FAILED, OTHER_BANKS, OTP
from haechi.town.ending import CUSTOMER, Back
from haechi.town.script import MINUTE_US, Script, steps


def tell(script: Script) -> None:
    """A phishing message, a day or three later the session of a stranger."""
    victim = script.victim(19, 75)
    if victim is None:
        return
    days = script.count(0, 3)
    if script.chance(0.7):
        script.message(victim, script.at(script.between(8, 12)), "sms_phish", risk=0.35, role="bait")
    hour = script.between(0, 6) if script.chance(0.35) else script.between(12.5, 23)
    device, ip, begin = script.stranger(), script.strange_ip(), script.at(hour, days)
    for number in range(script.count(0, 3)):
        script.login(victim, begin - (number + 1) * MINUTE_US, device, ip=ip, result=FAILED, role="stranger_login")
    script.login(victim, begin, device, ip=ip, role="stranger_login")
    if script.chance(0.85):
        script.new_device(victim, begin + MINUTE_US, device, OTP, ip)
    if script.chance(0.5):
        script.limit(victim, begin + 3 * MINUTE_US, 10_000_000, device)
    drain(script, victim, begin + 5 * MINUTE_US, device, ip, script.count(1, 4), 350_000)
    won = script.campaign.loss_won
    script.tells(
        f"낯선 기기로 로그인해 수취 계좌를 등록하고 {won:,}원을 보낸다.",
        f"A stranger's device logs in, adds a payee and sends {won:,} won.",
    )


def drain(script: Script, victim: int, at_us: int, device: int, ip: int, count: int, median_won: float) -> None:
    """Transfers from a stranger's device to accounts that fraudsters hold."""
    account = script.mule()
    if account == victim:
        account = script.outside()
    for _ in range(count):
        script.payee(victim, at_us - script.count(10, 40) * 1_000_000, account, device)
        amount = steps(script.around(median_won, 0.8), 10_000 if script.chance(0.7) else 1_000)
        script.transfer(victim, at_us, account, amount, "stranger_transfer", fraud=True, device=device, ip=ip)
        if account < OTHER_BANKS:
            script.pass_through(account, at_us, amount)
        at_us += int(script.around(5, 0.7) * MINUTE_US)
    script.campaign.loss_won = sum(a["amount"] for a in script.acts if a["role"] == "stranger_transfer")
    script.ends(CUSTOMER, script.town.parameters.victim_hours_median * 1.6, Back(0.3, 45))
