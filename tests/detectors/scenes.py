"""Thirty events as sentences are made from them: what the row said, without a memory behind it."""

from __future__ import annotations

from math import nan
from typing import Any

from haechi.detectors.asked import Asked
from haechi.events import Event

FRIDAY_0702_US = 1_729_807_320_000_000
QUIET = {
    **{f"surprise_{k}": 0.5 for k in ("hour", "amount", "small", "category", "gap", "tempo", "party", "device")},
    "surprise_place": nan, "surprise_travel": nan, "surprise_outflow": nan,
    "surprise_heard": nan, "heard_risk": nan, "surprise_drain": 0.0, "sent_fresh": nan,
    "surprise_heat": 0.0, "surprise_habit": 1.0,
    "surprise_counterpart": 1.0, "surprise_burst": 1.0, "surprise_all": 1.0, "surprise_run": 1.0,
    "day_class": 0.0, "history": 250.0, "class_history": 90.0, "hours_from": 16.0, "hours_to": 21.0,
    "amount_low": 1_480.0, "amount_high": 3_920.0, "gap_low_s": 14_400.0, "gap_high_s": 86_400.0,
    "last5_s": 400_000.0, "tempo_low_s": 180_000.0, "tempo_high_s": 600_000.0, "device_age_s": nan,
    "party_known": 1.0, "place_known": nan, "device_known": nan, "odd_gap_s": nan, "odd_kind": nan, "direction": 0.0,
    "learned_weight": 1.0, "amount": 2_500.0, "hour": 17.0, "gap_s": 40_000.0, "age_years": 17.6, "km_per_hour": nan,
}  # fmt: skip


def scene(
    category: str = "ice_cream", peers: bool = True, currency: str = "KRW", kind: str = "payment", **changes: float
) -> Asked:
    """An ordinary event of a pupil, with changes."""
    categories = {"merchant_category": category} if category else {}
    event = Event(
        id="x", kind=kind, time_us=FRIDAY_0702_US, entities={"customer": "c"}, amount=7_000, currency=currency,
        categories=categories,
    )  # fmt: skip
    return Asked(event, {**QUIET, **changes}, "Asia/Seoul", peers, category)


def _hour(bits: float = 7.0, **more: Any) -> Asked:
    return scene(**{"surprise_hour": bits, "hour": 7 + 2 / 60, **more})


def _amount(bits: float = 6.0, **more: Any) -> Asked:
    return scene(**{"surprise_amount": bits, "amount": 7_000.0, **more})


SCENES: dict[str, Asked] = {
    "founding": scene(surprise_hour=7.1, hour=7 + 2 / 60, surprise_amount=5.6, amount=7_000.0),
    "hour on a working day": _hour(age_years=41.0, hours_from=8.0, hours_to=20.0, hour=3.5),
    "hour in the school break": _hour(day_class=1.0, hours_from=12.0, hours_to=22.5),
    "hour on a saturday": _hour(day_class=2.0, hours_from=11.0, hours_to=20.0, hour=4.0),
    "hour on a sunday past midnight": _hour(day_class=3.0, hours_from=20.0, hours_to=26.0, hour=9.5, age_years=30.0),
    "hour on a public holiday": _hour(bits=10.5, day_class=4.0),
    "hour inside the range": _hour(hour=18.25),
    "hour without a range": _hour(hours_from=6.0, hours_to=23.0, hour=3.0, age_years=51.0),
    "hour of a new customer": _hour(history=4.0, class_history=1.0),
    "hour of a new customer without peers": _hour(history=0.0, class_history=0.0, peers=False, age_years=nan),
    "amount at a shop": _amount(),
    "amount very large": _amount(
        bits=14.0, amount=1_250_000.0, category="electronics", amount_high=83_400.0, amount_low=12_300.0
    ),
    "amount without a category": _amount(category=""),
    "amount of a transfer": _amount(
        direction=1.0, amount=4_800_000.0, amount_low=52_000.0, amount_high=310_000.0, age_years=67.0
    ),
    "amount in euros": _amount(currency="EUR", amount=812.5, amount_low=9.9, amount_high=88.4, category=""),
    "amount of a new customer": _amount(history=2.0),
    "amount small": scene(surprise_small=6.5, amount=100.0, amount_low=8_000.0, amount_high=61_000.0),
    "category": scene("electronics", surprise_category=7.7),
    "category of a new customer": scene("bar", surprise_category=5.0, history=3.0),
    "gap": scene(surprise_gap=8.0, gap_s=40.0),
    "tempo": scene(surprise_tempo=9.0, last5_s=540.0),
    "gap and tempo": scene(surprise_gap=6.0, gap_s=40.0, surprise_tempo=9.0, last5_s=540.0),
    "new merchant": scene(surprise_party=6.0, party_known=0.0),
    "new payee": scene(surprise_party=8.6, party_known=0.0, direction=1.0, age_years=67.0),
    "rare payee": scene(surprise_party=4.9, direction=1.0, age_years=67.0),
    "new device": scene(surprise_device=9.0, device_known=0.0),
    "new device of a transfer": scene(surprise_device=9.0, device_known=0.0, direction=1.0, age_years=67.0),
    "new device of a login": scene(surprise_device=9.0, device_known=0.0, amount=nan),
    "young device": scene(surprise_device=7.0, device_known=1.0, device_age_s=1_860.0),
    "rare device": scene(surprise_device=5.5, device_known=1.0, device_age_s=9_000_000.0),
    "new area and travel": scene(surprise_place=6.0, place_known=0.0, surprise_travel=9.0, km_per_hour=1_340.4),
    "after an odd event": scene(surprise_party=5.2, party_known=0.0, odd_gap_s=720.0, odd_kind=9.0, surprise_heat=9.0),
    "outflow over days": scene(
        "",
        surprise_outflow=9.2,
        surprise_amount=5.1,
        direction=1.0,
        amount=1_280_000.0,
        sent_fresh=2_640_000.0,
        amount_low=12_000.0,
        amount_high=260_000.0,
        age_years=58.0,
    ),
    "outflow at once": scene(
        "",
        surprise_outflow=8.1,
        surprise_amount=6.0,
        direction=1.0,
        amount=4_900_000.0,
        sent_fresh=4_900_000.0,
        amount_low=12_000.0,
        amount_high=260_000.0,
        age_years=58.0,
    ),
    "outflow of a new customer": scene(
        "",
        surprise_outflow=6.1,
        direction=1.0,
        amount=900_000.0,
        sent_fresh=1_900_000.0,
        amount_low=12_000.0,
        amount_high=260_000.0,
        age_years=30.0,
        history=3.0,
        class_history=1.0,
    ),
    "withdrawal": scene(
        "atm",
        kind="withdrawal",
        surprise_amount=5.4,
        amount=1_000_000.0,
        amount_low=112_000.0,
        amount_high=548_000.0,
        age_years=58.0,
    ),
    "withdrawal of who seldom withdraws": scene(
        "atm",
        kind="withdrawal",
        surprise_category=6.3,
        surprise_small=6.6,
        amount=10_000.0,
        amount_low=45_000.0,
        amount_high=240_000.0,
        age_years=58.0,
    ),
    "hour hardly ever used by a new customer": _hour(history=4.0, class_history=1.0, hour=18.25),
    "pair at a seldom hour": scene(
        surprise_hour=4.0, surprise_amount=4.1, surprise_habit=6.7, hour=18.25, amount=7_000.0
    ),
    "amount at a shop seldom visited": _amount(surprise_category=6.4),
    "amount rarer than the shop": _amount(bits=9.0, surprise_category=4.6),
    "amount on a device of long standing": _amount(
        direction=1.0,
        amount=4_800_000.0,
        amount_low=52_000.0,
        amount_high=310_000.0,
        age_years=67.0,
        device_known=1.0,
        device_age_s=12_400_000.0,
    ),
    "amount to a payee new and paid by others": _amount(
        direction=1.0,
        amount=4_800_000.0,
        amount_low=52_000.0,
        amount_high=310_000.0,
        age_years=67.0,
        party_known=0.0,
        payee_new=1.0,
        payee_subjects_met=3.0,
    ),
    "amount to a payee hardly ever paid": _amount(
        direction=1.0,
        amount=4_800_000.0,
        amount_low=52_000.0,
        amount_high=310_000.0,
        age_years=67.0,
        party_known=0.0,
        payee_new=0.0,
        payee_gap_days=4.0,
        payee_seen=3.0,
        payee_subjects_met=1.0,
    ),
    "amount to a payee new or forgotten": _amount(
        direction=1.0,
        amount=4_800_000.0,
        amount_low=52_000.0,
        amount_high=310_000.0,
        party_known=0.0,
        age_years=67.0,
    ),
    "amount to a payee of some weeks": _amount(
        direction=1.0,
        amount=4_800_000.0,
        amount_low=52_000.0,
        amount_high=310_000.0,
        age_years=67.0,
        party_days=19.0,
        payee_new=0.0,
        payee_subjects_met=2.0,
        payee_seen=7.0,
    ),
    "amount to a payee of today": _amount(
        direction=1.0,
        amount=4_800_000.0,
        amount_low=52_000.0,
        amount_high=310_000.0,
        age_years=67.0,
        party_days=0.0,
        payee_seen=1.0,
    ),
    "amount of a customer who came late": _amount(known_s=5_000_000.0, peers_known_s=15_000_000.0),
    "gap after another step": scene(
        kind="transfer",
        surprise_gap=8.0,
        gap_s=40.0,
        account_gap_s=90_000.0,
        direction=1.0,
        age_years=67.0,
    ),
    "gap after the same card": scene(surprise_gap=8.0, gap_s=40.0, card_gap_s=40.0),
    "much to a payee of today": scene(
        category="",
        direction=1.0,
        surprise_outflow=7.0,
        amount=900_000.0,
        amount_low=52_000.0,
        amount_high=310_000.0,
        sent_fresh=2_400_000.0,
        age_years=67.0,
        party_days=0.0,
        payee_seen=3.0,
    ),
    "amount of a new customer at a shop seldom visited": _amount(surprise_category=6.4, history=2.0),
    "rare payee of this month": scene(surprise_party=4.9, direction=1.0, sent_fresh=2_000.0),
    "hour just past the range": _hour(hour=21.0 + 8 / 60),
    "travel": scene(surprise_travel=5.0, km_per_hour=679.0, km=305.0),
    "rare area": scene(surprise_place=6.0, place_known=1.0),
    "after an odd event told already": scene(
        surprise_device=9.0, device_known=0.0, odd_gap_s=720.0, odd_kind=9.0, surprise_heat=9.0
    ),
    "after a quick succession": scene(surprise_party=5.2, odd_gap_s=720.0, odd_kind=5.0, surprise_heat=9.0),
    "usual gap of an hour": scene(surprise_gap=5.1, gap_s=900.0, gap_low_s=4_096.0, gap_high_s=131_072.0),
    "transfer of millions": _amount(
        direction=1.0, amount=24_000_000.0, amount_low=340_000.0, amount_high=1_200_000.0, age_years=67.0
    ),
    "pair just past the range": scene(
        surprise_hour=1.0, surprise_amount=4.1, surprise_habit=6.7, hour=21.0 + 8 / 60, amount=7_000.0
    ),
    "pair of a seldom amount": scene(
        surprise_hour=4.2, surprise_amount=3.4, surprise_habit=5.6, hour=7 + 2 / 60, amount=3_900.0
    ),
    "pair of both seldom": scene(
        surprise_hour=3.6, surprise_amount=3.4, surprise_habit=5.4, hour=18.25, amount=3_900.0
    ),
    "pair": scene(surprise_hour=4.0, surprise_amount=4.1, surprise_habit=6.7, hour=7 + 2 / 60, amount=7_000.0),
    "after a risky call": scene(
        "", surprise_heard=8.6, heard_risk=0.62, heard_gap_s=1_080.0, heard_kind=0.0, direction=1.0, age_years=67.0
    ),
    "after a risky message": scene(
        "", surprise_heard=5.1, heard_risk=0.3, heard_gap_s=1_040_000.0, heard_kind=1.0, direction=1.0, age_years=67.0
    ),
    "passed on at once": scene(
        "",
        surprise_passed=8.2,
        came_in=2_100_000.0,
        came_s=720.0,
        passed_share=0.98,
        passed_usual=0.04,
        came_from_new=1.0,
        direction=1.0,
        amount=2_058_000.0,
        amount_low=12_000.0,
        amount_high=260_000.0,
        age_years=25.0,
    ),
    "cash after money that came in": scene(
        "atm",
        kind="withdrawal",
        surprise_tempo=9.0,
        last5_s=370.0,
        surprise_passed=2.0,
        came_in=3_000_000.0,
        came_s=2_100.0,
        passed_share=0.67,
        passed_usual=0.04,
        came_from_new=0.0,
        amount=1_000_000.0,
        amount_low=45_000.0,
        amount_high=1_240_000.0,
        age_years=25.0,
    ),
    "nothing came in, and a limit was raised": scene(
        "",
        surprise_outflow=8.1,
        surprise_passed=0.1,
        direction=1.0,
        amount=4_900_000.0,
        sent_fresh=4_900_000.0,
        amount_low=12_000.0,
        amount_high=260_000.0,
        party_known=0.0,
        payee_new=1.0,
        limit_gap_s=1_260.0,
        age_years=58.0,
    ),
    "outflow over days of ordinary sums": scene(
        "",
        surprise_outflow=5.3,
        direction=1.0,
        amount=210_000.0,
        sent_fresh=640_000.0,
        amount_low=12_000.0,
        amount_high=260_000.0,
        age_years=58.0,
    ),
    "new payee of several": scene(
        "",
        surprise_party=8.6,
        party_known=0.0,
        payee_new=1.0,
        payee_gap_days=nan,
        payee_subjects_2d=3.02,
        direction=1.0,
        age_years=27.0,
    ),
    "payee from long ago": scene(
        "", surprise_party=7.6, party_known=0.0, payee_new=0.0, payee_gap_days=150.0, direction=1.0, age_years=67.0
    ),
    "payee first paid lately": scene(
        "", surprise_party=4.9, direction=1.0, party_days=12.0, payee_gap_days=5.0, age_years=67.0
    ),
    "payee first paid today": scene(
        "", surprise_party=4.9, direction=1.0, party_days=0.0, payee_gap_days=0.0, age_years=67.0
    ),
    "merchant entered never before": scene(surprise_party=6.0, party_known=0.0, merchant_new=1.0),
    "device that others use": scene(
        surprise_device=9.0,
        device_known=0.0,
        device_new=1.0,
        device_subjects_met=5.0,
        surprise_small=6.5,
        amount=500.0,
    ),
    "known device that others use": scene(
        surprise_amount=7.0,
        amount=900_000.0,
        device_known=1.0,
        device_new=0.0,
        device_subjects_met=3.0,
        age_years=30.0,
    ),
    "travel that nobody can do": scene(surprise_travel=5.0, km_per_hour=1_340.4, km=812.0, surprise_hour=7.0, hour=3.0),
    "small at a shop seldom visited": scene(
        "game",
        surprise_category=7.7,
        surprise_small=5.5,
        amount=1_900.0,
        amount_low=3_280.0,
        amount_high=17_300.0,
        age_years=44.0,
    ),
    "after a suspicious call": scene(
        "", surprise_heard=8.6, heard_risk=0.42, heard_gap_s=1_080.0, heard_kind=0.0, direction=1.0, age_years=67.0
    ),
    "hour of who has little history of such days": _hour(class_history=2.0, day_class=4.0),
    "hour of a transfer": _hour(direction=1.0, age_years=67.0, hour=3.5, hours_from=9.0, hours_to=18.0),
    "hour of a transfer at a seldom hour": _hour(direction=1.0, age_years=67.0, hour=17.5),
    "amount in a narrow range": _amount(
        category="subscription", amount_low=9_810.0, amount_high=9_960.0, amount=29_000.0
    ),
    "amount that is always the same": _amount(category="utility", amount_low=55.0, amount_high=55.0, amount=700.0),
}
