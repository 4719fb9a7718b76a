"""Every campaign is told so that an analyst would believe it."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest

from haechi.town.acts import APP, ATM, BRANCH, JUDGED, POS, Kind
from haechi.town.almanac import DAY_US, day_of, hour_of, is_branch_open, is_free_day
from haechi.town.catalogue import CATEGORY_NAMES, is_open
from haechi.town.truth import campaigns_of
from haechi.town.typologies import CAMPAIGN_DAYS_MAX, NAMES, ROLES, TYPOLOGIES

from .small import town

BUSY = town(3_000, 4, 12.0)
WAVES = [BUSY.wave(n) for n in range(0, 60, 2)]
FRAUDS = [t.name for t in TYPOLOGIES if t.is_fraud]
CARDS = ("card_stolen", "terminal_compromised", "card_testing", "teen_misuse", "refund_abuse")
PHISHED = ("voice_loan", "voice_agency", "voice_family", "account_takeover", "sim_swap")
LENDERS = ("한결저축은행", "새봄캐피탈", "온누리저축은행", "다온캐피탈", "가람저축은행")


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


def every_act(*names: str):
    for wave in WAVES:
        acts = wave.acts
        chosen = {c.number for c in wave.campaigns if not names or c.typology in names}
        yield acts.take(np.isin(acts["campaign"], list(chosen)))


def test_the_bank_decides_and_pays_in_office_hours() -> None:
    moments = [
        int(at)
        for acts in every_act(*FRAUDS)
        for at in acts["time_us"][np.isin(acts["kind"], (Kind.VERDICT, Kind.REFUND))]
    ]
    assert len(moments) > 500
    assert all(9 <= hour_of(at) < 18 and not is_free_day(day_of(at)) for at in moments)


def test_customers_who_report_are_mostly_awake() -> None:
    hours = [hour_of(int(at)) for acts in every_act(*FRAUDS) for at in acts["time_us"][acts["kind"] == Kind.REPORT]]
    assert 0 < np.mean(np.array(hours) < 7) < 0.06


def test_counters_are_open_when_somebody_buys_or_sends_there() -> None:
    for acts in every_act(*FRAUDS, "morning_errand", "school_excursion", "split_bill", "shopping_spree"):
        counter = (acts["kind"] == Kind.PAYMENT) & (acts["channel"] == POS) & (acts["country"] == 0)
        for category, at in zip(acts["category"][counter], acts["time_us"][counter], strict=True):
            assert is_open(CATEGORY_NAMES[category], hour_of(int(at))), CATEGORY_NAMES[category]
        for at in acts["time_us"][(acts["kind"] == Kind.TRANSFER) & (acts["channel"] == BRANCH)]:
            assert is_branch_open(int(at))


def test_agencies_ring_on_working_days_and_so_do_lenders_at_first() -> None:
    for acts in every_act("voice_agency"):
        assert not any(is_free_day(day_of(int(at))) for at in acts["time_us"][acts["kind"] == Kind.CALL])
    for wave, campaign in told("voice_loan"):
        acts = acts_of(wave, campaign)
        assert not is_free_day(day_of(int(acts["time_us"][acts["kind"] == Kind.CALL].min())))


def test_who_speaks_in_a_campaign_keeps_his_name_and_addresses_the_victim_rightly() -> None:
    told_twice = 0
    for wave, campaign in told("voice_loan") + told("voice_family"):
        acts = acts_of(wave, campaign).in_order()
        spoken = acts.take(np.isin(acts["role"], [ROLES.index("call"), ROLES.index("bait")]))
        texts = [BUSY.speech.sentences[n] for n in spoken["text"]]
        assert len(set(texts)) == len(texts)
        lenders = {word for text in texts for word in LENDERS if word in text}
        told_twice += sum(any(word in text for word in LENDERS) for text in texts) > 1
        assert len(lenders) <= 1
        if campaign.typology == "voice_family":
            wrong = "아빠" if BUSY.people.sex[campaign.victims[0]] == 0 else "엄마"
            assert not any(wrong in text for text in texts)
    assert told_twice > 5


def test_mules_of_this_bank_have_an_account_and_draw_from_one_machine() -> None:
    drawn = 0
    for wave, campaign in [found for name in PHISHED for found in told(name)]:
        acts = acts_of(wave, campaign)
        mine = acts["fraud"] & (acts["customer"] != campaign.victims[0])
        assert (BUSY.people.joined[acts["customer"][mine]] <= wave.days.min()).all()
        cash = acts.take(acts["kind"] == Kind.WITHDRAWAL)
        drawn += len(cash)
        assert (cash["amount"] >= 10_000).all()
        assert (cash["amount"] <= 1_000_000).all()
    assert drawn > 5


def test_a_card_owner_gets_back_all_a_part_or_nothing_and_hears_of_it() -> None:
    shares = []
    for wave, campaign in told("card_stolen"):
        acts = acts_of(wave, campaign)
        lost = int(acts["amount"][acts["fraud"]].sum())
        back = int(acts["amount"][acts["kind"] == Kind.REFUND].sum())
        shares.append(back / lost)
        stopped = [ROLES[r] for r in acts["role"]]
        assert ("card_stopped" in stopped) == (campaign.first_report_us > 0)
        assert not stopped.count("refused") or "card_stopped" in stopped
    whole, none = (np.mean(np.array(shares) == share) for share in (1.0, 0.0))
    assert 0.65 < whole < 0.95
    assert 0.005 < none < 0.15
    assert all(share in (0.0, 1.0) or 0.49 < share < 0.91 for share in shares)


def test_customers_whose_cards_were_copied_notice_one_by_one() -> None:
    moments = 0
    for wave, campaign in told("terminal_compromised"):
        acts = acts_of(wave, campaign)
        reports = acts.take(acts["kind"] == Kind.REPORT)
        assert len(set(reports["customer"].tolist())) == len(reports) <= len(campaign.victims)
        moments = max(moments, len(set(reports["time_us"].tolist())))
    assert moments > 5


def test_machines_pay_late_and_little() -> None:
    """What came in a sum of a million won or more stays for thirty minutes; a million at once, six million a day."""
    drawn = 0
    for wave, campaign in [found for name in FRAUDS if name not in CARDS for found in told(name)]:
        acts = acts_of(wave, campaign).in_order()
        got: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        gone: Counter[int] = Counter()
        cash: Counter[tuple[int, object]] = Counter()
        fields = (acts[name].tolist() for name in ("kind", "customer", "time_us", "amount", "channel"))
        for kind, who, at, won, channel in zip(*fields, strict=True):
            if kind == Kind.DEPOSIT:
                got[who].append((at, won))
            if kind in (Kind.TRANSFER, Kind.WITHDRAWAL):
                gone[who] += won
            if kind == Kind.WITHDRAWAL and channel == ATM:
                drawn += 1
                cash[who, day_of(at)] += won
                locked = sum(part for came, part in got[who] if at - came < 30 * 60e6 and part >= 1_000_000)
                assert not locked or gone[who] <= sum(part for _, part in got[who]) - locked
                assert won <= 1_000_000
        assert max(cash.values(), default=0) <= 6_000_000
    assert drawn > 10


def test_no_more_comes_back_than_the_accounts_still_held_and_not_before_the_notice_is_over() -> None:
    paid = 0
    for name in ("voice_loan", "voice_agency", "voice_family", "account_takeover", "sim_swap"):
        for wave, campaign in told(name):
            acts = acts_of(wave, campaign)
            sent = acts.take(
                acts["fraud"] & (acts["kind"] == Kind.TRANSFER) & (acts["customer"] == campaign.victims[0])
            )
            mules = acts["fraud"] & ~np.isin(acts["customer"], campaign.victims)
            left = sent["amount"].sum() - acts["amount"][mules].sum()
            refunds = acts.take(acts["kind"] == Kind.REFUND)
            paid += len(refunds)
            assert refunds["amount"].sum() <= left
            assert (refunds["time_us"] - campaign.first_report_us >= 60 * DAY_US).all()
    assert paid > 30


def test_a_suspended_account_receives_and_sends_no_more() -> None:
    stopped = 0
    for name in ("voice_loan", "voice_agency", "voice_family", "account_takeover", "mule_ring"):
        for wave, campaign in told(name):
            acts = acts_of(wave, campaign).in_order()
            since: dict[int, int] = {}
            for kind, who, at, role in zip(*(acts[n] for n in ("kind", "customer", "time_us", "role")), strict=True):
                if ROLES[role] == "suspended" and who not in campaign.victims:
                    since[int(who)] = int(at)
                    stopped += 1
                moved = kind in (Kind.TRANSFER, Kind.WITHDRAWAL, Kind.DEPOSIT)
                assert not (moved and int(who) in since and at > since[int(who)]), campaign.name
    assert stopped > 10


def test_no_two_steps_of_a_fraud_take_equally_long() -> None:
    """A machine's clock would give frauds away by their seconds."""
    for name in ("account_takeover", "voice_family", "voice_loan", "card_stolen"):
        gaps: Counter[int] = Counter()
        for wave, campaign in told(name):
            at = np.sort(acts_of(wave, campaign)["time_us"])
            gaps.update(int(g) for g in np.diff(at) // 1_000_000 if g // 1_000_000 > 5)
        assert max(gaps.values()) <= max(3, 0.06 * sum(gaps.values())), (name, gaps.most_common(3))


def test_cash_that_is_handed_over_comes_from_an_open_counter_or_within_what_machines_give() -> None:
    for wave, campaign in told("cash_handover"):
        acts = acts_of(wave, campaign)
        drawn = acts.take(acts["fraud"])
        assert (drawn["kind"] == Kind.WITHDRAWAL).all()
        assert campaign.recovered_won == 0
        assert drawn["amount"].sum() >= 5_000_000
        for channel, at in zip(drawn["channel"], drawn["time_us"], strict=True):
            assert channel != BRANCH or is_branch_open(int(at))


def test_a_victim_enters_each_payee_once_and_stays_at_one_address() -> None:
    for wave, campaign in told("voice_family") + told("voice_loan"):
        acts = acts_of(wave, campaign).in_order()
        victim = acts["customer"] == campaign.victims[0]
        entered = acts["party"][victim & (acts["kind"] == Kind.PAYEE)].tolist()
        sent = acts.take(victim & (acts["kind"] == Kind.TRANSFER) & (acts["channel"] == APP))
        assert len(entered) == len(set(entered))
        assert set(sent["party"].tolist()) <= set(entered)
        session = sent.take((sent["time_us"] - sent["time_us"].min(initial=1 << 62)) < 40 * 60e6)
        assert len(set(session["ip"].tolist())) <= 1
