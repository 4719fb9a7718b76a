"""Reports of an evaluation, one or two beside each other: what features of behaviour are worth."""

from __future__ import annotations

from statistics import fmean, pstdev
from typing import Any

from haechi.commands.judgement import show, show_stream
from haechi.commands.screen import say, say_json

__all__ = ["gain", "tell_ways"]


def gain(without: dict[str, Any], with_: dict[str, Any]) -> dict[str, Any]:
    """Average precision with behaviour less that without it, round by round on the same events."""
    rounds = [b["ap"] - a["ap"] for a, b in zip(without["by_fold"], with_["by_fold"], strict=True)]
    return {"ap": fmean(rounds), "sd": pstdev(rounds), "by_fold": rounds}


def tell_ways(ways: dict[str, dict[str, Any]], *, json: bool) -> None:
    """A report, or those without and with behaviour and what the second gained."""
    told: dict[str, Any] = dict(ways)
    if len(ways) == 1:
        told = next(iter(ways.values()))
    else:
        told["gain"] = gain(ways["without"], ways["with"])
    if json:
        say_json(told)
        return
    for way, report in ways.items():
        if len(ways) > 1:
            say(f"{way} behaviour, {report['features']} features")
        (show_stream if "ways" in report else show)(report)
    if len(ways) > 1:
        g = told["gain"]
        say(f"behaviour adds {g['ap']:+.4f} to average precision (standard deviation over rounds {g['sd']:.4f}): "
            + ", ".join(f"{one:+.4f}" for one in g["by_fold"]))  # fmt: skip
