"""Fraud: the three kinds of the Fraud Detection Handbook's simulator, from its published description, and one more.

1. A payment above a threshold (here: a share of them).
2. A shop's terminal is compromised: for 28 days the payments there are fraud, their amounts unchanged.
3. A card's details are stolen: for 14 days a third of its payments are fraud, five times as high.
4. Not of that simulator, and off unless asked for: a strange hand has the card. For 7 days half of its payments are
   fraud, at hours of that person's choice and three times as high.

Source of the first three: Le Borgne, Siblini, Lebichot, Bontempi, "Reproducible Machine Learning for Credit Card Fraud
Detection", 2022, chapter 3. Written from the description; where two kinds meet, the later of them names the fraud, as
published, and the fourth only what no other does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from haechi.town.parameters import Parameters

# The number of a kind is its place; 0 is no fraud.
KINDS = ("", "large_amount", "compromised_shop", "stolen_card", "strange_hand")
LARGE_AMOUNT, COMPROMISED_SHOP, STOLEN_CARD, STRANGE_HAND = 1, 2, 3, 4

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Outbreak:
    """The shops compromised and the customers robbed on one day."""

    shops: Ints
    customers: Ints


def draw_outbreak(parameters: Parameters, rng: np.random.Generator) -> Outbreak:
    """Whom fraud reaches today."""
    shops = min(rng.poisson(parameters.shops_compromised_per_day * parameters.shops), parameters.shops)
    customers = min(rng.poisson(parameters.cards_stolen_per_day * parameters.customers), parameters.customers)
    return Outbreak(
        rng.choice(parameters.shops, size=shops, replace=False, shuffle=False),
        rng.choice(parameters.customers, size=customers, replace=False, shuffle=False),
    )


def draw_strangers(parameters: Parameters, rng: np.random.Generator) -> Ints:
    """Whose card gets into a strange hand today."""
    count = min(rng.poisson(parameters.strange_hands_per_day * parameters.customers), parameters.customers)
    return rng.choice(parameters.customers, size=count, replace=False, shuffle=False)


def move_hours(
    parameters: Parameters, victims: list[Ints], customer: Ints, hour: Ints, rng: np.random.Generator
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The hours of a day's payments when strange hands choose some of them, and which these are."""
    strange = np.isin(customer, _hit(victims)) & (rng.random(len(customer)) < parameters.strange_payment_share)
    return np.where(strange, rng.integers(0, 24, len(hour)), hour), strange


def commit_fraud(
    parameters: Parameters,
    outbreaks: list[Outbreak],
    customer: Ints,
    shop: Ints,
    amount: Ints,
    rng: np.random.Generator,
) -> tuple[Ints, npt.NDArray[np.int8]]:
    """The day's amounts after fraud, and the kind of fraud of each payment.

    `outbreaks` are today's and earlier ones, newest first.
    """
    lucky = rng.random(len(amount))
    large = (amount > parameters.large_amount_won) & (lucky < parameters.large_amount_fraud_share)
    compromised = np.isin(shop, _hit([o.shops for o in outbreaks[: parameters.shop_compromised_days]]))
    robbed = np.isin(customer, _hit([o.customers for o in outbreaks[: parameters.card_stolen_days]]))
    stolen = robbed & (rng.random(len(amount)) < parameters.stolen_payment_share)
    kind = np.select([stolen, compromised, large], [STOLEN_CARD, COMPROMISED_SHOP, LARGE_AMOUNT], 0).astype(np.int8)
    return np.where(stolen, amount * parameters.stolen_amount_factor, amount), kind


def _hit(outbreaks: list[Ints]) -> Ints:
    return np.unique(np.concatenate([*outbreaks, np.empty(0, np.int64)]))
