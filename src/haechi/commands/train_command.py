"""`haechi train`: a home's history becomes a model."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from haechi.commands.judgement import beside, candidates, figures
from haechi.commands.screen import bars, console, note, say, say_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from haechi.learning.registry import Entry, Registry

FEW = "A few hundred known frauds are usually enough; with --quick only the smallest plan was tried."
epilog = "Example: haechi train --home home --until 2024-10-01"


def command(
    home: Annotated[Path, typer.Option(help="The home to learn from", exists=True, file_okay=False)],
    until: Annotated[
        str | None, typer.Option(help="Use nothing that was known later (ISO 8601)  [default: the newest event]")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same history and seed give the same model")] = 0,
    promote: Annotated[bool, typer.Option("--promote", help="Make the new model the champion at once")] = False,
    even_if_weak: Annotated[
        bool, typer.Option("--even-if-weak", help="Promote it though it does not beat its baseline; say why")
    ] = False,
    why: Annotated[str, typer.Option("--why", "-m", help="Why it is promoted; kept in the model's history")] = "",
    person: Annotated[str, typer.Option(help="Who promotes it  [default: who is logged in]")] = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="Only the smallest plan: a first look in a third of the time")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The model's report as JSON")] = False,
) -> None:
    """Replay a home's history, train, calibrate, evaluate on rehearsals, and register the model as challenger.

    Trees and two logistic regressions compete. The first model becomes champion by itself when it beats its baseline:
    trees the logistic regression, a regression what decides in a home without a model.
    """
    if even_if_weak and not why:
        raise typer.BadParameter('--even-if-weak needs a reason for whoever asks later: -m "..."')
    with bars("events") as shown:
        steps = Steps(shown.advance, shown.reach)
        entry, report, outcome = train_home(
            home,
            steps,
            until=until,
            seed=seed,
            promote=promote,
            even_if_weak=even_if_weak,
            quick=quick,
            by=By(person or getpass.getuser(), why),
        )
    if json:
        say_json(report | {"status": entry.status, "outcome": outcome})
        return
    console().print(figures(report))
    console().print(candidates(report))
    say(beside(report))
    say(f"model {entry.version}, {entry.status}: {outcome}")


class By(NamedTuple):
    """Who promotes a model, and why."""

    person: str = "haechi train"
    why: str = ""


class Steps:
    """Tells how far training is: rows of a step, or a share of it."""

    def __init__(self, rows: Callable[[str, float], None], share: Callable[[str, float], None]) -> None:
        self.rows, self.share = rows, share


def train_home(
    home: Path,
    steps: Steps,
    *,
    until: str | None = None,
    seed: int = 0,
    promote: bool = False,
    even_if_weak: bool = False,
    quick: bool = False,
    beside: Path | None = None,
    by: By = By(),  # noqa: B008
) -> tuple[Entry, dict[str, Any], str]:
    """Train on a home and say what became of the model; `beside` is where a server kept its journal for this."""
    from haechi.app import now_us
    from haechi.commands.datasets import make_data_set, practice_of
    from haechi.commands.training import Training
    from haechi.learning.fit import Config
    from haechi.learning.page import page
    from haechi.learning.registry import Registry
    from haechi.learning.screening import insist
    from haechi.stores import Home

    made = make_data_set(home, until=until, progress=steps.rows, beside=beside)
    if not made.whole:
        note("note: a server works on this home; learning from its archive, without the journal")
    for one in made.findings:
        note(f"{one.answer}: {one.told}")
    insist(made.findings)
    practice = practice_of(home)
    config = Config(plans_max=1 if quick else 3, segments=dict(practice.segments))
    trained = Training(home, made.data, config, seed, practice).run(lambda _, share: steps.share("learning", share))
    registry = Registry(Home(home).models)
    shown = page(trained.report, trained.lineage, made.data.card)
    entry = registry.register(
        trained.artifact, trained.report, now_us=now_us(), lineage=trained.lineage, page=shown
    )  # fmt: skip
    if promote and entry.status != "champion" and registry.champion() is not None:
        return entry, trained.report, _ask(home, entry.version, by)
    if beside is None and registry.champion() is None:
        _watchable(home, registry, entry.version)
    entry, outcome = _place(registry, entry, by if promote else None, even_if_weak=even_if_weak, now_us=now_us())
    return entry, trained.report, outcome


def _watchable(home: Path, registry: Registry, version: str) -> None:
    """What the first model was trained on, as histograms: a server compares with it from its first event on."""
    from haechi.learning.life.policy import GatePart
    from haechi.learning.watch.reference import Reference
    from haechi.lifecycle.training_job import gates_of

    if Reference.read(registry.folder / version) is None:
        gates_of(home, version, GatePart())


def _ask(home: Path, version: str, by: By) -> str:
    """Ask for a model to decide, and say what became of it: another one decides already, so others must agree."""
    from haechi.app import life_of, open_shut
    from haechi.learning.life.errors import LifeError
    from haechi.stores import AlreadyOpen

    try:
        with open_shut(home) as shut:
            change = life_of(shut).ask(version, "champion", by.person, comment=by.why)
    except AlreadyOpen:
        return f"a server works on this home: ask it with `haechi models promote {version}`"
    except LifeError as error:
        return f"not promoted: {error}"
    if change.state == "done":
        return "promoted: haechi.toml asks for nobody's consent"
    return f"its promotion waits for a colleague: haechi models approve {change.id}"


def _place(
    registry: Registry, entry: Entry, by: By | None, *, even_if_weak: bool, now_us: int
) -> tuple[Entry, str]:  # fmt: skip
    """Champion or challenger, and why."""
    if entry.status == "champion":
        return entry, "the same model decides already"
    first = registry.champion() is None
    if by is not None:
        entry = registry.promote(
            entry.version, now_us=now_us, by=by.person, why=by.why, even_if_weak=even_if_weak
        )  # fmt: skip
        return entry, "promoted as asked; a running server takes it at its next start"
    if first and entry.beats_baseline:
        entry = registry.promote(entry.version, now_us=now_us, by="the first model")
        return entry, "the first model of this home, and it beats its baseline: promoted"
    if first:
        return entry, (
            f"it does not beat its baseline: nothing was promoted. {FEW} Look at its report; to let it decide "
            f'all the same, ask a colleague: `haechi models promote {entry.version} -m "why"`'
        )
    return entry, "a champion decides already; `haechi models gate` says whether this one may"
