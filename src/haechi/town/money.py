"""Money that people send and get on a day: sessions of login, payee and transfer; salaries, rents, pocket money."""

from __future__ import annotations

import numpy as np

from haechi.town.acts import (
    APP,
    ATM,
    BIOMETRIC,
    BRANCH,
    OK,
    OTHER_BANKS,
    OTP,
    PHONE,
    PIN,
    Acts,
    Kind,
    acts_of,
    joined,
)
from haechi.town.almanac import BRANCH_CLOSES, OFFICE_OPENS, due_days, is_free_day, is_gift_season
from haechi.town.dice import Bools, Floats, Ints, hashed, normal, uniform
from haechi.town.people import family
from haechi.town.personas import RETIRED, SELF_EMPLOYED, TEEN, UNIVERSITY, numbers
from haechi.town.scene import Scene

PAYEES = 8  # people one sends money to again and again
HERE_SHARE = 0.4  # of them with an account at this bank
ROUND_WON = np.array([10_000, 20_000, 30_000, 50_000, 100_000, 200_000, 300_000, 500_000])
ROUND_SHARES = np.array([0.16, 0.13, 0.17, 0.22, 0.18, 0.07, 0.05, 0.02])
LARGE_SHARE = 0.06  # of transfers: many times the usual, as savings and deposits are
NEW_PHONE_WON_MAX, NEW_PHONE_DAYS = 300_000, 3
OTP_FROM_WON, OTP_SHARE = 1_000_000, 0.3  # of the smaller ones: people choose it for every transfer
_TRANSFER_WON = numbers("transfer_won")


def money(scene: Scene) -> Acts:
    """Transfers with their sessions, income and rents of a scene."""
    return joined([_sent(scene), _salaries(scene), _sales(scene), _rents(scene), _pocket_money(scene)])


def payee_of(people: int, customer: Ints, slot: Ints) -> Ints:
    """The account in a place of somebody's list of payees; the same for good."""
    number = customer * 64 + slot
    friend = (hashed(number, 73) % np.uint64(people)).astype(np.int64)
    friend = np.where(friend == customer, (friend + 1) % people, friend)
    elsewhere = OTHER_BANKS + (hashed(number, 79) % np.uint64(1 << 36)).astype(np.int64)
    return np.where((uniform(number, 83) < HERE_SHARE) & (friend != customer), friend, elsewhere)


def transfers(scene: Scene, customer: Ints, second: Ints, payee: Ints, amount: Ints, new: Bools) -> Acts:
    """Transfers with what belongs to them: a login, the payee's first entry, the deposit at the other end."""
    rng, n = scene.rng, len(customer)
    time_us = scene.start_us + second * 1_000_000
    channel = _channel(scene, customer, second)
    app = channel == APP
    coded = app | (channel == PHONE)
    device, ip = np.where(app, scene.phone(customer), -1), np.where(app, scene.ip(customer), -1)
    sent = acts_of(
        n, time_us=time_us, kind=Kind.TRANSFER, customer=customer, party=payee, device=device, ip=ip, amount=amount,
        channel=channel, method=np.where(coded & ((amount >= OTP_FROM_WON) | (rng.random(n) < OTP_SHARE)), OTP, PIN),
    )  # fmt: skip
    took_s = np.clip(np.round(14 * np.exp(0.4 * rng.standard_normal(n))), 2, 300).astype(np.int64)
    looked_s = np.clip(np.round(55 * np.exp(0.6 * rng.standard_normal(n))), 2, 900).astype(np.int64)
    login_us = np.maximum(time_us - (took_s + looked_s) * 1_000_000, scene.start_us)
    logins = acts_of(
        n, time_us=login_us, kind=Kind.LOGIN, customer=customer, device=device, ip=ip, channel=APP,
        method=np.where(rng.random(n) < 0.7, BIOMETRIC, PIN), result=OK,
    ).take(app)  # fmt: skip
    entered_us = np.maximum(time_us - took_s * 1_000_000, login_us)
    entries = acts_of(
        n, time_us=entered_us, kind=Kind.PAYEE, customer=customer, party=payee, device=device, channel=APP
    ).take(app & new)
    return joined([logins, entries, sent, deposits(scene, sent)])


def deposits(scene: Scene, sent: Acts) -> Acts:
    """What arrives at accounts of this bank, a second later."""
    people = scene.town.people
    here = (sent["party"] >= 0) & (sent["party"] < len(people))
    here[here] = people.joined[sent["party"][here]] <= scene.day
    got = sent.take(here)
    return acts_of(
        len(got), time_us=got["time_us"] + 1_000_000, kind=Kind.DEPOSIT, customer=got["party"], party=got["customer"],
        amount=got["amount"], channel=got["channel"],
    )  # fmt: skip


def _sent(scene: Scene) -> Acts:
    people, rng, who = scene.town.people, scene.rng, scene.who
    gifts = scene.town.parameters.gift_factor if is_gift_season(scene.date) else 1.0
    grown = scene.persona(who) != TEEN
    customer = scene.people_times(people.transfers_per_day[who] * np.where(grown, gifts, 1.0))
    n = len(customer)
    slot = (PAYEES * rng.random(n) ** 2.2).astype(np.int64)
    new = rng.random(n) < scene.town.parameters.new_payee_share
    slot = np.where(new, 64 + rng.integers(0, 1 << 30, n), slot)
    payee = payee_of(len(people), customer, slot)
    return transfers(scene, customer, scene.seconds(customer), payee, _amounts(scene, customer, slot, new), new)


def _amounts(scene: Scene, customer: Ints, slot: Ints, new: Bools) -> Ints:
    rng, people, n = scene.rng, scene.town.people, len(customer)
    persona = scene.persona(customer)
    usual = _TRANSFER_WON[persona] * people.level[customer] * np.exp(1.1 * normal(customer * 64 + slot, 89))
    own = usual * np.exp(np.where(new, 1.1, 0.5) * rng.standard_normal(n)) * scene.prices
    own = np.where(rng.random(n) < LARGE_SHARE, own * (3 + 20 * rng.random(n)), own)
    step = np.where(own < 100_000, 1_000, 10_000)
    amount = (np.maximum(np.round(own / step), 1) * step).astype(np.int64)
    plain = (rng.random(n) < 0.3) & (persona != TEEN)
    amount = np.where(plain, rng.choice(ROUND_WON, size=n, p=ROUND_SHARES), amount)
    fresh = (people.phone_age_days[customer].astype(np.int64) + scene.day) % 730 < NEW_PHONE_DAYS
    return np.where(fresh, np.minimum(amount, NEW_PHONE_WON_MAX), amount)


def _channel(scene: Scene, customer: Ints, second: Ints) -> Ints:
    """Mostly the app; the old use machines, the counter while it is open and the telephone more."""
    throw = scene.rng.random(len(customer))
    other = np.where(scene.persona(customer) == RETIRED, 0.30, 0.05)
    found = np.select([throw < other * 0.55, throw < other * 0.75, throw < other], [ATM, BRANCH, PHONE], APP)
    opened = (second >= OFFICE_OPENS * 3_600) & (second < BRANCH_CLOSES * 3_600) & (not is_free_day(scene.date))
    return np.where((found == BRANCH) & ~opened, ATM, found)


def _salaries(scene: Scene) -> Acts:
    people, who = scene.town.people, scene.who
    paid = who[(people.salary_won[who] > 0) & np.isin(people.salary_day[who], due_days(scene.date))]
    employer = OTHER_BANKS + (hashed(paid // 7, 97) % np.uint64(1 << 36)).astype(np.int64)
    extra = 1 + 0.03 * scene.rng.standard_normal(len(paid))
    return _income(scene, paid, employer, people.salary_won[paid] * extra, 9.0, 11.5)


def _sales(scene: Scene) -> Acts:
    """The card company pays shopkeepers what their customers paid by card, on working days."""
    who = scene.who[scene.persona(scene.who) == SELF_EMPLOYED]
    if not due_days(scene.date):
        return acts_of(0)
    paid = who[scene.rng.random(len(who)) < 0.55]
    company = OTHER_BANKS + (hashed(paid % 9, 101) % np.uint64(1 << 36)).astype(np.int64)
    amount = 260_000 * np.exp(0.7 * normal(paid, 103) + 0.5 * scene.rng.standard_normal(len(paid)))
    return _income(scene, paid, company, amount, 5.0, 9.0)


def _income(scene: Scene, customer: Ints, payer: Ints, amount: Floats, opens: float, closes: float) -> Acts:
    second = scene.rng.integers(int(opens * 3_600), int(closes * 3_600), len(customer))
    return acts_of(
        len(customer), time_us=scene.start_us + second * 1_000_000, kind=Kind.DEPOSIT, customer=customer, party=payer,
        amount=np.maximum(np.round(amount / 10), 1).astype(np.int64) * 10, channel=APP,
    )  # fmt: skip


def _rents(scene: Scene) -> Acts:
    people, who = scene.town.people, scene.who
    customer = who[(people.rent_won[who] > 0) & np.isin(people.rent_day[who], due_days(scene.date))]
    landlord = payee_of(len(people), customer, np.full(len(customer), 63))
    second = scene.rng.integers(8 * 3_600, 22 * 3_600, len(customer))
    new = np.zeros(len(customer), bool)
    return transfers(scene, customer, second, landlord, people.rent_won[customer].astype(np.int64), new)


def _pocket_money(scene: Scene) -> Acts:
    """Parents send pupils a little every week, students more once a month."""
    who, persona = scene.who, scene.persona(scene.who)
    weekly = (persona == TEEN) & (hashed(who, 107) % np.uint64(7) == scene.date.weekday())
    due = np.isin(1 + hashed(who, 109) % np.uint64(28), np.array(due_days(scene.date), np.uint64))
    child = who[weekly | ((persona == UNIVERSITY) & due)]
    base = np.where(scene.persona(child) == TEEN, 30_000, 400_000) * np.exp(0.4 * normal(child, 113))
    parent = family(scene.town.people, child)
    here = scene.town.people.joined[parent] <= scene.day
    child, parent, base = child[here], parent[here], base[here]
    second = scene.rng.integers(8 * 3_600, 23 * 3_600, len(child))
    amount = (np.maximum(np.round(base / 5_000), 1) * 5_000).astype(np.int64)
    return transfers(scene, parent, second, child, amount, np.zeros(len(child), bool))
