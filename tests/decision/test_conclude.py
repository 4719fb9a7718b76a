"""A decision carries all its evidence."""

from __future__ import annotations

from haechi.decision.conclude import conclude
from haechi.events import Signal

from .house_for_tests import Told, event, house


def test_a_currency_without_prices_is_named() -> None:
    decision = conclude(event(currency="GBP"), Told(), [Signal("supervised", 0.5, "1")], [], house())
    assert decision.degraded == ["policy.prices.GBP"]


def test_versions_include_the_policys() -> None:
    home = house()
    decision = conclude(event(), Told(), [Signal("supervised", 0.5, "1")], [], home)
    assert decision.versions == {"features": "f1", "model": "m1", "rules": "", "policy": home.policy.version}
