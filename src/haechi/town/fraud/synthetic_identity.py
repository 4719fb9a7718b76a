"""Synthetic identity: accounts that share a telephone build up a good name slowly, then are emptied at once."""

from __future__ import annotations

from haechi.town.acts import Kind
from haechi.town.ending import BANK
from haechi.town.script import MINUTE_US, Script, steps

GOODS = ("electronics", "jewellery", "gift_card", "electronics")
FIRST_LIMIT_WON = 5_000_000  # what a new account is allowed once its purpose is proved


def tell(script: Script) -> None:
    """Two to four young accounts on one device: small purchases for weeks, a loan, then everything in two days."""
    people = script.town.people
    grown = script.town.of_age(22, 45)
    young = grown[(people.joined[grown] > 0) & (people.joined[grown] <= script.day)]
    pool = young if len(young) > 10 else grown
    members = [c for c in dict.fromkeys(script.pick(pool) for _ in range(script.count(2, 4))) if c is not None]
    device, end = script.stranger(), script.count(28, 45)
    for member in members:
        script.new_device(member, script.at(script.between(9, 20), script.count(0, 4)), device)
        script.limit(member, script.at(script.between(9.5, 16), script.working_day(9)), FIRST_LIMIT_WON, device)
        for _ in range(script.count(4, 7)):
            at_us = script.at(script.between(8, 22), script.count(5, end - 4))
            shop = script.one_open(("convenience", "online_shop", "grocery"), at_us)
            online = shop == "online_shop"
            script.payment(member, at_us, shop, script.merchant(shop), script.price(shop), "build_up", online=online,
                           device=device if online else None)  # fmt: skip
        _borrow(script, member, end, device)
        _empty(script, member, end, device)
    if not members:
        return
    script.campaign.loss_won = sum(a["amount"] for a in script.acts if a["fraud"])
    count, won = len(members), script.campaign.loss_won
    script.tells(
        f"휴대전화 하나를 함께 쓰는 계좌 {count}개가 신용을 쌓은 뒤 대출과 카드 한도를 다 쓰고 사라진다: {won:,}원.",
        f"{count} accounts on one telephone build a good name, use up loan and card, and are gone: {won:,} won.",
    )
    script.ends(BANK, 24 * 24, missed=0)


def _borrow(script: Script, member: int, end: int, device: int) -> None:
    """An application, paid out or refused, and a higher limit."""
    asked_us, won = script.at(script.between(9.5, 15), script.working_day(end - 5)), 1_000_000 * script.count(3, 9)
    script.act(Kind.APPLICATION, asked_us, member, "application", amount=won, channel=6)
    answered_us = asked_us + script.gap(4_000, 0.6)
    if not script.chance(0.7):
        script.message(member, answered_us, "sms_loan_no", risk=0.05)
        return
    script.message(member, answered_us, "sms_loan_yes", risk=0.05)
    paid_us = answered_us + script.gap(900)
    script.deposit(member, paid_us, script.outside(50), won, "loan_paid_out")
    gone_us = script.at(script.between(10, 17), end) + script.gap(300)
    gone_us = (
        script.limit(member, gone_us - script.gap(400), script.limit_for(won), device) + MINUTE_US + script.gap(60)
    )
    script.payee(member, gone_us - script.gap(20, 0.4), script.outside(0), device)
    script.transfer(member, gone_us, script.outside(0), won - 10_000 * script.count(1, 9), "bust_out", fraud=True,
                    device=device)  # fmt: skip


def _empty(script: Script, member: int, end: int, device: int) -> None:
    """Card limit and cash advance, used up in an afternoon."""
    at_us = script.at(script.between(10.6, 17.5), end)
    for _ in range(script.count(2, 4)):
        online = script.chance(0.6)
        shop = script.one_of(GOODS) if online else script.one_open(GOODS[:2], at_us)
        won = steps(script.between(350_000, 1_900_000), 50_000 if shop == "gift_card" else 10_000)
        script.payment(member, at_us, shop, script.merchant(shop), won, "bust_out", fraud=True, online=online,
                       device=device if online else None)  # fmt: skip
        at_us += script.gap(1_700, 0.7)
    machine = script.merchant("atm", script.district(member))
    for _ in range(script.count(1, 3)):
        script.withdrawal(member, at_us, script.one_of((700_000, 1_000_000)), "bust_out", fraud=True, machine=machine)
        at_us += script.gap(70, 0.3)
