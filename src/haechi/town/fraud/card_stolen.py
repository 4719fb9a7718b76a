"""A card stolen, or its number: a small payment to see whether it works, then goods that sell again, until it stops."""

from __future__ import annotations

from haechi.town.acts import KEYED
from haechi.town.almanac import HOUR_US, waking_us
from haechi.town.ending import CARD_BACK_SHARE, CARD_COPIED_SHARE, CUSTOMER, card_back
from haechi.town.personas import STUDENT_ABROAD
from haechi.town.script import Script, step_of, steps

TEST_WON_MAX = 1_000
TRIED_AT = ("game", "game", "online_shop", "subscription", "culture")
APP_STORE_WON = (5_500, 11_000, 33_000, 55_000, 59_000, 99_000, 110_000, 119_000)
VOUCHER_WON = (50_000, 100_000, 100_000, 200_000, 300_000, 500_000)
# On the net: (category, share, what is taken at once, its spread).
NET = (("online_shop", 8, 46_000, 0.9), ("clothing", 1.2, 60_000, 0.6), ("electronics", 0.4, 190_000, 0.7),
       ("game", 0.5, 0, 0), ("gift_card", 0.35, 0, 0), ("beauty", 0.3, 45_000, 0.6), ("culture", 0.5, 38_000, 0.5),
       ("taxi", 1.6, 15_000, 0.5), ("subscription", 0.6, 15_000, 0.4), ("lodging", 0.2, 110_000, 0.5))  # fmt: skip
SLOW = ("taxi", "subscription", "lodging")  # nobody buys these twice in ten minutes
PETTY = ("convenience", "restaurant", "cafe", "snack", "grocery", "fuel", "bar")
PETTY_SHARES = (8, 3, 1.2, 1, 2.5, 2.2, 1)
FIRST_SHARE = 0.35  # a convenience store first, to see whether it works
TABLES = ("restaurant", "cafe", "bar", "snack")  # nobody sits down twice in a row
THROWN_SHARE = 0.45  # of the cards that are lost: one or two things that the finder buys anyhow, then it is thrown away
PETTY_SHARE = 0.6  # of the others: whoever has them buys what he would buy anyhow, and more of it
KEEN_LEVEL = 1.6
SEEN_SHARE = 0.06  # of the usual delay: a telephone that hums at every payment is looked at
# At counters, in the hours after a card was lost: (category, share, level of its usual price).
LOOT = (("convenience", 5, 5.0), ("fuel", 2, 1.1), ("bar", 2, 1.5), ("electronics", 0.25, 1.5), ("clothing", 1.0, 1.6),
        ("restaurant", 1.2, 2.2), ("grocery", 2, 2.0))  # fmt: skip


def tell(script: Script) -> None:
    """A card that was lost, at counters; or the number of one, on the net."""
    number, people = script.chance(0.33), script.town.people
    victim = script.victim(17, 80, lambda customer: number or people.persona[customer] != STUDENT_ABROAD)
    if victim is None:
        return
    card = int(script.chance(0.3))
    (typed if number else carried)(script, victim, card)
    count, won = len(script.acts), sum(a["amount"] for a in script.acts)
    script.campaign.loss_won = won
    hours = script.town.parameters.card_hours_median * (0.7 if number else SEEN_SHARE if script.keen else 0.35)
    script.ends(
        CUSTOMER,
        hours,
        card_back(script, CARD_COPIED_SHARE if number else CARD_BACK_SHARE),
        missed=2.0 if number and won < 150_000 else 0,
    )
    script.tells(
        f"{'빼돌린 카드번호로 온라인에서' if number else '주운 카드로 매장에서'} {count}번, {won:,}원을 결제한다.",
        f"{'A stolen card number' if number else 'A lost card in other hands'} buys {count} times "
        f"{'on the net' if number else 'at counters'} for {won:,} won.",
    )


def carried(script: Script, victim: int, card: int) -> None:
    """The plastic: often a convenience store first, then what is open, once or twice or until it is missed."""
    at_us = script.at(script.between(18, 24.5) if script.chance(0.35) else script.between(7.5, 20))
    district = script.count(0, len(script.town.people.places) - 1) if script.chance(0.4) else script.district(victim)
    script.keen = not script.chance(THROWN_SHARE)
    petty = not script.keen or script.chance(PETTY_SHARE)
    usual = dict.fromkeys(PETTY, KEEN_LEVEL if script.keen else 1.0)
    levels = usual if petty else {name: level for name, _, level in LOOT}
    shares = PETTY_SHARES if petty else [share for _, share, _ in LOOT]
    eaten: tuple[str, ...] = ()
    for number in range(script.count(3, 6) if script.keen else script.count(1, 2)):
        first = not number and script.chance(FIRST_SHARE)
        left = [share * (name not in eaten) for name, share in zip(levels, shares, strict=True)]
        category = "convenience" if first else script.one_open(tuple(levels), at_us, left)
        eaten = TABLES if category in TABLES else ()
        level = (1.0 if first else levels[category]) * script.between(0.7, 1.3)
        won = script.price(category, level, None if petty or first else 0.35)
        script.payment(victim, at_us, category, script.merchant(category, district), won, "card_use", fraud=True,
                       card=card)  # fmt: skip
        at_us += script.gap(2_400 if not petty else 5_400, 0.9)
        if petty:
            at_us = waking_us(at_us, script.between(0, 1))


def typed(script: Script, victim: int, card: int, at_us: int | None = None, role: str = "card_use") -> None:
    """The number alone: a test of some won, then an app store, vouchers, things that sell again, here or abroad."""
    if at_us is None:
        at_us = script.at(script.between(0, 6) if script.chance(0.15) else script.between(9, 23.9))
    country = script.count(1, 7) if script.chance(0.25) else 0
    abroad = ("online_shop", "game", "clothing", "electronics", "taxi", "subscription", "lodging")
    shares = [share * (name in abroad if country else name != "taxi") for name, share, *_ in NET]
    device, category = script.stranger(), str(script.one_of([name for name, *_ in NET], shares))
    shop = script.merchant(category)
    if role == "card_use" and script.chance(0.5):
        won, tried = script.count(1, TEST_WON_MAX // 100) * 100, script.one_of(TRIED_AT)
        script.payment(victim, at_us, tried, script.merchant(tried), won, "test", fraud=True, online=True,
                       device=device, country=country, card=card, method=KEYED)  # fmt: skip
        at_us += script.gap(500, 1.0) + int(script.chance(0.2)) * 9 * HOUR_US
    won = loot_won(script, category)
    for _ in range(script.count(1, 4)):
        script.payment(victim, at_us, category, shop, won, role, fraud=True, online=True,
                       device=device, country=country, card=card, method=KEYED)  # fmt: skip
        at_us += script.gap(6_000 if category in SLOW else 420, 1.0)
        won = won if category == "subscription" else loot_won(script, category)  # which has one price


def loot_won(script: Script, category: str) -> int:
    """What a thief takes at once."""
    if category in ("game", "gift_card"):
        return int(script.one_of(APP_STORE_WON if category == "game" else VOUCHER_WON))
    median, spread = next(((won, spread) for name, _, won, spread in NET if name == category), (160_000, 0.6))
    won = script.around(median, spread)
    return steps(won, step_of(category, won))
