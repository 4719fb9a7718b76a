"""The detector judges a known event, and its reasons sum to its score and read like sentences."""

from __future__ import annotations

import numpy as np
import pytest

from haechi.detectors import Artifact, Calibration, Detector, ForeignFeatures, Supervised, View
from haechi.detectors.artifact import Fitted, seal
from haechi.detectors.boosting import fit, prepare
from haechi.detectors.linear import Linear
from haechi.detectors.logistic import fit_logistic
from haechi.detectors.stories import WORTH_TELLING, Stories, story
from haechi.detectors.supervised import LEAST_OF_MANY
from haechi.events import Event, Schema
from haechi.features import Known, Memory, Spec, default_spec

from .making import TINY

DAY_US = 86_400_000_000
# The same features as in the tests of the features room: their kernel is compiled once.
SCHEMA = Schema.parse(
    {
        "name": "small",
        "kind": "payment",
        "time": {"column": "time", "unit": "us"},
        "id": {"column": "id"},
        "entities": {"customer": {"column": "customer"}, "merchant": {"column": "merchant"}},
        "amount": {"column": "amount", "currency": "KRW"},
        "categories": {"columns": ["channel"]},
        "numbers": {"columns": ["risk"]},
        "label": {"column": "fraud", "positive": [1], "negative": [0], "delay": "7d"},
    }
)


def payment(i: int, amount: int) -> Event:
    return Event(
        id=f"e{i}", kind="payment", time_us=1_700_000_000_000_000 + i * DAY_US // 3, amount=amount, currency="KRW",
        entities={"customer": f"c{i % 5}", "merchant": f"m{i % 7}"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def spec() -> Spec:
    return default_spec(SCHEMA)


@pytest.fixture(scope="module")
def history(spec) -> tuple[Memory, np.ndarray, np.ndarray]:
    memory, r = Memory(spec), np.random.default_rng(0)
    y = (r.random(900) < 0.1).astype(np.int8)
    amounts = np.where(y == 1, r.integers(9_000, 30_000, 900), r.integers(1_500, 2_500, 900))
    return memory, np.stack([memory.look_and_learn(payment(i, int(a))).row for i, a in enumerate(amounts)]), y


@pytest.fixture(scope="module")
def artifact(spec, history) -> Artifact:
    _, x, y = history
    text = fit(TINY, prepare(x, y, np.ones(len(y)), seed=0, plan=TINY), seed=0)
    reference = reference_row(x[y == 0])
    return seal(
        Fitted((text,), View.whole(x.shape[1])), x, names=spec.names, roles=tuple(f.role for f in spec.features),
        spec_hash=spec.hash, reference=reference, calibration=Calibration(), settings={}, seed=0,
    )  # fmt: skip


def test_a_large_payment_is_judged_higher_and_the_amount_is_the_reason(spec, artifact, history) -> None:
    memory = history[0]
    detector: Detector = Supervised(artifact, spec)
    calm, wild = payment(900, 2_000), payment(905, 20_000)
    known_calm, known_wild = memory.look_and_learn(calm), memory.look_and_learn(wild)
    low, high = detector.judge(calm, known_calm), detector.judge(wild, known_wild)
    assert low.score < 0.2 < 0.5 < high.score
    assert (high.detector, high.version, high.reasons) == ("supervised", artifact.version, ())
    reasons = detector.explain(wild, known_wild, high)
    assert 1 <= len(reasons) <= 5
    assert [r.weight for r in reasons] == sorted((r.weight for r in reasons), reverse=True)
    assert reasons[0].code == "supervised.amount"
    assert reasons[0].value == "20,000 won"
    assert "times the customer's usual" in reasons[0].text["en"]
    assert reasons[0].text["ko"].startswith("금액 20,000원, 평소")
    assert all(r.text["en"] and r.text["ko"] for r in reasons)


def test_each_story_is_told_once_and_weighs_the_sum_of_its_features(spec, artifact, history) -> None:
    event = payment(906, 20_000)
    known = history[0].look_and_learn(event)
    detector = Supervised(artifact, spec)
    reasons = detector.explain(event, known, detector.judge(event, known), top=100)
    told = [story(spec.features[spec.index(r.code.removeprefix("supervised."))], spec) for r in reasons]
    assert len(set(told)) == len(told) < len({story(f, spec) for f in spec.features})
    assert min(r.weight for r in reasons) >= WORTH_TELLING * reasons[0].weight
    credit = detector.contributions(known)
    for name, reason in zip(told, reasons, strict=True):
        members = [i for i, f in enumerate(spec.features) if story(f, spec) == name]
        assert reason.weight == pytest.approx(credit[members].sum(), abs=1e-12)


def test_what_is_unknown_or_as_usual_tells_nothing_whatever_its_credit(spec) -> None:
    stories = Stories(spec)
    row, reference, credit = np.ones(len(spec.names)), np.ones(len(spec.names)), np.zeros(len(spec.names))

    def told(name: str, seen: float, usual: float) -> list[str]:
        at, heard = spec.index(name), credit.copy()
        row[at], reference[at], heard[at] = seen, usual, 2.0
        return [spec.names[i] for i, _ in stories.strongest(heard, 5, row, reference)]

    assert told("customer.gap_s", 15.0, 7_200.0) == ["customer.gap_s"]
    assert told("customer.gap_s", np.nan, 7_200.0) == [], "nobody knows it"
    assert told("customer.gap_s", 7_000.0, 7_200.0) == [], "about as long as ever"
    assert told("customer.count_1h", 0.0, 0.0) == []
    assert told("customer.count_1h", 9.0, 0.0) == ["customer.count_1h"]
    assert told("number.risk", 1.1, 1.0) == ["number.risk"], "of a bank's own figures nobody knows how much is much"
    for silent in ("amount_cents", "customer.count_30d", "merchant.rate_1h", "merchant.sum_7d", "merchant.subjects_2d",
                   "customer.unexplained_7d"):  # fmt: skip
        assert told(silent, 100.0, 1.0) == [], silent
    for telling in ("merchant.crowd_large_short", "merchant.unexplained_7d", "customer.sum_1h", "merchant.frauds_7d"):
        assert told(telling, 100.0, 1.0) == [telling]
    assert told("amount", np.nan, 1.0) == [], "a login moves no money"


def test_what_sounds_like_the_usual_is_no_reason(spec, history) -> None:
    event = payment(907, 2_000)
    known = history[0].look_and_learn(event)
    at = next(i for i, f in enumerate(spec.features) if (f.unit, f.family, f.is_telling) == ("share", "label", True))
    linear = Linear(
        np.array([at]), np.zeros(1), np.ones(1), np.array([9_000.0]), np.zeros(1), 0.0, False, len(spec.names)
    )  # fmt: skip
    reference = np.zeros(len(spec.names), np.float32)
    told = []
    for seen, usual in ((0.0004, 0.0002), (0.004, 0.002)):
        known.row[at], reference[at] = seen, usual
        artifact = seal(
            Fitted((), View.whole(len(spec.names)), linear), known.row[None], names=spec.names,
            roles=tuple(f.role for f in spec.features), spec_hash=spec.hash, reference=reference,
            calibration=Calibration(), settings={}, seed=0,
        )  # fmt: skip
        detector = Supervised(artifact, spec)
        told.append([one.value for one in detector.explain(event, known, detector.judge(event, known))])
    assert told == [[], ["0.4%"]], "less than 0.1% is not told beside less than 0.1%"


def test_stories_are_amounts_hours_labels_and_fields(spec) -> None:
    def of(name: str) -> str:
        return story(spec.features[spec.index(name)], spec)

    assert of("amount") == of("customer.z_30d") != of("merchant.z_all")
    assert of("hour") == of("customer.hour_share") == of("weekday")
    assert of("merchant.frauds_7d") == of("merchant.fraud_run") != of("customer.frauds_7d")
    assert of("number.risk") == "number.risk"


def test_a_category_is_told_by_its_name() -> None:
    spec = default_spec(Schema.read("bank"))
    judge = Supervised.__new__(Supervised)
    judge.name = "supervised"
    event = Event(id="e", kind="payment", time_us=1, entities={}, categories={"merchant_category": "ice_cream"})
    features = {f.name: f for f in spec.features}
    said = [
        judge._reason(features[f"category.{name}"], 5.0, 1.0, 0.4, event)
        for name in ("merchant_category", "kind", "channel")
    ]
    assert said[0].value == "ice cream"
    assert said[0].text == {"en": "kind of shop: ice cream", "ko": "업종 아이스크림 가게"}
    assert said[1].value == "payment"
    assert said[2].value == "5", "an event that does not say"


def test_contributions_sum_to_the_score(spec, artifact, history) -> None:
    memory = history[0]
    detector = Supervised(artifact, spec)
    known = memory.look_and_learn(payment(910, 12_000))
    reference = detector.reference(known.row)
    forest = artifact.model
    difference = forest.score_one(known.row) - forest.score_one(reference)
    assert detector.contributions(known).sum() == pytest.approx(difference, abs=1e-9)


def test_the_reference_has_this_history_and_its_usual_amount(spec, artifact, history) -> None:
    known = history[0].look_and_learn(payment(915, 12_000))
    reference = Supervised(artifact, spec).reference(known.row)
    level = [i for i, f in enumerate(spec.features) if f.role == "level"]
    assert np.array_equal(reference[level], known.row[level], equal_nan=True)
    assert (
        reference[spec.index("amount")] == known.row[spec.index("customer.median50")] != known.row[spec.index("amount")]
    )


def test_judging_twice_is_judging_once(spec, artifact, history) -> None:
    event = payment(920, 12_000)
    known = history[0].look_and_learn(event)
    before = known.row.copy()
    detector = Supervised(artifact, spec)
    first = detector.judge(event, known)
    detector.explain(event, known, first)
    assert detector.judge(event, known) == first
    assert np.array_equal(before, known.row, equal_nan=True)


def test_a_model_of_other_features_is_refused(artifact) -> None:
    other = default_spec(SCHEMA, overrides={"windows": ["1h", "1d", "7d"]})
    with pytest.raises(ForeignFeatures, match="it misses"):
        Supervised(artifact, other)


@pytest.fixture(scope="module")
def linear(spec, history) -> Artifact:
    _, x, y = history
    fitted = Fitted((), View.whole(x.shape[1]), fit_logistic(x, y, np.ones(len(y))))
    return seal(
        fitted, x, names=spec.names, roles=tuple(f.role for f in spec.features), spec_hash=spec.hash,
        reference=reference_row(x[y == 0]), calibration=Calibration("platt", 0.9, -0.1), settings={}, seed=0,
    )  # fmt: skip


def reference_row(legitimate: np.ndarray) -> np.ndarray:
    known = ~np.isnan(legitimate).all(axis=0)
    row = np.full(legitimate.shape[1], np.nan, dtype=np.float32)
    row[known] = np.nanmedian(legitimate[:, known], axis=0)
    return row


def test_a_linear_model_judges_a_row_as_it_judges_many(spec, linear, history) -> None:
    detector, rows = Supervised(Artifact.decode(linear.encode()), spec), history[1]
    scores, one_in = np.empty(len(rows)), np.empty(len(rows))
    detector.judge_rows(rows, scores, one_in)
    assert scores.tolist() == [detector.judge_row(Known(row, spec, 0.0)).score for row in rows]
    assert not one_in.any()


def test_a_linear_models_reasons_are_exact_and_none_is_weak_or_a_code(spec, linear, history) -> None:
    detector, event = Supervised(linear, spec), payment(925, 25_000)
    known = history[0].look_and_learn(event)
    model, reference = linear.model, detector.reference(known.row)
    credit = detector.contributions(known)
    assert credit.sum() == pytest.approx(model.score_one(known.row) - model.score_one(reference), abs=1e-9)
    reasons = detector.in_full(event, known, 100)
    assert reasons[0].code == "supervised.amount"
    assert min(reason.weight for reason in reasons) >= LEAST_OF_MANY
    units = {f"supervised.{f.name}": f.unit for f in spec.features}
    assert "code" not in {units[reason.code] for reason in reasons}
    calm = payment(930, 2_000)
    known = history[0].look_and_learn(calm)
    assert not detector.explain(calm, known, detector.judge(calm, known)), "as ever: nothing raises the odds by half"


def test_a_code_speaks_for_trees_only(spec) -> None:
    row, reference, credit = np.ones(len(spec.names)), np.zeros(len(spec.names)), np.zeros(len(spec.names))
    credit[spec.index("category.channel")] = 2.0
    assert Stories(spec).strongest(credit, 5, row, reference)
    assert not Stories(spec, speak_codes=False).strongest(credit, 5, row, reference)
    assert not Stories(spec).strongest(credit, 5, row, reference, least=2.1)
