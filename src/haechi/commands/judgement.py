"""An evaluation's report as a person reads it."""

from __future__ import annotations

from typing import Any

from haechi.commands.screen import console


def show(report: dict[str, Any]) -> None:
    """The figures beside the baseline's, each round, what was chosen, and the proof that no label came too early."""
    out = console()
    out.print(f"{report['events']:,} events, {report['labelled']:,} labelled, {report['frauds']:,} frauds")
    words = {name: f"{value:g}" if isinstance(value, float) else value for name, value in report["protocol"].items()}
    out.print("protocol: " + ", ".join(f"{name} {value}" for name, value in words.items()))
    out.print(figures(report))
    out.print(rounds(report))
    out.print("\n".join(proof(report)))
    out.print("seconds: " + ", ".join(f"{name} {value}" for name, value in report["seconds"].items()))


def show_stream(report: dict[str, Any]) -> None:
    """A stream's figures: each way of training in a column, over all and as the mean of its months."""
    from rich.table import Table

    out, ways = console(), report["ways"]
    out.print(f"{report['events']:,} events, {report['labelled']:,} labelled, {report['frauds']:,} frauds")
    out.print("protocol: " + ", ".join(f"{name} {value}" for name, value in report["protocol"].items()))
    for part, title in (("mean_of_months", "mean of months"), ("over_all", "all judged events together")):
        table = Table(title=title, title_justify="left")
        table.add_column("figure")
        for name in ways:
            table.add_column(name.replace("_", " "), justify="right")
        for name, values in _stream_rows([way[part] for way in ways.values()]):
            table.add_row(name, *(_number(value) for value in values))
        out.print(table)
    out.print("\n".join(proof({"by_fold": report["by_round"]})))
    out.print("seconds: " + ", ".join(f"{name} {value}" for name, value in report["seconds"].items()))


def _stream_rows(parts: list[dict[str, Any]]) -> list[tuple[str, list[float]]]:
    words = {"ap": "average precision", "auc": "AUC", "f1_at_half": "F1 at one half", "f1": "F1, own threshold",
             "macro_f1_at_half": "macro-F1 at one half", "macro_f1": "macro-F1, own threshold",
             "ece": "expected calibration error", "brier": "Brier score"}  # fmt: skip
    found = [(words[name], [part[name] for part in parts]) for name in words if all(name in part for part in parts)]
    budgets = parts[0].get("card_precision", {})
    return found + [(f"card precision at {k} a day", [part["card_precision"][k] for part in parts]) for k in budgets]


def figures(report: dict[str, Any]) -> Any:
    """One row for each figure, the logistic baseline beside it."""
    from rich.table import Table

    table = Table(title="mean over rounds", title_justify="left")
    for name in ("figure", "Haechi", "logistic baseline"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    baseline = report["baseline_logistic"]
    for name, value, other in _rows(report, baseline):
        table.add_row(name, _number(value), "" if other is None else _number(other))
    return table


def beside(report: dict[str, Any]) -> str:
    """What was learned from, and on how much of the past it was judged."""
    told = report["protocol"]
    return (
        f"learned from {report['labelled']:,} labels ({report['frauds']:,} frauds) among {report['events']:,} events, "
        f"as known at {told['until']}; figures are means over {told['rehearsals']} rehearsals on earlier moments"
    )


def candidates(report: dict[str, Any]) -> Any:
    """One row for each finalist of the rehearsals: average precision, and how far it lies behind the best.

    The simplest that lies no further behind than noise is chosen, or the trees where they are shown to be as good; they
    stand simplest first.
    """
    from rich.table import Table

    table = Table(title="who decides", title_justify="left")
    for name in ("candidate", "average precision", "behind the best", "noise", ""):
        table.add_column(name, justify="left" if name in ("candidate", "") else "right")
    for name, one in report["evidence"]["finalists"].items():
        chosen = "chosen" if name == report["chosen"]["model"] else ""
        table.add_row(name, _number(one["ap"]), _number(one["behind"]), _number(one["noise"]), chosen)
    return table


def rounds(report: dict[str, Any]) -> Any:
    """One row for each round: how much it learned from, what it reached, what its own rehearsals chose."""
    from rich.table import Table

    table = Table(title="rounds", title_justify="left")
    for name in ("round", "learned from", "judged", "AUC", "AP", "ECE", "chosen"):
        table.add_column(name, justify="left" if name in ("round", "chosen") else "right")
    for one in report["by_fold"]:
        chosen = one["chosen"]
        labels = "" if chosen["label_features"] else ", without label features"
        trees = f", {chosen['trees']} trees" if chosen["trees"] else ""
        table.add_row(
            one["name"], _counts(one["train"]), _counts(one["test"]), _number(one["auc"]), _number(one["ap"]),
            _number(one["calibration"]["ece"]), f"{chosen['model']}{trees}{labels}",
        )  # fmt: skip
    return table


def proof(report: dict[str, Any]) -> list[str]:
    """A sentence for each round: when it trained, and the youngest label that it used."""
    found = []
    for one in report["by_fold"]:
        told = one["proof"]
        found.append(
            f"{one['name']}: trained as of {told['training_moment']}, youngest label used "
            f"{told['newest_label_in_training']}; chosen on {len(told['rehearsals'])} rehearsals before that"
        )
    return found


def _rows(report: dict[str, Any], baseline: dict[str, Any]) -> list[tuple[str, float, float | None]]:
    found = [("AUC", report["auc"], baseline["auc"]), ("average precision", report["ap"], baseline["ap"])]
    for name, words in (
        ("recall_at_fpr", "recall at false positive rate {}"),
        ("precision_at_budget", "precision of {} alerts a day"),
        ("card_precision", "card precision at {} a day"),
    ):
        for key, value in report.get(name, {}).items():
            found.append((words.format(key), value, baseline.get(name, {}).get(key)))
    found.append(("macro-F1, threshold from training time", report["f1"]["macro_f1"], None))
    found.append(("expected calibration error", report["calibration"]["ece"], None))
    return found


def _counts(part: dict[str, int]) -> str:
    return f"{part['events']:,} ({part['frauds']:,} frauds)"


def _number(value: float) -> str:
    return f"{value:.4f}"
