"""A model's report for people: one HTML file without scripts or anything from outside, in Korean and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from haechi.learning.manifest import Manifest
from haechi.learning.pictures import bars, line
from haechi.learning.wordings import WORDS

STYLE = """
body{font:15px/1.5 system-ui,'Noto Sans KR',sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;
background:#fff}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid #d0d7de}
table{border-collapse:collapse;margin:.6rem 0;width:100%}td,th{padding:.25rem .6rem;text-align:right;
border-bottom:1px solid #eaeef2;font-variant-numeric:tabular-nums}td:first-child,th:first-child{text-align:left}
.ko{color:#57606a;font-weight:400;font-size:.9em}.warn{color:#9a3412}figure{margin:1rem 0}figcaption{color:#57606a}
.two{display:flex;flex-wrap:wrap;gap:1rem}.two>figure{flex:1 1 20rem}code{font-size:.85em;word-break:break-all}
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}td,th{border-color:#21262d}
h2{border-color:#30363d}.ko,figcaption{color:#8b949e}.warn{color:#f0883e}}
"""
PSI_MARKS = (0.1, 0.25)


def page(report: Mapping[str, Any], lineage: Manifest, card: Mapping[str, Any]) -> str:
    """The whole file; a figure that was not taken says so."""
    parts = [
        _head(report, card),
        _against(report),
        _curves(report.get("slices", {})),
        _slices(report.get("slices", {})),
        _months(report.get("slices", {})),
        _drift(card),
        _reasons(report),
        _data(card),
        _lineage(lineage),
    ]
    title = f"Haechi {escape(str(report.get('version', '')))}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        + "".join(parts)
        + "</body></html>"
    )


def said(name: str) -> str:
    """A word in both languages."""
    en, ko = WORDS.get(name, (name, name))
    return f'{escape(en)} <span class="ko" lang="ko">{escape(ko)}</span>'


def _head(report: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    slices = report.get("slices", {})
    judged = slices.get("judged", {})
    told = (
        f"<p>{escape(card['until'])} · {report['labelled']:,} {said('labels')} · {report['frauds']:,} {said('frauds')} "
        f"· {said('judged')} {judged.get('events', 0):,} ({judged.get('frauds', 0):,} {said('frauds')})</p>"
    )
    chosen, baseline = report.get("chosen", {}).get("model", ""), report.get("baseline", {}).get("name", "logistic")
    beats = said("beats") if report.get("beats_baseline") else f'<span class="warn">{said("weak")}</span>'
    return (
        f"<h1>{said('model')} {escape(str(report.get('version', '')))}</h1>{told}"
        f"<p>{said('chosen')} {said(chosen)}</p><p>{beats} {said(baseline)}</p>"
    )


def _against(report: Mapping[str, Any]) -> str:
    against = report.get("slices", {}).get("against", {})
    rows, late = [], ""
    for name, one in against.items():
        if name == "rules":
            rows.append([said("rules"), "", "", _share(one["recall"]), _share(one["precision"])])
            late += f"<p>{said('as_many')} {_share(one['model'])}</p>" if "model" in one else ""
            continue
        low, high = one["ap_interval"]
        recall = next(iter(one["recall_at_budget"].values()))
        better = one.get("model_is_better_by")
        rows.append([
            said(name), f"{one['ap']:.3f} ({low:.3f} - {high:.3f})", f"{one['auc']:.3f}", _share(recall),
            "" if better is None else "{:+.3f} ({:+.3f} - {:+.3f})".format(better["ap"], *better["interval"]),
        ])  # fmt: skip
    if "champion" in against:
        late += f"<p>{said('champion_note')} {escape(str(report.get('champion_until', '')))}</p>"
    return f"<h2>{said('beside')}</h2>" + _table(["", "ap", "auc", "recall_at_budget", "better_by"], rows) + late


def _curves(slices: Mapping[str, Any]) -> str:
    curves = slices.get("curves", {})
    drawn = []
    if points := curves.get("precision_recall"):
        drawn.append(_figure("precision_recall", line([points], x=(0, 1), y=(0, 1), names=["recall", "precision"])))
    if bins := curves.get("calibration"):
        top = max(max(p, f) for p, f, _ in bins) or 1.0
        perfect = [[0.0, 0.0], [top, top]]
        pairs = [[p, f] for p, f, _ in bins]
        drawn.append(
            _figure("calibration", line([pairs, perfect], x=(0, top), y=(0, top), names=["predicted", "observed"]))
        )
    if gain := curves.get("gain"):
        steps = [[float(i), share] for i, (_, share) in enumerate(gain)]
        marks = [f"{int(k):,}" for k, _ in gain]
        shown = line([steps], x=(0, len(gain) - 1), y=(0, 1), names=["alerts a day", "frauds caught"], marks=marks)
        drawn.append(_figure("gain", shown))
    return f"<h2>{said('curves')}</h2><div class='two'>{''.join(drawn)}</div>" if drawn else ""


def _slices(slices: Mapping[str, Any]) -> str:
    parts = []
    if found := slices.get("typologies"):
        rows = [[escape(name), _share(one), f"{one['of']:,}"] for name, one in found.items()]
        parts.append(f"<h2>{said('typologies')}</h2>" + _table(["", "recall_at_budget", "frauds"], rows))
    for segment, bands in slices.get("segments", {}).items():
        rows = [
            [escape(band), f"{one['events']:,}", f"{one['frauds']:,}", _share(one["recall"]), _gap(one["recall_gap"]),
             _share(one["false_alarms"]), _gap(one["false_alarm_gap"])]
            for band, one in bands.items()
        ]  # fmt: skip
        heads = ["", "events", "frauds", "recall_at_budget", "gap", "false_alarms", "gap"]
        parts.append(f"<h2>{said('segment')}: {said(segment)}</h2>" + _table(heads, rows))
    if money := slices.get("money"):
        share = "" if money["share"] is None else f"{money['share']:.1%}"
        parts.append(f"<p>{said('saved')}: {money['saved']:,} / {money['taken']:,} ({share})</p>")
    return "".join(parts)


def _months(slices: Mapping[str, Any]) -> str:
    rows = [
        [m["month"], f"{m['events']:,}", f"{m['frauds']:,}", _number(m["ap"]), _number(m["recall"]),
         f"{m['ece']:.4f}", f"{m['mean_probability']:.4%}", f"{m['fraud_rate']:.4%}"]
        for m in slices.get("months", [])
    ]  # fmt: skip
    heads = ["", "events", "frauds", "ap", "recall_at_budget", "ece", "predicted", "observed"]
    return f"<h2>{said('months')}</h2>" + _table(heads, rows) if rows else ""


def _drift(card: Mapping[str, Any]) -> str:
    shifts = card.get("shifts", {})
    if not shifts.get("psi"):
        return f"<h2>{said('drift')}</h2><p>{said('no_evidence')}</p>"
    top = list(shifts["psi"].items())[:20]
    drawn = bars([(escape(name), min(psi, 10.0)) for name, psi in top], marks=PSI_MARKS)
    against = f"{said('against')} <code>{escape(shifts['against'])}</code>"
    return f"<h2>{said('drift')}</h2><p>{against}</p>{_figure('psi', drawn)}"


def _reasons(report: Mapping[str, Any]) -> str:
    told = report.get("explanation", {})
    if not told:
        return ""
    drawn = bars([(escape(name), share) for name, share in told["features"].items()])
    adds = said("adds_up") if told["adds_up"] else f'<span class="warn">{said("adds_up_not")}</span>'
    lone = f'<p class="warn">{said("lone")}</p>' if told["one_feature_carries_it"] else ""
    return f"<h2>{said('reasons')}</h2><p>{adds}</p>{lone}{_figure('features', drawn)}"


def _data(card: Mapping[str, Any]) -> str:
    taught, chosen, mature = card["taught"], card["selection"], card["maturity"]
    rows = [
        [said("spans"), f"{card['spans']['first']} - {card['spans']['taught_until']}"],
        [said("events"), f"{card['events']:,}"],
        [said("taught"), f"{taught['fraud']:,} / {taught['legitimate']:,} / {taught['unknown']:,}"],
        [said("gap_days"), f"{mature['gap_days']:.1f}"],
        [said("base_rate"), f"{card['base_rate']['known']:.4%} / {_percent(card['base_rate']['corrected'])}"],
        [said("stopped"), f"{chosen['stopped']:,.0f} / {chosen['stopped_without_outcome']:,.0f}"],
        [said("released"), f"{chosen['released']:,.0f} (x {chosen['weight_of_a_release']:g})"],
        *[[said("from_source") + " " + escape(kind), f"{n['fraud']:,} / {n['legitimate']:,}"]
          for kind, n in sorted(card["label_sources"].items())],
    ]  # fmt: skip
    blind = ""
    if chosen["stopped_without_outcome"] and not chosen["released"]:
        blind = f'<p class="warn">{said("blind")}</p>'
    found = "".join(f"<li>{escape(one['answer'])}: {escape(one['told'])}</li>" for one in card.get("screening", []))
    screening = f"<h2>{said('screening')}</h2>" + (f"<ul>{found}</ul>" if found else f"<p>{said('nothing_found')}</p>")
    return f"<h2>{said('data')}</h2>" + _table(None, rows) + blind + screening


def _lineage(lineage: Manifest) -> str:
    rows = [
        [said("dataset"), f"<code>{escape(lineage.dataset)}</code>"],
        ["events", f"<code>{escape(lineage.events_hash)}</code>"],
        ["labels", f"<code>{escape(lineage.labels_hash)}</code>"],
        [said("seed"), str(lineage.seed)],
        [said("intended_use"), escape(lineage.intended_use)],
        *[[escape(name), escape(value)] for name, value in lineage.libraries.items()],
    ]
    return f"<h2>{said('lineage')}</h2>" + _table(None, rows)


def _table(heads: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> str:
    head = "" if heads is None else "<tr>" + "".join(f"<th>{said(h) if h else ''}</th>" for h in heads) + "</tr>"
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{head}{body}</table>"


def _figure(name: str, drawn: str) -> str:
    return f"<figure>{drawn}<figcaption>{said(name)}</figcaption></figure>"


def _share(one: Mapping[str, Any]) -> str:
    if isinstance(one["value"], str):
        return said(one["value"].replace(" ", "_"))
    low, high = one["interval"]
    return f"{one['value']:.1%} ({low:.1%} - {high:.1%})"


def _gap(one: Mapping[str, Any]) -> str:
    if isinstance(one["value"], str):
        return said(one["value"].replace(" ", "_"))
    low, high = one["interval"]
    return f"{100 * one['value']:+.1f} ({100 * low:+.1f} - {100 * high:+.1f})"


def _number(value: float | str) -> str:
    return said(value.replace(" ", "_")) if isinstance(value, str) else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return said("no_evidence") if value is None else f"{value:.4%}"
