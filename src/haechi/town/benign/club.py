"""A club's treasurer: dues come in from many and go out in one sum, as a mule's money does."""

from __future__ import annotations

from haechi.town.script import Script


def treasurer(script: Script) -> None:
    """Members send the same sum within two days; the treasurer pays a supplier minutes after the last."""
    keeper = script.pick(script.town.of_age(20, 70))
    if keeper is None:
        return
    due, members = 10_000 * script.count(1, 10), script.count(5, 14)
    last_us = script.at(9)
    for _ in range(members):
        member = script.pick(script.town.of_age(18, 75))
        if member is not None and member != keeper:
            at_us = script.at(script.between(8, 22), script.count(0, 1))
            script.session(member, at_us, keeper, due, "collected", new=script.chance(0.5))
            last_us = max(last_us, at_us)
    paid_us = last_us + script.gap(2_700, 0.9)
    script.session(keeper, paid_us, script.outside(), due * members * 9 // 10, "paid_out", new=script.chance(0.5))
    script.tells(
        f"총무가 회원 {members}명에게서 {due:,}원씩 걷어 한꺼번에 낸다.",
        f"A treasurer collects {due:,} won from {members} and pays for all.",
    )
