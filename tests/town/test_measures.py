"""What the bank says and does follows from the state of the money."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np

from haechi.town.acts import APP, CHIP, CONTACTLESS, FRAUD, LEGITIMATE, ONLINE, OTHER_BANKS, POS, Kind
from haechi.town.almanac import DAY_US, hour_of
from haechi.town.catalogue import CATEGORY_NAMES, CODE, FACE, FACE_WON, is_open
from haechi.town.currency import abroad
from haechi.town.ending import MISTAKES
from haechi.town.measures import SMALL_WON
from haechi.town.render import Pen
from haechi.town.scene import taps
from haechi.town.typologies import ROLES, TYPOLOGIES

from .small import town

BUSY = town(3_000, 4, 12.0)
WAVES = [BUSY.wave(n) for n in range(1, 60, 2)]
PHISHED = ("voice_loan", "voice_agency", "voice_family", "account_takeover", "sim_swap")
MINUTE_US = 60_000_000


def told(*names: str):
    """Every campaign of some kinds with its acts in order and the names of their roles."""
    for wave in WAVES:
        for campaign in wave.campaigns:
            if campaign.typology in names:
                acts = wave.acts.take(wave.acts["campaign"] == campaign.number).in_order()
                yield campaign, acts, np.array([ROLES[r] for r in acts["role"]])


def kinds(acts) -> list[str]:
    return [BUSY.speech.kind_of(int(n)) if n >= 0 else "" for n in acts["text"]]


def test_who_reports_a_transfer_hears_what_fits_where_the_money_went() -> None:
    heard: Counter[str] = Counter()
    for campaign, acts, role in told(*PHISHED):
        sent = acts.take(np.isin(role, ["victim_transfer", "stranger_transfer"]))
        here = [a < OTHER_BANKS and BUSY.people.joined[a] <= campaign.number >> 19 for a in sent["party"].tolist()]
        for text in kinds(acts):
            if text.startswith("sms_stopped_"):
                heard[text] += 1
                wanted = {"there": not any(here), "both": any(here) and not all(here)}
                assert wanted.get(text.removeprefix("sms_stopped_"), all(here)), (campaign.name, text)
    assert set(heard) == {"sms_stopped_there", "sms_stopped_here", "sms_stopped_both", "sms_stopped_already"}


def test_an_account_here_is_stopped_within_a_minute_of_the_alarm_and_pays_nothing_out_afterwards() -> None:
    seen = 0
    for campaign, acts, role in told(*PHISHED):
        for text, at in zip(kinds(acts), acts["time_us"].tolist(), strict=True):
            if text != "sms_held_here":
                continue
            seen += 1
            stops = [t for t, r, who in zip(acts["time_us"].tolist(), role, acts["customer"].tolist(), strict=True)
                     if r == "suspended" and who not in campaign.victims]  # fmt: skip
            assert stops
            assert min(stops) <= at + MINUTE_US * 2
            later = acts.take(np.isin(role, ["pass_through", "cash_out"]) & (acts["time_us"] > at + MINUTE_US))
            assert not len(later)
    assert seen > 5


def test_nothing_is_said_to_a_telephone_whose_number_was_moved() -> None:
    seen = 0
    for campaign, acts, role in told("sim_swap"):
        mine = (acts["customer"] == campaign.victims[0]) & (acts["kind"] == Kind.MESSAGE)
        assert set(role[mine]) <= {"notice", "told_elsewhere"}
        assert (acts["device"][mine & (role == "told_elsewhere")] == -1).all()
        seen += int((role == "told_elsewhere").sum())
    assert seen > 3


def test_what_a_customer_reports_is_known_at_the_report() -> None:
    reports = 0
    for campaign, acts, role in told(*PHISHED, "card_stolen", "teen_misuse", "cash_handover"):
        at = acts["time_us"][role == "report"]
        known = acts.take(acts["fraud"] & (acts["told"] == 1) & (acts["customer"] == campaign.victims[0]))
        if len(at) and len(known):
            reports += 1
            assert (known["told_us"] == at[0]).all(), campaign.name
    assert reports > 50


def test_a_leak_is_judged_as_one_and_every_owner_gets_all_of_it() -> None:
    found = 0
    for campaign, acts, role in told("terminal_compromised"):
        if campaign.first_report_us < 0:
            continue
        found += 1
        fraud = acts.take(acts["fraud"])
        assert (fraud["told"] == 1).all()
        assert set(acts["result"][acts["kind"] == Kind.VERDICT].tolist()) == {FRAUD}
        back = acts.take(acts["kind"] == Kind.REFUND)
        for victim in campaign.victims:
            lost = fraud["amount"][fraud["customer"] == victim].sum()
            assert back["amount"][back["customer"] == victim].sum() == lost
        assert not (role == "own_use").any()
    assert found > 5


def test_a_stopped_card_is_tried_once_or_again_at_once_for_less_where_somebody_sells() -> None:
    tried = 0
    for campaign, acts, role in told("card_stolen", "teen_misuse"):
        again = acts.take(role == "refused")
        tried += len(again) > 1
        assert len(again) <= 2
        if len(again) > 1:
            assert again["time_us"][1] - again["time_us"][0] < 8 * MINUTE_US
            assert again["party"][1] == again["party"][0]
            assert again["amount"][1] < again["amount"][0]
        used = acts.take(role == "card_use")
        for at, category, card in zip(again["time_us"], again["category"], again["card"], strict=True):
            online = (used["channel"] == ONLINE).any()
            assert online or is_open(CATEGORY_NAMES[category], hour_of(int(at))), campaign.name
            assert card in used["card"]
    assert tried > 5


def test_a_found_card_is_thrown_away_soon_or_used_until_it_is_refused() -> None:
    refused: dict[bool, list[bool]] = {True: [], False: []}
    for campaign, acts, role in told("card_stolen"):
        used = acts.take(role == "card_use")
        if (used["channel"] == POS).all() and campaign.first_report_us > 0:
            refused[len(used) > 2].append("refused" in role)
    assert min(map(len, refused.values())) > 20
    assert np.mean(refused[True]) > 0.7
    assert np.mean(refused[False]) < 0.3


def test_a_hand_has_one_habit_and_thieves_tap_as_often_as_others() -> None:
    acts = BUSY.day(20)
    counter = (acts["kind"] == Kind.PAYMENT) & (acts["channel"] == POS) & (acts["country"] == 0)
    paid = acts.take(counter & ~acts["fraud"] & np.isin(acts["method"], (CHIP, CONTACTLESS)))
    tapped = paid["method"] == CONTACTLESS
    assert (tapped == taps(paid["customer"])).all()
    used = [acts["method"][(role == "card_use") & (acts["channel"] == POS)] for _, acts, role in told("card_stolen")]
    thieves = np.concatenate(used) == CONTACTLESS
    assert abs(thieves.mean() - tapped.mean()) < 0.06
    assert all(len(set(methods.tolist())) <= 1 for methods in used)


def test_the_caller_mostly_stays_on_the_line_while_the_victim_sends_in_the_app() -> None:
    listening = []
    for _, acts, role in told("voice_loan", "voice_agency"):
        sent = acts["time_us"][(role == "victim_transfer") & (acts["channel"] == APP)]
        calls = acts.take(role == "call")
        ends = calls["time_us"] + calls["duration_s"].astype(np.int64) * 1_000_000
        if len(sent):
            listening.append(bool(((calls["time_us"] < sent[0]) & (sent[0] < ends)).any()))
            rung = acts["time_us"][role == "bank_call"]
            assert not (listening[-1] and len(rung)), "nobody answers the bank with a caller on the line"
    assert len(listening) > 30
    assert 0.45 < np.mean(listening) < 0.85


def test_who_was_proved_wrong_once_is_no_abuser_and_money_comes_after_the_word() -> None:
    abusers = 0
    for _, _acts, role in told("refund_abuse"):
        abusers += (role == "abuse").any()
        assert not (role == "abuse").any() or (role == "claim_refused").sum() > 1
    assert abusers > 5
    for _, acts, role in told("card_stolen"):
        paid, word = acts["time_us"][role == "refund"], acts["time_us"][np.isin(role, ("advised", "claim_part"))]
        assert not len(paid) or paid[0] - word[-1] > DAY_US // 2


def test_small_sums_on_cards_come_back_sooner() -> None:
    days: dict[bool, list[float]] = {True: [], False: []}
    for campaign, acts, _ in told("card_stolen"):
        for at in acts["time_us"][acts["kind"] == Kind.REFUND].tolist():
            days[campaign.loss_won < SMALL_WON].append((at - campaign.first_report_us) / DAY_US)
    assert min(map(len, days.values())) > 20
    assert np.median(days[True]) < 0.6 * np.median(days[False])
    assert min(days[True]) > 3


def test_gift_cards_have_a_face_value() -> None:
    for number in (20, 21):
        acts = BUSY.day(number)
        cards = acts["category"] == CODE[FACE]
        assert cards.any()
        assert (acts["amount"][cards & (acts["country"] == 0)] % FACE_WON == 0).all()


def test_a_notice_names_the_charge_and_carries_none() -> None:
    pen, seen = Pen(BUSY), 0
    for _, acts, role in told("card_stolen"):
        for row, part in zip(pen.rows(acts), role, strict=True):
            if part == "refused":
                seen += 1
                assert "<" not in row["text"]
                assert "amount" not in row
                assert "country" not in row
                assert "card" not in row
                assert f"본인카드({int(row['customer'].removeprefix('c-')) * 2 % 10_000:04}"[:8] in row["text"][:24]
    assert seen > 10


def test_login_and_two_checks_come_before_a_limit() -> None:
    seen = 0
    for _, acts, role in told(*(t.name for t in TYPOLOGIES)):
        for place in np.flatnonzero(role == "limit_change").tolist():
            mine = acts.take((acts["customer"] == acts["customer"][place]) & (acts["time_us"] < acts["time_us"][place]))
            own = mine.take(mine["device"] == acts["device"][place])
            last = own["kind"][-2:].tolist()
            seen += 1
            assert last == [Kind.CHECK, Kind.CHECK]
            login = own["time_us"][own["kind"] == Kind.LOGIN].max()
            assert acts["time_us"][place] - login < 45 * MINUTE_US
            assert BUSY.people.ages(BUSY.parameters.start)[acts["customer"][place]] > 18
    assert seen > 30


def test_a_dispute_has_a_reason_and_an_answer_and_the_second_one_goes_to_a_person() -> None:
    paid: Counter[bool] = Counter()
    for campaign, acts, role in told("refund_abuse"):
        count = int((role == "disputed").sum())
        assert (acts["text"][role == "false_claim"] >= 0).all()
        assert (role == "claim_answered").sum() == count
        assert (role == "bank_call").sum() == count - 1
        assert "restaurant" not in {CATEGORY_NAMES[c] for c in acts["category"][role == "disputed"]}
        paid[True] += int((role == "claim_paid").sum())
        paid[False] += int((role == "claim_refused").sum())
        assert campaign.loss_won == acts["amount"][role == "claim_paid"].sum()
    assert 0.2 < paid[True] / paid.total() < 0.6


def test_the_shop_s_answer_names_the_sum_of_the_purchase_in_its_own_money() -> None:
    pen, seen = Pen(BUSY), 0
    for _, acts, role in told("refund_abuse"):
        rows = pen.rows(acts)
        paid = {row["id"]: row for row, part in zip(rows, role, strict=True) if part == "disputed"}
        for row, part in zip(rows, role, strict=True):
            if part == "claim_answered":
                about = paid[row["event_id"]]
                day = date.fromisoformat(about["time"][:10]).toordinal()
                home = about["country"] == "KR"
                told_sum = f"{about['amount']:,}원" if home else abroad(about["amount"], about["country"], day)
                assert f"이의제기 {told_sum} {about['merchant']}:" in row["text"]
                seen += not home
    assert seen > 3


def test_the_bank_speaks_in_its_own_words() -> None:
    speech = BUSY.speech
    for number, sentence in enumerate(speech.sentences):
        kind = speech.kind_of(number)
        if kind.startswith("bank_claim"):
            assert any(word in sentence for word in ("카드", "심사팀")), sentence
        if kind.startswith("claim_"):
            assert "회원님" not in sentence


def test_nobody_is_robbed_in_the_weeks_in_which_fraudsters_hold_his_account() -> None:
    for campaign, _, _ in told(*PHISHED):
        day = campaign.number >> 19
        assert BUSY.mule(day, 3) not in campaign.victims
        assert campaign.victims[0] not in BUSY.mules_about(day)


def test_a_mistake_is_one_that_a_bank_makes() -> None:
    """Every verdict that is wrong says what it was taken for, and phishing is never taken for anything else."""
    wrong, lapsed = Counter[str](), 0
    for campaign, acts, role in told(*(t.name for t in TYPOLOGIES if t.is_fraud)):
        verdicts = (acts["kind"] == Kind.VERDICT) & (acts["result"] == LEGITIMATE) & (role != "claim_refused")
        for part in role[verdicts].tolist():
            wrong[part] += 1
            assert part == MISTAKES[campaign.typology]
        if (role == "no_papers").any():
            lapsed += 1
            assert (acts["result"][acts["kind"] == Kind.VERDICT] == FRAUD).all()
            assert campaign.recovered_won == 0
    assert wrong
    assert lapsed
