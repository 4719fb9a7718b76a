"""What would make a model look good and be useless is found before anything is trained."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from haechi.learning.dataset import DAY_US
from haechi.learning.errors import NotScreened
from haechi.learning.labels import table_of
from haechi.learning.practice import Screening
from haechi.learning.screening import insist, lone_auc, screen
from haechi.stores import LabelRow

from .freezing import UNTIL_US, frozen, history, rng

WHOLE = pl.concat(history())
FRAUD = WHOLE["label"].to_numpy() == 1


STRICT = Screening()


def found(tmp_path, of=None, labels=(), practice=STRICT):
    data = frozen(tmp_path, of, labels)
    return {(one.check, one.about): one for one in screen(data, table_of(labels), UNTIL_US, practice)}


def test_an_honest_history_passes(tmp_path) -> None:
    assert found(tmp_path) == {}
    insist([])


@pytest.mark.parametrize("kind", ["number", "category", "missing"])
def test_a_planted_column_that_looks_ahead_is_refused(tmp_path, kind) -> None:
    noisy = FRAUD ^ (rng().random(len(FRAUD)) < 0.002)
    if kind == "number":  # what will be paid back next week
        planted = pl.Series(np.where(noisy, 1_000.0, 0.0) + rng().normal(0, 1, len(FRAUD)))
        findings = found(tmp_path, history(**{"number:refunded": planted}))
        about = "number:refunded"
    elif kind == "category":
        findings = found(tmp_path, history(**{"category:outcome": pl.Series(np.where(noisy, "closed", "none"))}))
        about = "category:outcome"
    else:  # filled in only when somebody complains
        told = pl.Series([f"case {i % 7}" if f else None for i, f in enumerate(noisy)], dtype=pl.String)
        findings = found(tmp_path, history(**{"category:case": told}))
        about = "category:case"
    one = findings["leakage", about]
    assert one.value > 0.97
    with pytest.raises(NotScreened, match=f"column {about} alone separates fraud"):
        insist(findings.values())


def test_a_customer_who_is_robbed_several_times_in_a_row_is_no_leak() -> None:
    n = 20_000
    customer = rng().integers(0, 400, n)
    y = np.zeros(n, np.int8)
    for victim in range(30):
        first = 600 * victim + 300
        customer[first : first + 8], y[first : first + 8] = victim, 1
    column = pl.Series([f"c-{c}" for c in customer])
    assert lone_auc(column, y) > 0.95
    assert lone_auc(column, y, in_time=True) < 0.75
    told_only_of_frauds = pl.Series([f"case-{c % 9}" if f else None for c, f in zip(customer, y, strict=True)])
    assert lone_auc(told_only_of_frauds, y, in_time=True) > 0.97


def test_a_column_that_is_filled_in_later_is_refused(tmp_path) -> None:
    age = UNTIL_US - WHOLE["time_us"].to_numpy()
    planted = pl.Series(np.where(age > 5 * DAY_US, 1.0, np.nan)).fill_nan(None)
    findings = found(tmp_path, history(**{"number:settled": planted}))
    assert ("late_columns", "number:settled") in findings
    with pytest.raises(NotScreened, match="filled in afterwards"):
        insist(findings.values())


def test_a_label_known_before_its_event_is_refused(tmp_path) -> None:
    early = WHOLE["known_at_us"].to_numpy().copy()
    early[np.flatnonzero(FRAUD)[3]] -= 9 * DAY_US
    with pytest.raises(NotScreened, match="1 labels were known before their event happened"):
        insist(found(tmp_path / "imported", history(known_at_us=pl.Series(early))).values())
    label = LabelRow("e9", True, UNTIL_US - DAY_US, event_us=UNTIL_US)
    with pytest.raises(NotScreened, match="among them those of e9"):
        insist(found(tmp_path / "told", labels=[label]).values())
    assert found(tmp_path / "skew", labels=[LabelRow("e9", True, UNTIL_US - 5, event_us=UNTIL_US)]) == {}


@pytest.mark.parametrize("how", ["shape", "number", "remainder"])
def test_an_id_that_encodes_the_class_is_refused(tmp_path, how) -> None:
    n = np.arange(len(FRAUD))
    ids = {
        "shape": [f"{'x' if f else 'e'}{i}" for i, f in zip(n, FRAUD, strict=True)],
        "number": [f"e{i + 10**6 * int(f)}" for i, f in zip(n, FRAUD, strict=True)],
        "remainder": [f"e{7 * i + int(f)}" for i, f in zip(n, FRAUD, strict=True)],
    }[how]
    findings = found(tmp_path, history(id=pl.Series(ids)))
    with pytest.raises(NotScreened, match="the event id tells fraud"):
        insist(findings.values())


def test_twins_are_told_and_those_that_contradict(tmp_path) -> None:
    twins = WHOLE.head(300).with_columns(pl.col("id") + "-2", (1 - pl.col("label").clip(0, 1)).alias("label"))
    whole = pl.concat([WHOLE, twins]).sort("time_us", maintain_order=True)
    findings = found(tmp_path, [whole])
    assert findings["duplicates", "events"].value == pytest.approx(300 / 4_300)
    assert findings["contradictions", "events"].value > 200
    insist(findings.values())  # a warning lets training go on


def test_an_analyst_who_flips_labels_is_refused(tmp_path) -> None:
    scored = history(**{"said:score": pl.Series(rng().random(len(FRAUD)))})
    r = rng()
    labels = []
    for i in np.flatnonzero(WHOLE["label"].to_numpy() >= 0)[:2_400]:
        who = f"verdict:{'abcde'[r.integers(5)]}"
        truth = bool(r.random() < 0.5)
        fraud = truth and not (who == "verdict:e" and r.random() < 0.7)
        at = int(WHOLE["time_us"][int(i)])
        labels.append(LabelRow(f"e{i}", fraud, at + DAY_US, who, told_us=at + DAY_US, event_us=at))
    findings = found(tmp_path, scored, labels)
    assert [key for key in findings if key[0] == "flips"] == [("flips", "verdict:e")]
    assert findings["flips", "verdict:e"].value < -0.25
    with pytest.raises(NotScreened, match="verdict:e calls"):
        insist(findings.values())


def test_sudden_mass_labels_are_told(tmp_path) -> None:
    days = [*(d for d in range(20) for _ in range(3)), *([25] * 400)]
    start = int(WHOLE["time_us"][0])
    labels = [
        LabelRow(f"m{i}", True, start + d * DAY_US, "chargeback:bulk", told_us=start + d * DAY_US)
        for i, d in enumerate(days)
    ]
    findings = found(tmp_path, labels=labels)
    assert findings["mass_labels", "chargeback:bulk"].value == 400


def test_personal_data_in_free_text_is_told_and_can_be_refused(tmp_path) -> None:
    memo = pl.Series(["lunch"] * 3_998 + ["call 010-1234-5678", "900101-1234567"])
    of = history(**{"category:memo": memo})
    findings = found(tmp_path / "a", of)
    assert {("personal_data", "category:memo phone"), ("personal_data", "category:memo resident_number")} <= set(
        findings
    )
    with pytest.raises(NotScreened, match="looks like a"):
        insist(found(tmp_path / "b", of, practice=Screening(personal_data="refuse")).values())
    assert found(tmp_path / "c", of, practice=Screening(personal_data="off")) == {}
