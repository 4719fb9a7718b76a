"""haechi watch: what moved, which alarms are raised, and how good the champion is believed to be."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from haechi.commands.asking import Home, Key, Server, asking
from haechi.commands.screen import say, say_json

epilog = "Example: haechi watch --home home --days 14"
SHOWN_OF_ALARM = 3
SHOWN = 10


def command(
    home: Home = None, server: Server = None, key: Key = "",
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days back.")] = 14,
    feature: Annotated[str, typer.Option(help="Only features whose name begins so.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
) -> None:  # fmt: skip
    """What moved on a running server: drift by feature, alarms, and the champion's estimated performance."""
    from urllib.parse import urlencode

    with asking(home, server, key) as ask:
        told = ask("GET", "/v1/watch?" + urlencode({"days": days, "feature": feature}))
    if json:
        say_json(told)
    else:
        tell(told)


def tell(told: dict[str, Any]) -> None:
    """What is watched, as a person reads it."""
    say(f"champion {told['champion'] or 'none'}; compared with {told['reference'] or 'nothing yet'}")
    if one := told.get("decides"):
        how = f"ROLLED BACK by {one['person']}" if one["what"] == "rollback" else f"asked for by {one['person']}"
        agreed = "".join(f", {said['person']} agreed" for said in one["agreed"])
        say(f"it decides since {one['at']}: {how}{agreed}{': ' + one['why'] if one['why'] else ''}")
    if told["learning_days"] < told["quiet_days"]:
        say(f"still learning what is quiet: {told['learning_days']} of {told['quiet_days']} days")
    for one in told["alarms"]:
        end = f" until {one['over']}" if one["over"] else ""
        what = f": {names}" if (names := _moved(one["told"])) else ""
        since = f"since {one['raised']}{end}{what}"
        say(f"{one['state']}  {one['name']} {one['value']:.1f} of {one['threshold']:.1f} {since}")
    for day in told["days"]:
        psi = "-" if day["psi_max"] is None else f"{day['psi_max']:.3f}"
        say(
            f"{day['day']}  {day['events']} events, {day['alert_rate']:.3%} alerts, p99 {day['p99_us']:g} us, PSI {psi}"
        )
    if told["days"]:
        say(
            "PSI: how far a day lies from the training's days, in the feature that moved most; ages and counts move "
            "every day, so an alarm needs more than quiet days do:"
        )
    seen = [one for one in told["features"] if one["psi_day"] is not None]
    if told["features"] and not seen:
        say("  the newest day holds too few events to tell drift")
    for one in sorted(seen, key=lambda one: usual_psi(one) - one["psi_day"])[:SHOWN]:
        say(f"  {one['name']}: PSI {one['psi_day']:.3f} today, usually {usual_psi(one):.3f}, "
            f"JS {one['js_day'] or 0.0:.4f}")  # fmt: skip
    for week in told["performance"]:
        known = "-" if week["known_ap"] is None else f"{week['known_ap']:.3f}"
        estimated = "-" if week["estimated_ap"] is None else f"{week['estimated_ap']:.3f}"
        say(f"week of {week['week']}: AP {estimated} estimated, {known} by what is known")
    for one in told["suspects"][:SHOWN]:
        events, hidden = ", ".join(one["events"][:SHOWN_OF_ALARM]), len(one["events"]) - SHOWN_OF_ALARM
        meet = f"{one['customers']} customers meet, {one['expected_frauds']:.1f} frauds are expected"
        more_events = f" and {hidden} more" if hidden > 0 else ""
        say(f"to review together: {one['entity']}, where {meet}: {events}{more_events}")
    if (more := len(told["suspects"]) - SHOWN) > 0:
        say(f"{more} more to review together: --json has them all")


def usual_psi(feature: dict[str, Any]) -> float:
    """What a feature's PSI is on other days: ages and counts move with time, and lie far from training on every day."""
    days = sorted(value for value in feature["psi_days"][:-1] if value is not None)
    return float(days[len(days) // 2]) if days else 0.0


def _moved(told: dict[str, Any]) -> str:
    """What an alarm is about: the features that moved most, or a kind of surprise with its newest examples."""
    if kind := told.get("kind"):
        return f"{kind}, such as {', '.join(told.get('examples', ())[:SHOWN_OF_ALARM])}"
    return ", ".join(one["name"] for one in told.get("moved", ())[:SHOWN_OF_ALARM])
