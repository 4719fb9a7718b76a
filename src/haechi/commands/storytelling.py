"""The stories of a town on screen or in a folder: a pupil's past, and the event that it is about."""

from __future__ import annotations

import json as plain
from pathlib import Path

from haechi.commands.screen import say, say_json
from haechi.town import STORIES, FolderNotWritable, Parameters, Town, best_probe, history

__all__ = ["list_all", "tell"]


def list_all(*, json: bool) -> None:
    """The names of the stories and what they are about."""
    if json:
        say_json({s.name: {"about": s.about, "strange": s.strange} for s in STORIES.values()})
        return
    for one in STORIES.values():
        say(f"{one.name:16}  {one.about}" + ("" if one.strange else "; ordinary here"))


def tell(chosen: Parameters, seed: int, name: str, out: Path | None, *, json: bool) -> None:
    """Print the pupil's past and then the event as JSON Lines, or write them into a folder."""
    town = Town(chosen, seed)
    probe = best_probe(town, name)
    past = [plain.dumps(row, ensure_ascii=False) for row in history(town, probe)]
    event = plain.dumps(probe.event, ensure_ascii=False)
    if out is None:
        say("\n".join([*past, event]))
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "history.jsonl").write_text("".join(line + "\n" for line in past), "utf-8")
        (out / "event.jsonl").write_text(event + "\n", "utf-8")
    except OSError as error:
        raise FolderNotWritable(f"cannot write a story to {out}: {error.strerror or error}") from error
    told = {
        "story": name, "customer": f"c-{probe.customer}", "date": probe.date.isoformat(), "usual_won": probe.usual_won,
        "history": str(out / "history.jsonl"), "events": len(past), "event": str(out / "event.jsonl"),
    }  # fmt: skip
    if json:
        say_json(told)
    else:
        say(f"{STORIES[name].about}: {told['customer']} on {told['date']}, {len(past)} events before it in {out}")
