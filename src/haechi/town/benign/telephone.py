"""A new phone; a call from the real bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from haechi.town.acts import ARS, OTP, SELFIE, Kind
from haechi.town.dice import Ints
from haechi.town.money import payee_of
from haechi.town.script import Script, steps

if TYPE_CHECKING:
    from haechi.town.town import Town


HELPED_SHARE = 0.05  # whom somebody helps from afar to set up the phone: the app warns them, too


def new_phones_of(town: Town, day: int) -> Ints:
    """Who carries a new phone from this day on."""
    return town.people.new_phones(day)


def new_phone(script: Script) -> None:
    """Device, verification, first transfers small; some forget the password on the way."""
    customer = script.campaign.victims.pop()
    begin = script.at(script.between(10, 21.5))
    device = script.phone(customer, begin)
    if script.chance(0.3):
        script.message(customer, begin - script.gap(1_800, 0.8), "sms_sim", risk=0.1, role="notice")
    if script.chance(0.25):
        script.login(customer, begin - script.gap(60), device, ip=script.strange_ip(), result=1)
    done_us = script.new_device(customer, begin, device, script.one_of((OTP, ARS, SELFIE)), script.strange_ip())
    script.login(customer, done_us, device, ip=script.strange_ip())
    if script.chance(HELPED_SHARE):
        script.message(customer, done_us + script.gap(14, 0.3), "sms_remote", risk=0.1, role="remote_app")
    if script.chance(0.4):
        known = int(payee_of(len(script.town.people), np.array([customer]), np.array([0]))[0])
        script.session(
            customer,
            begin + script.gap(1_300, 0.9),
            known,
            steps(script.between(1_000, 100_000), 1_000),
            "sent",
            new=False,
        )
    script.tells("고객이 새 휴대전화를 등록한다.", "A customer sets up a new phone.")


def bank_call(script: Script) -> None:
    """The real bank, a shop or an office rings; an hour later the customer sends money as planned."""
    customer = script.pick(script.town.of_age(22, 80))
    if customer is None:
        return
    begin = script.at(script.between(9.5, 17), script.working_day())
    text = script.one_of(("bank_real", "bank_real", "agency_real"))
    script.call(customer, begin, text, minutes=script.around(5, 0.8), risk=0.22, role="reason")
    new = script.chance(0.4)
    slot = script.count(64, 1 << 30) if new else script.count(0, 3)
    account = int(payee_of(len(script.town.people), np.array([customer]), np.array([slot]))[0])
    amount = steps(script.around(700_000, 1.2), 10_000)
    if amount > 10_000_000 and script.chance(0.5):
        script.limit(customer, begin + script.gap(900), script.limit_for(amount))
    script.session(customer, begin + script.gap(4_000, 0.6), account, amount, "sent", new=new)
    script.act(
        Kind.CHECK,
        begin + script.gap(800),
        customer,
        "check",
        device=script.phone(customer, begin),
        method=OTP,
        result=0,
    )
    script.tells(
        f"진짜 전화를 받은 뒤 예정대로 {amount:,}원을 보낸다.",
        f"A true call, then a planned transfer of {amount:,} won.",
    )
