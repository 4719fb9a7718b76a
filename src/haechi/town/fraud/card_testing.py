"""Card testing: many tiny payments on stolen numbers at one merchant, to learn which of them still work."""

from __future__ import annotations

from haechi.town.acts import KEYED
from haechi.town.ending import BANK
from haechi.town.fraud.card_stolen import typed
from haechi.town.measures import Back
from haechi.town.script import Script

MERCHANTS, SHARES = ("game", "online_shop", "culture", "subscription"), (0.5, 0.25, 0.1, 0.15)
WON = (100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_200, 1_900)


def tell(script: Script) -> None:
    """Many cards within an hour or two; a few that work are used for more the next day."""
    category = script.one_of(MERCHANTS, SHARES)
    merchant = script.merchant(category)
    at_us = script.at(script.between(0, 6) if script.chance(0.2) else script.between(9, 23.5))
    won = script.count(1, 3) - 1
    for number in range(script.count(7, 20)):
        victim = script.victim(16, 80)
        if victim is None:
            return
        tried = WON[(won * 5 + number // script.count(4, 7)) % len(WON)]
        script.payment(victim, at_us, category, merchant, tried, "test", fraud=True, online=True,
                       device=script.stranger(script.count(0, 2)), method=KEYED)  # fmt: skip
        at_us += script.gap(95, 0.8)
        if script.chance(0.08):
            typed(script, victim, 0, script.at(script.between(1, 23), 1), "sold_on")
    count, lost = len(script.campaign.victims), sum(a["amount"] for a in script.acts)
    script.tells(
        f"카드번호 {count}개를 한 가맹점에서 소액 결제로 시험한다.",
        f"{count} card numbers are tried with small payments at one merchant.",
    )
    script.campaign.loss_won = lost
    missed = 0.3 if any(a["role"] == "sold_on" for a in script.acts) else 2.4  # who is robbed of more will ask
    script.ends(BANK, script.town.parameters.card_hours_median * 1.2, Back(1.0, 4, whole=True), missed=missed)
