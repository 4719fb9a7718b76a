"""A town's folder made by hand, as the report and the gate read it: small, with every kind of thing that they show."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SEOUL = timezone(timedelta(hours=9))
START = datetime(2024, 9, 2, tzinfo=SEOUL)
PERSONAS = ("student", "salaried", "self_employed", "parent", "retired")
FORMS = (("loan", 0.352), ("family", 0.337), ("agency", 0.311))
AGES = ((25, 0.120), (35, 0.097), (45, 0.129), (55, 0.290), (65, 0.364))
HOSTILE = "<script>alert('여보세요')</script>"


def micros(when: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return int((when - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


class Making:
    """Collects what happens and writes it as a town would."""

    def __init__(self, people: int, days: int, seed: int) -> None:
        self.people, self.days, self.rng = people, days, np.random.default_rng(seed)
        self.events: list[dict[str, Any]] = []
        self.truth: list[dict[str, Any]] = []
        self.campaigns: list[dict[str, Any]] = []
        self.labels: list[dict[str, Any]] = []

    def event(self, kind: str, when: datetime, customer: int, **fields: Any) -> str:
        row = {"id": f"e-{len(self.events)}", "kind": kind, "time": when.isoformat(), "customer": f"c-{customer}"}
        self.events.append(row | fields)
        return row["id"]

    def ordinary(self, per_day: int = 3) -> None:
        for n in range(self.people * self.days * per_day):
            customer = n % self.people
            hour = int(self.rng.choice([8, 12, 13, 18, 19, 21]))
            when = START + timedelta(days=n // (self.people * per_day), hours=hour, minutes=int(self.rng.integers(60)))
            amount = int(self.rng.lognormal(9.5, 1.0))
            if n % 5 == 0:
                self.event("transfer", when, customer, account=f"a-{customer}", payee=f"004-{n % 97}",
                           amount=amount * 5, currency="KRW", channel="mobile", device=f"d-{customer}")  # fmt: skip
            else:
                self.event("payment", when, customer, card=f"k-{customer}", merchant=f"m-{n % 53}", amount=amount,
                           currency="KRW", merchant_category="cafe", channel="pos")  # fmt: skip

    def phishing(self, number: int, loss: int, form: str, age: int) -> None:
        """A call, a login, transfers that add up to the loss, a report, a refund."""
        name, customer = f"camp-{number}", int(self.rng.integers(self.people))
        start = START + timedelta(days=int(self.rng.integers(self.days)), hours=10, minutes=int(self.rng.integers(400)))
        steps = [("call", {"duration_s": 1260.0, "risk": 0.7, "text": HOSTILE}), ("login", {"device": "d-new"})]
        steps += [("transfer", {"account": f"a-{customer}", "payee": "088-mule", "amount": part, "channel": "mobile"})
                  for part in (loss // 2, loss - loss // 2)]  # fmt: skip
        ids = [self.event(k, start + timedelta(minutes=9 * i), customer, **f) for i, (k, f) in enumerate(steps)]
        for event_id, (kind, _) in zip(ids, steps, strict=True):
            self._true(event_id, name, "voice_phishing", kind)
        reported = start + timedelta(seconds=round(3600 * float(self.rng.lognormal(3, 1))))
        known = self.rng.random() > 0.15
        if known:
            self._true(self.event("report", reported, customer), name, "voice_phishing", "report")
            for event_id in ids[2:]:
                self.labels.append({"event_id": event_id, "fraud": True, "known_at": reported.isoformat(),
                                    "source": "victim"})  # fmt: skip
        self._campaign(name, "voice_phishing", True, start, loss, form=form, age=age,
                       first_report_us=micros(reported) if known else None)  # fmt: skip

    def travel(self, number: int) -> None:
        """Nothing wrong: somebody pays abroad."""
        name, customer = f"look-{number}", int(self.rng.integers(self.people))
        start = START + timedelta(days=int(self.rng.integers(self.days)), hours=3)
        paid = self.event("payment", start, customer, amount=90_000, merchant="m-far", merchant_category="hotel",
                          channel="pos", country="JP")  # fmt: skip
        self._true(paid, name, "travel", "payment")
        self._campaign(name, "travel", False, start, 0)

    def _true(self, event_id: str, campaign: str, typology: str, role: str) -> None:
        self.truth.append({"event_id": event_id, "campaign_id": campaign, "typology": typology, "role": role})

    def _campaign(
        self, name: str, typology: str, is_fraud: bool, start: datetime, loss: int, *, form: str = "",
        age: int | None = None, first_report_us: int | None = None,
    ) -> None:  # fmt: skip
        self.campaigns.append({
            "campaign_id": name, "typology": typology, "form": form, "is_fraud": is_fraud, "start_us": micros(start),
            "end_us": micros(start + timedelta(minutes=40)), "victims": 1, "age": age, "loss_won": loss,
            "recovered_won": loss * 332 // 1000, "first_report_us": first_report_us, "summary": f"{typology} {HOSTILE}",
        })  # fmt: skip

    def write(self, folder: Path) -> Path:
        (folder / "truth").mkdir(parents=True, exist_ok=True)
        self.events.sort(key=lambda row: row["time"])
        _lines(folder / "events.jsonl", self.events)
        _lines(folder / "labels.jsonl", sorted(self.labels, key=lambda row: row["known_at"]))
        pl.DataFrame(self.truth).write_parquet(folder / "truth" / "events.parquet")
        pl.DataFrame(self.campaigns, infer_schema_length=None).write_parquet(folder / "truth" / "campaigns.parquet")
        born = [date(2010 - n * 7 % 75, 1 + n % 12, 1) for n in range(self.people)]
        pl.DataFrame({
            "customer": [f"c-{n}" for n in range(self.people)], "birth_date": born,
            "persona": [PERSONAS[n % len(PERSONAS)] for n in range(self.people)],
            "sex": ["f" if n % 2 else "m" for n in range(self.people)], "region": ["seoul"] * self.people,
        }).write_parquet(folder / "truth" / "people.parquet")  # fmt: skip
        info = {"seed": 7, "profile": "by hand", "start": "2024-09-02", "days": self.days, "parameters": {}}
        (folder / "town.json").write_text(json.dumps(info))
        return folder


def calibrated(making: Making, campaigns: int) -> None:
    """Campaigns whose losses, forms and ages are the supervisor's to the last per cent."""
    rng = making.rng
    for n, quantile in enumerate((np.arange(campaigns) + 0.5) / campaigns):
        # 40.42 % of victims lose 10 million or more, 2.01 % 100 million or more, 17.1 million in the mean.
        loss = 2_800_000 if quantile < 0.5958 else 29_500_000 if quantile < 0.9799 else 166_000_000
        form = str(rng.choice([f for f, _ in FORMS], p=[s for _, s in FORMS]))
        age = int(rng.choice([a for a, _ in AGES], p=[s for _, s in AGES]))
        making.phishing(n, loss, form, age)


def _lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def make_town(folder: Path, *, people: int = 60, days: int = 30, campaigns: int = 60, seed: int = 1) -> Path:
    """A finished town with some frauds and more look-alikes."""
    making = Making(people, days, seed)
    making.ordinary()
    calibrated(making, campaigns)
    for n in range(2 * campaigns):
        making.travel(n)
    return making.write(folder)
