"""How large a town is and how much fraud it sees."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta

from haechi.town.errors import ImpossibleTown

CUSTOMERS_MAX = 10_000_000
SHOPS_MAX = 1_000_000
DAYS_MAX = 3_660
FIRST_START, LAST_START = date(1990, 1, 1), date(2090, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The size of a town, its first day and its fraud.

    The three fraud kinds and their rates are those published for the simulator of the Fraud Detection Handbook
    (Le Borgne et al., chapter 3): 2 of 10,000 shops and 3 of 5,000 customers fall a day. Its first kind calls every
    payment above a threshold a fraud; here a share of them, because people do buy a wardrobe now and then.
    """

    customers: int = 1_000
    shops: int = 400
    days: int = 90
    start: date = date(2024, 7, 27)
    large_amount_won: int = 800_000
    large_amount_fraud_share: float = 0.5
    shops_compromised_per_day: float = 2 / 10_000  # of all shops
    shop_compromised_days: int = 28
    cards_stolen_per_day: float = 3 / 5_000  # of all customers
    card_stolen_days: int = 14
    stolen_payment_share: float = 1 / 3
    stolen_amount_factor: int = 5
    strange_hands_per_day: float = 0.0  # of all customers; not a kind of the Handbook's
    strange_hand_days: int = 7
    strange_payment_share: float = 0.5
    strange_amount_factor: int = 3
    report_delay_median_hours: float = 48.0
    report_delay_days_max: int = 45
    settled_after_days: int = 7  # a payment nobody complained about counts as legitimate from then on
    never_labelled_share: float = 0.1  # of frauds and others alike, so that a missing label tells nothing

    def __post_init__(self) -> None:
        for field in fields(self):
            expected, value = type(field.default), getattr(self, field.name)
            number_ok = expected is float and isinstance(value, int) and not isinstance(value, bool)
            if type(value) is not expected and not number_ok:
                raise ImpossibleTown(f"{field.name} must be of type {expected.__name__}, not {value!r}")
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:  # a NaN fails here too
                raise ImpossibleTown(f"{name} must be between {low} and {high}, not {value}")

    def date_of(self, day: int) -> date:
        """The date of the town's day with this number; day 0 is the first."""
        return self.start + timedelta(days=day)


LIMITS: dict[str, tuple[float | date, float | date]] = {
    "customers": (1, CUSTOMERS_MAX),
    "shops": (20, SHOPS_MAX),
    "days": (1, DAYS_MAX),
    "start": (FIRST_START, LAST_START),
    "large_amount_won": (1, 10**12),
    "large_amount_fraud_share": (0, 1),
    "shops_compromised_per_day": (0, 1),
    "shop_compromised_days": (1, 365),
    "cards_stolen_per_day": (0, 1),
    "card_stolen_days": (1, 365),
    "stolen_payment_share": (0, 1),
    "stolen_amount_factor": (1, 1_000),
    "strange_hands_per_day": (0, 1),
    "strange_hand_days": (1, 365),
    "strange_payment_share": (0, 1),
    "strange_amount_factor": (1, 1_000),
    "report_delay_median_hours": (0.1, 24 * 365),
    "report_delay_days_max": (1, 365),
    "settled_after_days": (0, 365),
    "never_labelled_share": (0, 1),
}
