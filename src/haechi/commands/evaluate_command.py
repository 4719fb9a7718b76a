"""`haechi evaluate`: an honest evaluation from raw files, no home needed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from haechi.commands.beside import tell_ways
from haechi.commands.moments import moment_us
from haechi.commands.screen import Bars, bars, note, read_schema, say, say_json

if TYPE_CHECKING:
    from haechi.events import Frames, Schema
    from haechi.learning.protocol import Protocol
    from haechi.learning.source import ReplaySource
    from haechi.learning.stream import Retrain

epilog = (
    "Example: haechi evaluate --schema fdh.toml payments.parquet --folds 4 --start 2018-07-25 --train 7d --delay 7d "
    "--test 7d --drop-known"
)
PROTOCOL = "How to judge"
ALERTS = "How to count alerts"


Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="CSV, JSON Lines, Parquet")]
Start = Annotated[
    str | None,
    typer.Option(
        help="Training of the first fold starts here (ISO 8601); with --retrain also a share such as 40%",
        rich_help_panel=PROTOCOL,
    ),
]
Train = Annotated[
    str | None,
    typer.Option(help="Span to learn from  [default: 7d; with --retrain all before]", rich_help_panel=PROTOCOL),
]
Split = Annotated[
    str | None, typer.Option(help="time:SHARE or random:SHARE instead of folds", rich_help_panel=PROTOCOL)
]
Again = Annotated[
    str | None,
    typer.Option(help="Replay as a stream and train anew so often: 7d, or 5% of it", rich_help_panel=PROTOCOL),
]
Recency = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.0,
        help="Share of the training span after which a label weighs half  [default: as the fraud rate moves]",
        rich_help_panel=PROTOCOL,
    ),
]
Budgets = Annotated[list[int] | None, typer.Option(min=1, help="Alerts a day  [default: 100]", rich_help_panel=ALERTS)]
Counted = Annotated[
    str | None, typer.Option(help="Entity to count alerts by  [default: subject]", rich_help_panel=ALERTS)
]
DropKnown = Annotated[
    bool, typer.Option("--drop-known", help="Leave out whom frauds are known of", rich_help_panel=ALERTS)
]
Behaves = Annotated[
    Literal["without", "with", "both"],
    typer.Option(help="Features of behaviour, as `haechi init` homes have them; both: judged beside each other"),
]
LabelFree = Annotated[
    bool, typer.Option("--label-free", help="Train nothing: how behaviour ranks the judged events without labels")
]
Recipe = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="A features.toml: adds to or removes from the recipe")
]


def command(
    files: Files,
    schema: Annotated[str, typer.Option(help="A schema file, or the built-in `bank`")],
    folds: Annotated[int | None, typer.Option(min=1, help="Folds in time", rich_help_panel=PROTOCOL)] = None,
    start: Start = None,
    train: Train = None,
    delay: Annotated[str, typer.Option(help="Wait for labels", rich_help_panel=PROTOCOL)] = "7d",
    test: Annotated[str, typer.Option(help="Span to judge, and the step", rich_help_panel=PROTOCOL)] = "7d",
    split: Split = None,
    retrain: Again = None,
    recency: Recency = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only the smallest plan; a stream without baseline")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of random splits and training")] = 0,
    alert_budget: Budgets = None,
    alert_entity: Counted = None,
    drop_known: DropKnown = False,
    features: Recipe = None,
    behaviour: Behaves = "without",
    max_bad: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of rejected rows that is bearable")] = 0.01,
    rejected: Annotated[Path | None, typer.Option(help="Write rejected rows here, as JSON Lines")] = None,
    label_free: LabelFree = False,
    json: Annotated[bool, typer.Option("--json", help="All figures as JSON")] = False,
) -> None:
    """Train and judge as it would have gone: features from the past only, labels only once they were known."""
    from haechi.events import read_frames
    from haechi.learning.evaluate import Settings, evaluate
    from haechi.learning.prequential import judge_stream

    wanted = read_schema(schema)
    if retrain is not None and (folds is not None or split is not None):
        raise typer.BadParameter("--retrain stands alone: leave out --folds and --split")
    spans = (train or "7d", delay, test)
    protocol = None if retrain else _protocol(wanted, folds, start, spans, split, seed=seed, drop_known=drop_known)
    frames = read_frames(wanted, files, max_bad=max_bad, rejected=rejected)
    settings = Settings(
        seed, tuple(alert_budget or [100]), alert_entity, recency, plans_max=1 if quick else 3,
        baseline=not (quick and retrain),
    )  # fmt: skip
    if behaviour == "both" and (label_free or retrain):
        raise typer.BadParameter("--behaviour both judges --folds or --split, with labels")
    ways: dict[str, dict[str, Any]] = {}
    with bars("rows") as shown:
        for way in ("without", "with") if behaviour == "both" else (behaviour,):
            source = _source(frames, features, shown, behaviour=label_free or way == "with")
            if label_free:
                _show_blind(source, protocol, seed, json=json)
                return
            tell = lambda _, share: shown.reach("rounds", share)  # noqa: E731
            if protocol is None:
                stream = _stream(source, retrain or "", start or "40%", train, wanted, drop_known=drop_known)
                report = judge_stream(source, stream, settings, tell)
            else:
                report = evaluate(source, protocol, settings, tell)
            report["seconds"] = {"read": round(source.read_seconds, 2)} | report["seconds"]
            ways[way] = report | {"features": len(source.columns.names)}
    for line in frames.notes:
        note(f"note: {line}")
    if frames.report.bad:
        note("\n".join(frames.report.lines()))
    tell_ways(ways, json=json)


def _stream(
    source: ReplaySource, every: str, start: str, train: str | None, schema: Schema, *, drop_known: bool
) -> Retrain:
    from haechi.learning.errors import BadProtocol
    from haechi.learning.stream import read_stream

    moment = None if start.endswith("%") else moment_us(start, schema.timezone)
    try:
        return read_stream(every, start, train, source.events, moment=moment, drop_known=drop_known)
    except BadProtocol as error:
        raise typer.BadParameter(str(error)) from error


def _show_blind(source: ReplaySource, protocol: Protocol | None, seed: int, *, json: bool) -> None:
    from haechi.learning.blind import judge_blind

    if protocol is None:
        raise typer.BadParameter(
            "--label-free judges --folds or --split: nothing is trained that could be trained anew"
        )
    report = judge_blind(source, protocol, seed=seed)
    if json:
        say_json(report)
        return
    say(f"{report['judged']:,} events judged in {report['rounds']} rounds, {report['frauds']:,} of them fraud; "
        "average precision, recall at 1 % of honest events")  # fmt: skip
    for name, f in sorted(report["ranking"].items(), key=lambda item: -item[1]["ap"]):
        say(f"  {name:45} {f['ap']:.4f}  {f['recall_at_1_percent']:.2f}")
    say("logistic regression given so many frauds: "
        + ", ".join(f"{name} {ap:.4f}" for name, ap in report["few_labels"].items()))  # fmt: skip


def _source(frames: Frames, features: Path | None, shown: Bars, *, behaviour: bool) -> ReplaySource:
    from haechi.features import default_spec
    from haechi.learning.source import ReplaySource

    bound = frames.schema
    overrides = tomllib.loads(features.read_text("utf-8")) if features else {}
    if behaviour:
        overrides = {"behaviour": True} | overrides
    rows: dict[str, int] = {"read": 0, "replay": 0}

    def advance(stage: str, count: int) -> None:
        # The second reading and those after it know how long they are.
        rows[stage] += count
        total = rows["read"] if stage == "replay" else None
        passes, done = divmod(rows[stage] - 1, rows["read"]) if stage == "replay" else (0, rows[stage])
        name = "reading" if stage == "read" else f"replay {passes + 1}"
        shown.advance(name, count, total=total)
        if stage == "replay" and done + 1 == rows["read"]:
            shown.finish(name)

    return ReplaySource(
        frames, default_spec(bound, overrides=overrides), bound.timezone, bound.ordinal, bound.entity_names, advance
    )


def _protocol(
    schema: Schema,
    folds: int | None,
    start: str | None,
    spans: tuple[str, str, str],
    split: str | None,
    *,
    seed: int,
    drop_known: bool,
) -> Protocol:
    """The protocol that the options name; contradictions are a wrong call."""
    from haechi.learning.errors import BadProtocol
    from haechi.learning.protocol import Folds, read_duration, read_split

    if (folds is None) == (split is None):
        raise typer.BadParameter("say how to judge: either --folds N --start T, or --split time:0.8 or random:0.4")
    try:
        if split is not None:
            if start is not None or drop_known:
                raise typer.BadParameter("--start and --drop-known belong to --folds, not to --split")
            return read_split(split, seed=seed)
        if start is None or schema.ordinal:
            raise typer.BadParameter("--folds needs --start T" if start is None else "--folds needs a clock: the "
                                     "schema counts events instead; use --split")  # fmt: skip
        train, delay, test = (read_duration(span) for span in spans)
        return Folds(folds or 1, moment_us(start, schema.timezone), train, delay, test, drop_known)
    except BadProtocol as error:
        raise typer.BadParameter(str(error)) from error
