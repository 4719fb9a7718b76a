"""Synthetic identity: accounts that share a telephone build up a good name slowly, then are emptied at once."""

from __future__ import annotations

import numpy as np

from haechi.town.acts import Kind
from haechi.town.ending import BANK
from haechi.town.script import MINUTE_US, Script, steps

GOODS = ("electronics", "jewellery", "gift_card", "online_shop")


def tell(script: Script) -> None:
    """Two to four young accounts on one device: an application, small purchases for weeks, a limit, the bust-out."""
    people = script.town.people
    young = np.flatnonzero((people.joined > 0) & (people.joined <= script.day))
    pool = young if len(young) > 10 else script.town.of_age(22, 45)
    members = [c for c in dict.fromkeys(script.pick(pool) for _ in range(script.count(2, 4))) if c is not None]
    device, end = script.stranger(), script.count(25, 45)
    for member in members:
        script.new_device(member, script.at(script.between(9, 20), script.count(0, 4)), device)
        script.act(Kind.APPLICATION, script.at(script.between(9, 17), script.count(5, 10)), member, "application",
                   amount=steps(script.around(6_000_000, 0.4), 100_000), channel=6)  # fmt: skip
        for _ in range(script.count(5, 9)):
            at_us = script.at(script.between(8, 22), script.count(5, end - 1))
            shop = script.one_open(("convenience", "online_shop", "grocery"), at_us)
            online = shop == "online_shop"
            script.payment(member, at_us, shop, script.merchant(shop), script.price(shop), "build_up", online=online,
                           device=device if online else None)  # fmt: skip
        script.limit(member, script.at(script.between(9, 17), end - 1), 20_000_000, device)
        _empty(script, member, end, device)
    if not members:
        return
    script.campaign.loss_won = sum(a["amount"] for a in script.acts if a["fraud"])
    count, won = len(members), script.campaign.loss_won
    script.tells(
        f"휴대전화 하나를 함께 쓰는 계좌 {count}개가 신용을 쌓은 뒤 하루에 {won:,}원을 쓴다.",
        f"{count} accounts on one telephone build a good name and spend {won:,} won in a day.",
    )
    script.ends(BANK, 24 * 14)


def _empty(script: Script, member: int, end: int, device: int) -> None:
    at_us = script.at(script.between(10.5, 18), end)
    for _ in range(script.count(3, 6)):
        shop = script.one_of(GOODS)
        won = script.price(shop, script.between(0.8, 2.5))
        script.payment(member, at_us, shop, script.merchant(shop), won, "bust_out",
                       fraud=True, online=script.chance(0.7), device=device)  # fmt: skip
        at_us += int(script.around(25, 0.7) * MINUTE_US)
    script.withdrawal(member, at_us, 10_000 * script.count(20, 100), "bust_out", fraud=True)
