"""The command line: one table of commands, each loaded only when it is called.

Exit status: 0 done, 1 the work failed, 2 the call was wrong. Errors are one line that says what to do.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec

import typer
from typer.core import TyperGroup
from typer.models import CommandInfo

__all__ = ["main"]

# name -> one line of help; the code stands in haechi.commands.<name with underscores>.
COMMANDS = {
    "demo": "A town with history, a model, a server and live traffic: see it work",
    "init": "Make an empty home and its first API key",
    "serve": "Run a home: decide over HTTP",
    "schema": "Draft a schema from a file, or hold files against one",
    "import": "Read history into a home",
    "import-afd": "Turn an Amazon Fraud Detector project into a schema, rules and lists",
    "dataset": "Freeze history for learning: make, list, show",
    "train": "Learn from a home's history and register a challenger",
    "models": "Models: hold them to their gates, shadow, canary, promote, roll back, compare",
    "loop": "The learning loop on a town, against a model that never learns again",
    "watch": "What moved: drift, alarms, estimated performance",
    "labels": "How long it takes until a fraud is known, by source and typology",
    "evaluate": "An honest evaluation from raw files, no home needed",
    "behaviour": "How well what is unusual is judged without labels, on a town",
    "score": "A decision for each line of a file",
    "rules": "Write rules, try them, agree on them, take them back",
    "backtest": "What rules would have done on a home's history",
    "lists": "Lists of entities to allow, block or watch",
    "alerts": "The queue: look, take the next one, say what it was",
    "refunds": "Victims made whole: report, freeze, decide, pay",
    "explain": "Why an event was decided as it was, in full",
    "profile": "What is usual for a customer",
    "replay": "Recompute every feature and decision of a home and compare",
    "simulate": "A town's events, labels and ground truth",
    "feed": "A town's days as live traffic for a server",
    "bench": "How fast this machine decides",
    "key": "Make, list and revoke API keys",
    "backup": "A copy of a home as it is now; its server may run",
    "restore": "Put a copy in a home's place: the only way to un-learn a day",
    "doctor": "What is wrong with a home, and how to mend it",
}


class Lazy(TyperGroup):
    """Commands by name; their modules are imported when asked for, so that --help stays quick."""

    def list_commands(self, ctx: object) -> list[str]:
        """The names whose code is there, in the order of the table."""
        return [name for name in COMMANDS if find_spec(_module(name)) is not None]

    def get_command(self, ctx: object, cmd_name: str) -> object:  # type: ignore[override]
        """Import one command; unknown names give the group's own error."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(_module(cmd_name))
        group = typer.Typer(no_args_is_help=False, add_completion=False)
        if hasattr(module, "app"):
            command = typer.main.get_command(module.app)
        else:
            epilog = getattr(module, "epilog", None)
            group.registered_commands.append(CommandInfo(name=cmd_name, callback=module.command, epilog=epilog))
            command = typer.main.get_command(group)
        command.name = cmd_name
        return command


def _module(name: str) -> str:
    return f"haechi.commands.{name.replace('-', '_')}_command"


app = typer.Typer(
    cls=Lazy,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Haechi tells right from wrong: a decision with reasons for every payment, transfer and login.",
)


@app.callback()
def _root() -> None:
    """Haechi tells right from wrong: a decision with reasons for every payment, transfer and login."""


def main() -> None:
    """Run the command line; what the rooms refuse becomes one line on standard error."""
    # One thread for each library: a server decides on one core, and a busy one must not be fought over.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        app()
    except Exception as error:
        if not _is_ours(error):
            raise
        sys.stderr.write(f"haechi: {' '.join(str(error).split())}\n")
        raise SystemExit(1) from error


def _is_ours(error: Exception) -> bool:
    """Errors of our rooms and of the operating system are told in one line; anything else is a bug and shows itself."""
    return type(error).__module__.startswith("haechi.") or isinstance(error, OSError)


if __name__ == "__main__":
    main()
