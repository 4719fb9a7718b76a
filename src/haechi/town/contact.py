"""What reaches people by telephone on a day, and their looks at the account without doing anything there."""

from __future__ import annotations

import numpy as np

from haechi.town.acts import APP, BIOMETRIC, FAILED, OK, PASSWORD, PIN, Acts, Kind, acts_of, joined
from haechi.town.almanac import DayClass, class_of
from haechi.town.scene import Scene

CALLS_PER_DAY, MESSAGES_PER_DAY = 0.10, 0.16
SALES_CALL_SHARE = 0.10
TOLD_CALL_SHARE = 0.15  # of the calls: the customer let the app listen
FAILED_SHARE = 0.015  # of the logins: a wrong finger, a wrong number
CALL_TEXTS = ("friend", "family", "shop", "bank_real", "delivery", "agency_real", "work")
MESSAGE_TEXTS = ("sms_delivery", "sms_card", "sms_bank", "sms_friend", "sms_family", "sms_advert", "sms_code")


def contact(scene: Scene) -> Acts:
    """Calls, messages and looks of a scene."""
    return joined([_looks(scene), _calls(scene), _messages(scene)])


def _looks(scene: Scene) -> Acts:
    rng = scene.rng
    customer = scene.people_times(scene.town.people.looks_per_day[scene.who])
    n, second = len(customer), scene.seconds(customer)
    failed = rng.random(n) < FAILED_SHARE
    throw = rng.random(n)
    return acts_of(
        n, time_us=scene.start_us + second * 1_000_000, kind=Kind.LOGIN, customer=customer,
        device=scene.phone(customer), ip=scene.ip(customer), channel=APP, result=np.where(failed, FAILED, OK),
        method=np.select([throw < 0.68, throw < 0.96], [BIOMETRIC, PIN], PASSWORD),
    )  # fmt: skip


def _calls(scene: Scene) -> Acts:
    rng = scene.rng
    rate = CALLS_PER_DAY * (0.7 if class_of(scene.date) >= DayClass.SATURDAY else 1.1)
    customer = scene.people_times(rate)
    n = len(customer)
    sales = rng.random(n) < SALES_CALL_SHARE
    risk = np.where(sales, 150 + 600 * rng.random(n), 1_000 * rng.beta(1.1, 14, n))
    which = rng.integers(0, len(CALL_TEXTS), n)
    text = scene.town.speech.of(np.where(sales, len(CALL_TEXTS), which), (*CALL_TEXTS, "sales"), rng)
    return acts_of(
        n, time_us=scene.start_us + rng.integers(9 * 3_600, 21 * 3_600, n) * 1_000_000, kind=Kind.CALL,
        customer=customer, device=scene.phone(customer), risk=risk.astype(np.int64),
        duration_s=np.clip(np.exp(np.log(70) + 1.0 * rng.standard_normal(n)), 3, 7_200).astype(np.int64),
        text=np.where(rng.random(n) < TOLD_CALL_SHARE, text, -1),
    )  # fmt: skip


def _messages(scene: Scene) -> Acts:
    rng = scene.rng
    customer = scene.people_times(MESSAGES_PER_DAY)
    n = len(customer)
    which = rng.integers(0, len(MESSAGE_TEXTS), n)
    return acts_of(
        n, time_us=scene.start_us + rng.integers(8 * 3_600, 22 * 3_600, n) * 1_000_000, kind=Kind.MESSAGE,
        customer=customer, device=scene.phone(customer), risk=(1_000 * rng.beta(1.1, 16, n)).astype(np.int64),
        text=scene.town.speech.of(which, MESSAGE_TEXTS, rng),
    )  # fmt: skip
