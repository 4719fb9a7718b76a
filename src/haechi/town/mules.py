"""Accounts that fraudsters hold: how money leaves them again, and how the bank stops them.

A machine pays out only thirty minutes after a deposit of a million won or more (delayed withdrawal, in force since
2015), a million at once and six million a day; what such an account still holds when it is suspended goes back.
"""

from __future__ import annotations

from typing import Any

from haechi.town.almanac import DAY_US
from haechi.town.measures import stop
from haechi.town.script import MINUTE_US, Script

DELAY_FROM_WON, DELAY_US = 1_000_000, 30 * MINUTE_US
NOTES_WON_MAX, CASH_WON_MAX = 1_000_000, 6_000_000  # from a machine at once, and on a day
WATCHED_SHARE = 0.3  # of deposits with a mule of this bank: its own watch stops the account before the money leaves
CASH_SHARE = 0.35


def pass_on(script: Script, mule: int, at_us: int, amount: int, came: dict[str, Any] | None = None) -> None:
    """A mule of this bank sends on what `came`, or draws it, unless the bank is quicker."""
    if mule in script.stopped:
        return
    gone_us = max(at_us, script.busy.get(mule, 0)) + script.gap(400, 0.7)
    if script.chance(WATCHED_SHARE):
        stop(script, mule, gone_us, "sms_watched")
        return
    cash = int(amount * script.between(0.93, 1.0)) // 10_000 * 10_000
    day = (max(gone_us, at_us + DELAY_US) - script.start_us) // DAY_US
    if 50_000 <= cash <= CASH_WON_MAX - script.drawn[mule, day] and script.chance(CASH_SHARE):
        script.drawn[mule, day] += cash
        begin_us = max(gone_us, at_us + DELAY_US + script.gap(300) if amount >= DELAY_FROM_WON else 0)
        _draw(script, mule, begin_us, cash, came)
        return
    won = max(int(amount * script.between(0.96, 0.9995)) // 1_000, 1) * 1_000
    sent = script.session(mule, gone_us, script.outside(script.count(0, 3)), won, "pass_through", fraud=True)
    sent["out_of"] = came
    script.busy[mule] = gone_us


def _draw(script: Script, mule: int, at_us: int, cash: int, came: dict[str, Any] | None) -> None:
    """All at one machine, as often as its limit demands."""
    machine = script.merchant("atm", script.district(mule))
    full, rest = divmod(cash, NOTES_WON_MAX)
    for part in [NOTES_WON_MAX] * full + ([rest] if rest else []):
        drawn = script.withdrawal(mule, at_us, part, "cash_out", fraud=True, machine=machine)
        drawn["out_of"] = came
        script.busy[mule] = at_us
        at_us += script.gap(65, 0.3)
