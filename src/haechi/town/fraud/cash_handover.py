"""Cash handed over in person: the caller's courier waits outside the bank; nothing of it is in transfer statistics."""

from __future__ import annotations

from haechi.town.acts import OK, Kind
from haechi.town.almanac import DAY_US, HOUR_US, is_branch_open
from haechi.town.ending import CUSTOMER
from haechi.town.fraud.phishing import loss_won, victim_of
from haechi.town.fraud.voice_agency import opened
from haechi.town.mules import CASH_WON_MAX, NOTES_WON_MAX
from haechi.town.script import MINUTE_US, Script

AGE_SHARES = (22, 12, 12, 22, 32)
CARRIED_WON_MIN, CARRIED_WON_MAX = 5_000_000, 60_000_000
MANAGER_WON = 10_000_000  # from here on the branch manager asks as well
CARRIED_TIMES = 1.6  # whoever can fetch cash has more to lose than whoever sends


def tell(script: Script) -> None:
    """Calls in the name of an agency or a lender, cash from the counter or a machine, a man who takes it away."""
    victim = victim_of(script, AGE_SHARES)
    if victim is None:
        return
    text = "call_cash" if script.chance(0.5) else "call_cash_loan"
    if text == "call_cash":
        at_us, _ = opened(script, victim)
    else:
        at_us, minutes = script.at(script.between(9.2, 11.0), script.working_day()), script.around(13, 0.4)
        script.call(victim, at_us, "call_loan", minutes=minutes, risk=0.5)
        at_us += int(minutes * MINUTE_US) + script.gap(2_400, 0.5)
    script.call(victim, at_us, text, minutes=script.around(9, 0.4), risk=0.55)
    at_us += script.gap(3_000, 0.4)
    won = min(max(int(CARRIED_TIMES * loss_won(script)), CARRIED_WON_MIN), CARRIED_WON_MAX) // 1_000_000 * 1_000_000
    if won > CASH_WON_MAX and is_branch_open(at_us):
        at_us = _counters(script, victim, at_us, won)
    else:
        machine = script.merchant("atm", script.district(victim))
        for _ in range(script.count(5, min(won, CASH_WON_MAX) // NOTES_WON_MAX)):
            script.withdrawal(victim, at_us, NOTES_WON_MAX, "cash_handover", fraud=True, machine=machine)
            at_us += script.gap(55, 0.3)
    met_us = at_us + int(script.between(1.0, 2.6) * HOUR_US)
    script.call(victim, met_us, "call_cash_meet", minutes=script.around(2, 0.4), risk=0.5)
    script.campaign.loss_won = won = sum(a["amount"] for a in script.acts if a["fraud"])
    script.tells(
        f"전화에 속아 찾은 현금 {won:,}원을 찾아온 사람에게 건넨다.",
        f"Cash of {won:,} won, drawn at a caller's word, is handed to a man who comes for it.",
    )
    script.ends(CUSTOMER, script.town.parameters.victim_hours_median * 1.5, missed=0, after_us=met_us)


def _counters(script: Script, victim: int, at_us: int, won: int) -> int:
    """Parts of the sum at one branch after another, each after questions that the caller has answers for; until when.

    What the counters do not manage before they close is fetched on the next working morning.
    """
    while won > 0:
        if not is_branch_open(at_us):
            after = (at_us - script.start_us) // DAY_US + 1
            at_us = script.at(script.between(9.4, 11.5), script.working_day(after))
        part = min(won, 1_000_000 * script.count(8, 15))
        asked_us = at_us - script.gap(600, 0.2)
        script.act(Kind.CHECK, asked_us, victim, "teller_asks", result=OK)
        if part >= MANAGER_WON:
            script.act(Kind.CHECK, asked_us + script.gap(240, 0.3), victim, "manager_asks", result=OK)
        script.over_the_counter(victim, at_us, part, "cash_handover", fraud=True)
        won -= part
        at_us += script.gap(3_300, 0.25) if won else 0
    return at_us
