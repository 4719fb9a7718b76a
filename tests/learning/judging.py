"""A report and a card as a training makes them, small enough to read."""

from __future__ import annotations

SHARE = {"value": 0.5, "interval": [0.4, 0.6], "of": 40}
FEW = {"value": "too few", "of": 3}
MODEL = {"ap": 0.6, "ap_interval": [0.5, 0.7], "auc": 0.9, "recall_at_budget": {"100": SHARE}}
BETTER = {"model_is_better_by": {"ap": 0.1, "interval": [0.02, 0.2]}}
NONE = {"value": "no evidence"}
BAND = {
    "events": 100, "frauds": 40, "recall": SHARE, "false_alarms": SHARE, "recall_gap": SHARE, "false_alarm_gap": FEW,
}  # fmt: skip
REPORT = {
    "version": "ab", "labelled": 1_000, "frauds": 50, "beats_baseline": True,
    "chosen": {"model": "linear"}, "baseline": {"name": "surprise", "ap": 0.3},
    "champion_until": "2024-10-01T00:00:00Z",
    "slices": {
        "judged": {"events": 500, "frauds": 40},
        "against": {
            "model": MODEL, "logistic": MODEL | BETTER, "champion": MODEL | BETTER,
            "trees": MODEL | BETTER, "rules": {"recall": SHARE, "precision": SHARE, "model": SHARE},
        },
        "money": {"taken": 100, "saved": 60, "share": 0.6, "interval": [0.5, 0.7]},
        "typologies": {"phishing": SHARE, "": FEW},
        "segments": {"age": {"under 19": BAND}},
        "months": [{"month": "2024-10", "events": 500, "frauds": 40, "ap": "too few", "recall": 0.5, "ece": 0.01,
                    "mean_probability": 0.08, "fraud_rate": 0.08}],
        "curves": {
            "precision_recall": [[0.1, 1.0], [1.0, 0.2]], "calibration": [[0.1, 0.1, 50.0]],
            "gain": [[5.0, 0.1], [10.0, 0.3]],
        },
    },
    "explanation": {"adds_up": True, "one_feature_carries_it": False, "features": {"amount": 0.4, "hour": 0.2}},
}  # fmt: skip
CARD = {
    "until": "2024-11-01T00:00:00Z", "events": 2_000,
    "spans": {"first": "2024-01-01T00:00:00Z", "last": "2024-11-01T00:00:00Z", "taught_until": "2024-10-20T00:00:00Z"},
    "taught": {"fraud": 50, "legitimate": 950, "unknown": 1_000},
    "maturity": {"gap_days": 12.0}, "base_rate": {"known": 0.025, "corrected": None},
    "selection": {"stopped": 9, "released": 0, "stopped_without_outcome": 9, "weight_of_a_release": 1.0},
    "label_sources": {"import": {"fraud": 50, "legitimate": 950}}, "screening": [], "shifts": {},
}  # fmt: skip
