"""Many send to one and nobody is robbed: weddings, funerals, a bill that is split."""

from __future__ import annotations

from haechi.town.script import Script, steps

GIFT_WON = (50_000, 100_000, 100_000, 100_000, 150_000, 200_000, 300_000)


def gift_money(script: Script) -> None:
    """Guests of a wedding or a funeral send round sums to one account within a day, most of them for the first time."""
    host = script.pick(script.town.of_age(26, 75))
    if host is None:
        return
    guests = list(dict.fromkeys(script.pick(script.town.of_age(24, 80)) for _ in range(script.count(4, 12))))
    news = script.one_of(("sms_wedding", "sms_funeral"))
    account = host if script.chance(0.6) else script.outside()
    for guest in guests:
        if guest is not None and guest != host:
            at_us = script.at(script.between(9, 21), script.count(0, 1))
            if script.chance(0.4):
                script.message(guest, at_us - script.gap(2_400, 0.5), news, risk=0.15, role="reason")
            script.session(guest, at_us, account, script.one_of(GIFT_WON), "gift")
    if account == host and script.chance(0.5):
        script.withdrawal(host, script.at(script.between(10, 18), 2), 10_000 * script.count(20, 100), "paid_out")
    script.tells(
        f"손님 {len(guests)}명이 축의금이나 부의금을 보낸다.",
        f"{len(guests)} guests send money to a wedding or a funeral.",
    )


def split_bill(script: Script) -> None:
    """One pays for the table, the others send equal shares within the evening."""
    payer = script.pick(script.town.of_age(15, 60))
    if payer is None:
        return
    friends, hour = script.count(2, 4), script.between(12.5, 22)
    shop = script.one_open(("restaurant", "bar", "cafe"), script.at(hour))
    whole = script.price(shop, 1.2 + friends)
    script.payment(payer, script.at(hour), shop, script.merchant(shop, script.district(payer)), whole, "purchase")
    share = steps(whole / (friends + 1), 100)
    for _ in range(friends):
        friend = script.pick(script.town.of_age(15, 60))
        if friend is not None and friend != payer:
            at_us = script.at(hour) + script.gap(2_000, 0.9)
            script.session(friend, at_us, payer, share, "share", new=script.chance(0.4))
    script.tells(f"{whole:,}원을 나누어 낸다.", f"A bill of {whole:,} won is split.")
