"""Every typology of the town, in the order that the numbers of campaigns are made from: add new ones at the end."""

from __future__ import annotations

from haechi.town.benign import cards, club, errands, gifts, home, kin, loans, market, telephone, work
from haechi.town.fraud import (
    account_takeover,
    card_stolen,
    card_testing,
    cash_handover,
    investment_room,
    mule_ring,
    purchase_scam,
    refund_abuse,
    sim_swap,
    synthetic_identity,
    teen_misuse,
    terminal_compromised,
    voice_agency,
    voice_family,
    voice_loan,
)
from haechi.town.wave import Typology

CAMPAIGN_DAYS_MAX = 215  # from the first act of a campaign to the last, refunds by law included
TYPOLOGIES = (
    Typology("voice_loan", "loan", voice_loan.tell),
    Typology("voice_agency", "agency", voice_agency.tell),
    Typology("voice_family", "family", voice_family.tell),
    Typology("account_takeover", "takeover", account_takeover.tell),
    Typology("sim_swap", "takeover", sim_swap.tell),
    Typology("mule_ring", "mule", mule_ring.tell),
    Typology("card_stolen", "card", card_stolen.tell),
    Typology("terminal_compromised", "card", terminal_compromised.tell),
    Typology("card_testing", "card", card_testing.tell),
    Typology("synthetic_identity", "identity", synthetic_identity.tell),
    Typology("teen_misuse", "card", teen_misuse.tell),
    Typology("refund_abuse", "first_party", refund_abuse.tell),
    Typology("investment_room", "investment", investment_room.tell, late=True),
    Typology("new_phone", "benign", telephone.new_phone, False, telephone.new_phones_of),
    Typology("moving_house", "benign", home.moving_house, False, home.movers_of),
    Typology("gift_money", "benign", gifts.gift_money, False),
    Typology("split_bill", "benign", gifts.split_bill, False),
    Typology("night_hospital", "benign", errands.night_hospital, False),
    Typology("first_salary", "benign", work.first_salary, False),
    Typology("used_car", "benign", home.used_car, False),
    Typology("school_excursion", "benign", errands.school_excursion, False),
    Typology("bank_call", "benign", telephone.bank_call, False),
    Typology("family_help", "benign", kin.family_help, False),
    Typology("loan_repaid", "benign", loans.loan_repaid, False),
    Typology("card_verified", "benign", cards.card_verified, False),
    Typology("shopping_spree", "benign", cards.shopping_spree, False),
    Typology("treasurer", "benign", club.treasurer, False),
    Typology("honest_refund", "benign", cards.honest_refund, False),
    Typology("morning_errand", "benign", errands.morning_errand, False),
    Typology("cash_handover", "cash", cash_handover.tell),
    Typology("purchase_scam", "purchase", purchase_scam.tell),
    Typology("second_hand", "benign", market.second_hand, False),
)
NAMES = tuple(t.name for t in TYPOLOGIES)
# The parts that acts play: add new ones at the end.
ROLES = (
    "login", "call", "message", "bait", "new_device", "check", "limit_change", "payee", "deposit", "victim_transfer",
    "gift_card", "remote_app", "remote_transfer", "stranger_login", "stranger_transfer", "pass_through", "cash_out",
    "recruited", "fan_in", "layer", "card_use", "skimmed", "test", "application", "build_up", "bust_out", "disputed",
    "false_claim", "profit", "report", "verdict", "refund", "purchase", "gift", "share", "salary", "reason", "sent",
    "collected", "paid_out", "sold_on", "suspended", "card_stopped", "refused", "held", "bank_call", "teller_asks",
    "cash_handover", "claim_paid", "claim_refused", "loan_paid_out", "claim",
    "goods_paid", "advised", "notice", "told_elsewhere", "claim_part", "claim_answered", "manager_asks", "no_papers",
    "own_use", "shop_check", "explained", "bad_debt", "dispute", "abuse",
)  # fmt: skip
