"""Every campaign is told so that an analyst would believe it."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest

from haechi.town.acts import JUDGED, Kind
from haechi.town.truth import campaigns_of
from haechi.town.typologies import CAMPAIGN_DAYS_MAX, NAMES, ROLES, TYPOLOGIES

from .small import town

BUSY = town(3_000, 4, 12.0)
WAVES = [BUSY.wave(n) for n in range(0, 60, 2)]
FRAUDS = [t.name for t in TYPOLOGIES if t.is_fraud]


def told(name: str) -> list:
    return [(w, c) for w in WAVES for c in w.campaigns if c.typology == name]


def acts_of(wave, campaign):
    return wave.acts.take(wave.acts["campaign"] == campaign.number)


@pytest.mark.parametrize("name", NAMES)
def test_each_typology_happens_with_a_summary_and_acts_in_bounds(name) -> None:
    found = told(name)
    assert found, "no campaign of this kind"
    for wave, campaign in found:
        acts = acts_of(wave, campaign)
        assert campaign.summary
        assert (acts["amount"][np.isin(acts["kind"], JUDGED)] > 0).all()
        assert acts["time_us"].min() >= BUSY.start_us
        days = wave.days[wave.acts["campaign"] == campaign.number]
        assert days.max() - campaign_day(campaign) <= CAMPAIGN_DAYS_MAX
        assert (acts["fraud"].any()) == (campaign.is_fraud and acts["fraud"].any())
        if not campaign.is_fraud:
            assert not acts["fraud"].any()
            assert campaign.loss_won == 0


def campaign_day(campaign) -> int:
    return campaign.number >> 19


@pytest.mark.parametrize("name", FRAUDS)
def test_frauds_come_out_late_or_never_and_no_more_comes_back_than_was_lost(name) -> None:
    reports = 0
    for wave, campaign in told(name):
        acts = acts_of(wave, campaign)
        fraud = acts.take(acts["fraud"])
        if not len(fraud):
            continue
        assert 0 <= campaign.recovered_won <= max(campaign.loss_won, 0)
        known = fraud["told_us"][fraud["told"] >= 0]
        reports += len(known) > 0
        assert (known > fraud["time_us"][fraud["told"] >= 0]).all()
    assert reports


def test_a_call_or_a_message_precedes_the_transfers_of_voice_phishing() -> None:
    for name in ("voice_loan", "voice_agency", "voice_family"):
        for wave, campaign in told(name):
            acts = acts_of(wave, campaign)
            contact = np.isin(acts["kind"], (Kind.CALL, Kind.MESSAGE))
            first = acts["time_us"][np.array([ROLES[r] == "victim_transfer" for r in acts["role"]])].min()
            assert acts["time_us"][contact].min() < first


def test_mules_pass_on_within_the_hour() -> None:
    gaps = []
    for wave, campaign in told("mule_ring"):
        acts = acts_of(wave, campaign).in_order()
        got: dict[int, int] = {}
        for kind, who, at in zip(acts["kind"], acts["customer"], acts["time_us"], strict=True):
            if kind == Kind.DEPOSIT:
                got[int(who)] = int(at)
            elif kind in (Kind.TRANSFER, Kind.WITHDRAWAL) and int(who) in got:
                gaps.append((int(at) - got[int(who)]) / 60e6)
    assert len(gaps) > 20
    assert np.median(gaps) < 30


def test_mule_accounts_are_used_by_several_campaigns() -> None:
    users: dict[int, set[int]] = defaultdict(set)
    for name in ("voice_loan", "voice_agency", "voice_family"):
        for wave, campaign in told(name):
            acts = acts_of(wave, campaign)
            for account in acts["party"][(acts["kind"] == Kind.TRANSFER) & acts["fraud"]].tolist():
                users[account].add(campaign.number)
    assert Counter(len(u) > 1 for u in users.values())[True] > 3


def test_campaigns_are_told_in_a_table() -> None:
    table = pl.concat([campaigns_of(BUSY, n) for n in range(0, 20, 2)])
    assert table["campaign_id"].n_unique() == table.height
    assert (table["end_us"] >= table["start_us"]).all()
    losers = table.filter(pl.col("form").is_in(["loan", "family", "agency"]))
    assert losers["age"].is_between(19, 86).all()
    assert losers["loss_won"].min() > 0
