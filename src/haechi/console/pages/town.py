"""Town: in the demonstration, choose a fraud, press play, watch it get caught; the truth is told afterwards."""

from __future__ import annotations

from haechi.console import drawing
from haechi.console.behind import Behind
from haechi.console.errors import BadForm, Missing
from haechi.console.page import Asked, Moved, Page, Rail, Shown
from haechi.console.screen import address
from haechi.console.townstage import TownStage


def town(asked: Asked) -> Shown:
    """The scenes, and what was played."""
    stage = _stage(asked)
    return Shown("town.html", {"scenes": stage.scenes(), "plays": stage.plays()})


def play(asked: Asked) -> Moved:
    """Press play."""
    found = _stage(asked).play(asked.form.get("scene", ""))
    return Moved(address(f"/town/play/{found.number}"))


def watch(asked: Asked) -> Shown:
    """One play while it goes on, and what it was once it is over."""
    number = asked.place["number"]
    if not number.isdecimal() or len(number) > 9:
        raise BadForm(f"{number[:40]!r} is no number")
    found = _stage(asked).play_of(int(number))
    t, seen = asked.words, sum(bool(step.action) or step.never for step in found.steps)
    picture = None
    if found.state == "done" and found.frauds:
        rows = [
            drawing.Bar(t("town.played"), len(found.steps)),
            drawing.Bar(t("town.was_fraud"), len(found.frauds), kind="bad"),
            drawing.Bar(t("town.was_caught"), len(found.caught), kind="good"),
        ]  # fmt: skip
        picture = drawing.funnel(rows, label=t("town.funnel", caught=len(found.caught), frauds=len(found.frauds)),
                                 of_all=t("town.of_all"), width=520)  # fmt: skip
    return Shown("play.html", {"play": found, "seen": seen, "picture": picture})


def has_stage(behind: Behind) -> bool:
    """Whether there is a town to play in."""
    return behind.town is not None


def _stage(asked: Asked) -> TownStage:
    if asked.behind.town is None:
        raise Missing("only a demonstration has a town: haechi demo")
    return asked.behind.town


PAGES = (
    Page("/town", town, rail=Rail("town", 95, key="t", shown=has_stage)),
    Page("/town/play/{number}", watch),
    Page("/act/town-play", play, "decide", "POST"),
)
