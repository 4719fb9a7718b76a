"""What has been confirmed about an entity: frauds and good events, only once they are known.

The largest gain measured of all feature families: delayed labels for each entity, the age of a run of confirmed frauds,
and the confirmed frauds that the subject's own behaviour does not explain. Windows end at the moment of looking and
count by the time a label became known, so nothing from the future can leak in.
"""

from __future__ import annotations

import numpy as np

from haechi.features.blocks.fade import fade
from haechi.features.jit import compiled
from haechi.features.words import load_f4, load_f8, load_i8, load_u4, store_f4, store_f8, store_i8, store_u4

__all__ = ["BYTES", "NAMES", "verdicts_emit", "verdicts_learn"]

FRAUDS = 16
SPANS = 3
# f8: known, frauds, unexplained, run, run unexplained, running mean of the label;
# i8: run start, last fraud, last good, last unexplained (event times); newest known-at i8; last label + 1 u4, frauds
# in ring u4
KNOWN, ALL_FRAUDS, UNEXPLAINED, RUN, RUN_UNEXPLAINED, RUNNING = 0, 8, 16, 24, 32, 40
RUN_START, LAST_FRAUD, LAST_GOOD, LAST_UNEXPLAINED, NEWEST = 48, 56, 64, 72, 80
LAST, RING_COUNT = 88, 92
FADED = 96  # for each span: known f4, frauds f4
RING = FADED + 8 * SPANS  # known-at i8 x 16, unexplained f4 x 16
BYTES = RING + 12 * FRAUDS
NAMES_SPAN = ("frauds", "unexplained", "fraud_rate", "fraud_rate_shrunk")
NAMES = (
    "frauds_all",
    "fraud_rate_all_shrunk",
    "unexplained_all",
    "fraud_gap_s",
    "fraud_run",
    "fraud_run_age_s",
    "last_label",
    "label_running_mean",
    "good_gap_s",
    "unexplained_gap_s",
    "fraud_run_unexplained",
    "labels_known",
)
PRIOR, PRIOR_WEIGHT = 0.005, 10.0
STEP = 0.3


@compiled
def verdicts_emit(b: int, time_us: int, spans: int, out: int) -> None:
    """Emit 4 features for each of 3 spans and 12 more from the labels known so far.

    `spans`: the address of three i8 in microseconds.
    """
    known, frauds = load_f8(b + KNOWN), load_f8(b + ALL_FRAUDS)
    count = min(np.int64(load_u4(b + RING_COUNT)), FRAUDS)
    since = np.float64(time_us - load_i8(b + NEWEST))
    for s in range(SPANS):
        span = load_i8(spans + 8 * s)
        recent, unexplained = 0, 0.0
        for i in range(count):
            if time_us - load_i8(b + RING + 8 * i) <= span:
                recent += 1
                unexplained += np.float64(load_f4(b + RING + 8 * FRAUDS + 4 * i))
        o = out + 16 * s
        store_f4(o, np.float32(recent))
        store_f4(o + 4, np.float32(unexplained))
        left = fade(since / span) if known > 0.0 else 0.0
        faded, faded_frauds = load_f4(b + FADED + 8 * s) * left, load_f4(b + FADED + 8 * s + 4) * left
        if faded > 1e-3:
            store_f4(o + 8, np.float32(faded_frauds / faded))
        store_f4(o + 12, np.float32((faded_frauds + PRIOR * PRIOR_WEIGHT) / (faded + PRIOR_WEIGHT)))
    _emit_run(b, time_us, known, frauds, out + 16 * SPANS)


@compiled
def _emit_run(b: int, time_us: int, known: float, frauds: float, o: int) -> None:
    run = load_f8(b + RUN)
    store_f4(o, np.float32(frauds))
    store_f4(o + 4, np.float32((frauds + PRIOR * PRIOR_WEIGHT) / (known + PRIOR_WEIGHT)))
    store_f4(o + 8, np.float32(load_f8(b + UNEXPLAINED)))
    if load_i8(b + LAST_FRAUD) != 0:
        store_f4(o + 12, np.float32((time_us - load_i8(b + LAST_FRAUD)) * 1e-6))
    store_f4(o + 16, np.float32(run))
    if run > 0.0:
        store_f4(o + 20, np.float32((time_us - load_i8(b + RUN_START)) * 1e-6))
    if known > 0.0:
        store_f4(o + 24, np.float32(np.int64(load_u4(b + LAST)) - 1))
        store_f4(o + 28, np.float32(load_f8(b + RUNNING)))
    if load_i8(b + LAST_GOOD) != 0:
        store_f4(o + 32, np.float32((time_us - load_i8(b + LAST_GOOD)) * 1e-6))
    if load_i8(b + LAST_UNEXPLAINED) != 0:
        store_f4(o + 36, np.float32((time_us - load_i8(b + LAST_UNEXPLAINED)) * 1e-6))
    store_f4(o + 40, np.float32(load_f8(b + RUN_UNEXPLAINED)))
    store_f4(o + 44, np.float32(known))


@compiled
def verdicts_learn(b: int, event_us: int, known_at_us: int, fraud: bool, unexplained: float, spans: int) -> None:
    """Learn that an event of this entity turned out to be fraud or good, known since `known_at_us`."""
    known = load_f8(b + KNOWN)
    newest = load_i8(b + NEWEST)
    y = 1.0 if fraud else 0.0
    for s in range(SPANS):
        left = fade((known_at_us - newest) / np.float64(load_i8(spans + 8 * s))) if known > 0.0 else 0.0
        cell = b + FADED + 8 * s
        store_f4(cell, np.float32(load_f4(cell) * left + 1.0))
        store_f4(cell + 4, np.float32(load_f4(cell + 4) * left + y))
    store_i8(b + NEWEST, max(newest, known_at_us))
    store_f8(b + KNOWN, known + 1.0)
    running = load_f8(b + RUNNING) if known > 0.0 else PRIOR
    store_f8(b + RUNNING, running + STEP * (y - running))
    store_u4(b + LAST, np.uint32(2 if fraud else 1))
    if fraud:
        _learn_fraud(b, event_us, known_at_us, unexplained)
    else:
        store_f8(b + RUN, 0.0)
        store_f8(b + RUN_UNEXPLAINED, 0.0)
        store_i8(b + LAST_GOOD, event_us)


@compiled
def _learn_fraud(b: int, event_us: int, known_at_us: int, unexplained: float) -> None:
    run = load_f8(b + RUN)
    if run == 0.0:
        store_i8(b + RUN_START, event_us)
    store_f8(b + RUN, run + 1.0)
    store_f8(b + RUN_UNEXPLAINED, load_f8(b + RUN_UNEXPLAINED) + unexplained)
    store_f8(b + ALL_FRAUDS, load_f8(b + ALL_FRAUDS) + 1.0)
    store_f8(b + UNEXPLAINED, load_f8(b + UNEXPLAINED) + unexplained)
    store_i8(b + LAST_FRAUD, event_us)
    if unexplained > 0.5:
        store_i8(b + LAST_UNEXPLAINED, event_us)
    n = load_u4(b + RING_COUNT)
    i = np.int64(n) % FRAUDS
    store_i8(b + RING + 8 * i, known_at_us)
    store_f4(b + RING + 8 * FRAUDS + 4 * i, np.float32(unexplained))
    store_u4(b + RING_COUNT, np.uint32(n + np.uint32(1)))
