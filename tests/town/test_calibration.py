"""The supervisor's figures, measured on campaigns that were made to fit, and on some that were not."""

from __future__ import annotations

import math

import polars as pl
import pytest

from haechi.town import Town, parameters
from haechi.town.calibration import FORMS, calibrate, supervisor
from haechi.town.truth import campaigns_of

from .report.folders import Making, calibrated
from .small import town


@pytest.fixture(scope="module")
def campaigns() -> pl.DataFrame:
    making = Making(people=100, days=30, seed=5)
    calibrated(making, 4_000)
    return pl.DataFrame(making.campaigns, infer_schema_length=None)


def test_a_town_made_to_fit_fits(campaigns) -> None:
    found = calibrate(campaigns)
    assert found.victims == 4_000
    assert not found.off
    exact = {f.name: f for f in found.figures}
    assert exact["victims_from_10m_share"].found == pytest.approx(0.404, abs=0.001)
    assert exact["refunded_share"].found == pytest.approx(0.332, abs=0.001)
    assert sum(f.found for f in found.figures if f.name.startswith("form_share")) == pytest.approx(1)
    assert sum(f.found for f in found.figures if f.name.startswith("age_share")) == pytest.approx(1)


def test_losses_twice_as_high_are_off(campaigns) -> None:
    wrong = calibrate(campaigns.with_columns(loss_won=pl.col("loss_won") * 2))
    named = {f.name: f for f in wrong.figures}
    assert named["loss_per_victim_won"].verdict == "off"
    assert named["loss_per_victim_won"].deviation == pytest.approx(0.9, abs=0.2)
    assert named["refunded_share"].verdict == "off"
    assert named["form_share.loan"].found == pytest.approx(0.352, abs=0.05)


def test_a_few_campaigns_are_too_few_to_tell(campaigns) -> None:
    few = calibrate(campaigns.sample(15, seed=1))
    assert {f.verdict for f in few.figures} == {"fits", "unsure"}


def test_the_error_is_that_of_the_mean(campaigns) -> None:
    loss = campaigns["loss_won"]
    wanted = float(loss.std()) / math.sqrt(len(loss))
    found = next(f for f in calibrate(campaigns).figures if f.name == "loss_per_victim_won")
    assert found.error == pytest.approx(wanted, rel=0.15)


def test_other_typologies_look_alikes_and_attempts_do_not_count(campaigns) -> None:
    more = pl.concat([
        campaigns,
        campaigns.with_columns(form=pl.lit("takeover")),
        campaigns.with_columns(is_fraud=pl.lit(False)),
        campaigns.with_columns(loss_won=pl.lit(0, pl.Int64)),
    ])  # fmt: skip
    assert calibrate(more) == calibrate(campaigns)


def test_a_town_without_voice_phishing_says_missing(campaigns) -> None:
    empty = calibrate(campaigns.clear())
    assert {f.verdict for f in empty.figures} == {"missing"}
    assert not empty.off


def voice_phishing(seeds: range) -> pl.DataFrame:
    """Half a year of campaigns in several standard towns: enough victims to tell, without anything else of the town."""
    towns = [Town(parameters("standard"), seed=seed) for seed in seeds]
    return pl.concat([campaigns_of(town, day, FORMS) for town in towns for day in range(town.parameters.days)])


def test_the_campaigns_of_some_forms_are_the_same_without_the_rest() -> None:
    busy = town(3_000, 4, 12.0)
    whole = campaigns_of(busy, 10)
    assert campaigns_of(busy, 10, FORMS).equals(whole.filter(pl.col("form").is_in(FORMS)))
    assert 0 < whole["form"].is_in(FORMS).sum() < whole.height


def test_the_town_itself_fits() -> None:
    found = calibrate(voice_phishing(range(300, 308)))
    assert found.victims > 2_500
    assert not [(f.name, f.found, f.wanted) for f in found.figures if f.verdict != "fits"]


@pytest.mark.nightly
def test_thirty_other_towns_fit_more_closely() -> None:
    found = calibrate(voice_phishing(range(500, 530)))
    assert found.victims > 10_000
    assert not [(f.name, f.found, f.wanted) for f in found.figures if abs(f.deviation) > 0.1]


def test_the_figures_are_those_of_the_source() -> None:
    told = {f["name"]: f["value"] for f in supervisor()["figure"]}
    assert told["loss_per_victim_won"] == pytest.approx(196.5e9 / 11_503, rel=0.002)
    assert told["victims_from_10m_share"] == pytest.approx(4_650 / 11_503, abs=1e-4)
    assert told["victims_from_100m_share"] == pytest.approx(231 / 11_503, abs=1e-4)
    assert told["refunded_share"] == pytest.approx(65.2 / 196.5, abs=1e-3)
    assert sum(v for n, v in told.items() if n.startswith("form_share")) == pytest.approx(1)
    assert sum(v for n, v in told.items() if n.startswith("age_share")) == pytest.approx(1)
    assert all(source["url"].startswith("http") for source in supervisor()["source"])
