"""A card stolen, or its number: a small payment to see whether it works, then goods that sell again, until it stops."""

from __future__ import annotations

from haechi.town.acts import KEYED
from haechi.town.almanac import HOUR_US
from haechi.town.ending import CUSTOMER, card_back
from haechi.town.script import Script, steps

TEST_WON = (0, 100, 100, 500, 900, 1_000, 1_000)
APP_STORE_WON = (11_000, 33_000, 55_000, 59_000, 99_000, 110_000, 119_000)
VOUCHER_WON = (50_000, 100_000, 100_000, 200_000, 300_000, 500_000)
# At counters, in the hours after a card was lost: (category, share, level of its usual price).
LOOT = (("convenience", 4, 6.0), ("fuel", 2, 1.1), ("bar", 3, 1.6), ("electronics", 1.5, 1.7), ("clothing", 1.2, 2.0),
        ("pc_room", 1, 2.5), ("restaurant", 1.2, 2.4), ("jewellery", 0.4, 1.5))  # fmt: skip


def tell(script: Script) -> None:
    """A card that was lost, at counters; or the number of one, on the net."""
    victim = script.victim(17, 80)
    if victim is None:
        return
    number = script.chance(0.5)
    card = int(script.chance(0.3))
    (typed if number else carried)(script, victim, card)
    count, won = len(script.acts), sum(a["amount"] for a in script.acts)
    script.campaign.loss_won = won
    hours = script.town.parameters.card_hours_median * (0.7 if number else 0.35)
    script.ends(CUSTOMER, hours, card_back(script), missed=0.8 if number and won < 150_000 else 0)
    script.tells(
        f"{'빼돌린 카드번호로 온라인에서' if number else '주운 카드로 매장에서'} {count}번, {won:,}원을 결제한다.",
        f"{'A stolen card number' if number else 'A lost card in other hands'} buys {count} times "
        f"{'on the net' if number else 'at counters'} for {won:,} won.",
    )


def carried(script: Script, victim: int, card: int) -> None:
    """The plastic: a convenience store first, then what is open, within some hours."""
    at_us = script.at(script.between(20, 25) if script.chance(0.45) else script.between(10, 20))
    district = script.count(0, len(script.town.people.places) - 1) if script.chance(0.4) else script.district(victim)
    shop = script.merchant("convenience", district)
    script.payment(victim, at_us, "convenience", shop, script.price("convenience", 0.6), "card_use", fraud=True,
                   card=card)  # fmt: skip
    for _ in range(script.count(1, 5)):
        at_us += script.gap(2_400, 0.9)
        names, shares, _ = zip(*LOOT, strict=True)
        category = script.one_open(names, at_us, shares)
        level = next(level for name, _, level in LOOT if name == category)
        won = script.price(category, level * script.between(0.7, 1.5), 0.35)
        script.payment(victim, at_us, category, script.merchant(category, district), won, "card_use", fraud=True,
                       card=card)  # fmt: skip


def typed(script: Script, victim: int, card: int, at_us: int | None = None, role: str = "card_use") -> None:
    """The number alone: a test of some won, then an app store, vouchers, things that sell again, here or abroad."""
    if at_us is None:
        at_us = script.at(script.between(0, 6) if script.chance(0.4) else script.between(9, 23.5))
    country = script.count(1, 7) if script.chance(0.35) else 0
    device, category = script.stranger(), str(script.one_of(("game", "gift_card", "online_shop", "electronics"),
                                                             (0.4, 0.15 if not country else 0, 0.3, 0.15)))  # fmt: skip
    shop = script.merchant(category)
    if role == "card_use" and script.chance(0.5):
        won = max(script.one_of(TEST_WON), 100)
        script.payment(victim, at_us, "subscription", script.merchant("subscription"), won, "test", fraud=True,
                       online=True, device=device, country=country, card=card, method=KEYED)  # fmt: skip
        at_us += script.gap(500, 1.0) + int(script.chance(0.2)) * 9 * HOUR_US
    for _ in range(script.count(1, 4)):
        script.payment(victim, at_us, category, shop, loot_won(script, category), role, fraud=True, online=True,
                       device=device, country=country, card=card, method=KEYED)  # fmt: skip
        at_us += script.gap(420, 1.0)


def loot_won(script: Script, category: str) -> int:
    """What a thief takes at once."""
    if category == "game":
        return int(script.one_of(APP_STORE_WON))
    if category == "gift_card":
        return int(script.one_of(VOUCHER_WON))
    won = script.around(260_000 if category == "electronics" else 120_000, 0.7)
    return steps(won, 1_000 if won > 20_000 else 100)
