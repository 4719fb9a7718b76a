"""Goal: a draft that a person only has to correct, for data shaped like the public fraud sets (made up here)."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from haechi.events import BadSchema, UnreadableFile, check_files, guess_schema
from haechi.events.draft import shortened
from haechi.events.profile import snake

from .files import rows, write

ROWS = 3_000
DICE = np.random.default_rng(7)
SECONDS = np.sort(DICE.choice(86_400 * 30, ROWS, replace=False))
FRAUD = (DICE.random(ROWS) < 0.03).astype(int)
TIMES = [datetime(2018, 4, 1) + timedelta(seconds=int(s)) for s in SECONDS]
MONEY = DICE.gamma(2, 40, ROWS).round(2)


def codes(stem: str, count: int) -> list[str]:
    return [f"{stem}{i}" for i in DICE.integers(0, count, ROWS)]


def handbook() -> dict:
    return {
        "TRANSACTION_ID": range(ROWS),
        "TX_DATETIME": TIMES,
        "CUSTOMER_ID": DICE.integers(0, 300, ROWS),
        "TERMINAL_ID": DICE.integers(0, 200, ROWS),
        "TX_AMOUNT": MONEY,
        "TX_TIME_SECONDS": SECONDS,
        "TX_TIME_DAYS": SECONDS // 86_400,
        "TX_FRAUD": FRAUD,
        "TX_FRAUD_SCENARIO": FRAUD * DICE.integers(1, 4, ROWS),
    }


def ordered() -> dict:
    labels = np.where(DICE.random(ROWS) < 0.6, 2, FRAUD)
    return {
        "Time": range(ROWS),
        "Source": codes("S", 900),
        "Target": codes("T", 80),
        "Amount": MONEY,
        "Location": codes("L", 60),
        "Type": codes("TP", 30),
        "Labels": labels,
    }


def town() -> dict:
    return {
        "": range(ROWS),
        "trans_date_trans_time": [str(t) for t in TIMES],
        "cc_num": DICE.integers(4 * 10**15, 4 * 10**15 + 300, ROWS),
        "merchant": codes("fraud_M", 200),
        "category": codes("cat", 9),
        "amt": MONEY,
        "first": codes("F", 300),
        "gender": codes("g", 2),
        "street": codes("street ", 900),
        "lat": DICE.uniform(30, 40, ROWS),
        "long": DICE.uniform(-90, -80, ROWS),
        "city_pop": DICE.integers(100, 10**6, ROWS),
        "dob": [f"19{50 + i % 40}-03-02" for i in range(ROWS)],
        "trans_num": [f"{i * 7919:032x}" for i in range(ROWS)],
        "unix_time": SECONDS + 1_522_540_800,
        "is_fraud": FRAUD,
    }


def mobile() -> dict:
    kinds = DICE.choice(["PAYMENT", "TRANSFER", "CASH_OUT", "DEBIT", "CASH_IN"], ROWS)
    return {
        "step": np.sort(DICE.integers(1, 744, ROWS)),
        "type": kinds,
        "amount": MONEY,
        "nameOrig": codes("C", 10**9),
        "oldbalanceOrg": MONEY * 3,
        "nameDest": codes("M", 500),
        "isFraud": FRAUD,
        "isFlaggedFraud": (DICE.random(ROWS) < 0.002).astype(int),
    }


def anonymous() -> dict:
    found = {
        "TransactionID": range(2_987_000, 2_987_000 + ROWS),
        "isFraud": FRAUD,
        "TransactionDT": SECONDS + 86_400,
        "TransactionAmt": MONEY,
        "ProductCD": codes("W", 4),
        "card1": DICE.integers(1000, 3000, ROWS),
        "card4": codes("visa", 3),
        "addr1": DICE.integers(100, 400, ROWS),
        "P_emaildomain": codes("mail", 20),
    }
    found |= {f"C{i}": DICE.integers(0, 50, ROWS).astype(float) for i in range(1, 15)}
    return found | {f"M{i}": codes("T", 2) for i in range(1, 10)} | {f"V{i}": DICE.random(ROWS) for i in range(1, 40)}


def drafted(tmp_path, content: dict, name: str = "some.csv"):
    path = tmp_path / name
    frame = pl.DataFrame(content)
    frame.write_csv(path) if name.endswith(".csv") else frame.write_parquet(path)
    draft = guess_schema(path)
    check = check_files(draft.schema, path)
    assert check.accepted == ROWS, check.lines()
    return draft, check


@pytest.mark.parametrize("name", ["handbook.csv", "handbook.parquet"])
def test_the_handbook_is_understood_and_its_leak_left_out(tmp_path, name) -> None:
    draft, check = drafted(tmp_path, handbook(), name)
    doc = draft.document
    assert doc["time"] == {"column": "TX_DATETIME"}
    assert doc["id"] == {"column": "TRANSACTION_ID"}
    assert doc["entities"] == {"customer": {"column": "CUSTOMER_ID"}, "merchant": {"column": "TERMINAL_ID"}}
    assert doc["amount"]["column"] == "TX_AMOUNT"
    assert doc["label"] == {"column": "TX_FRAUD", "positive": [1], "negative": [0], "delay": "7d"}
    assert "leak" in draft.left_out["TX_FRAUD_SCENARIO"]
    assert set(draft.left_out) == {"TX_FRAUD_SCENARIO", "TX_TIME_SECONDS", "TX_TIME_DAYS"}
    assert "numbers" not in doc
    assert "# TX_FRAUD_SCENARIO: it nearly determines TX_FRAUD" in draft.toml
    assert check.labels["fraud"] == FRAUD.sum()


def test_an_order_without_a_clock_is_understood(tmp_path) -> None:
    draft, check = drafted(tmp_path, ordered())
    assert draft.document["time"] == {"column": "Time", "unit": "order"}
    assert list(draft.document["entities"]) == ["customer", "payee", "location"]
    assert draft.document["categories"] == {"columns": ["Type"]}
    assert (draft.document["label"]["column"], draft.document["label"]["delay"]) == ("Labels", 0)
    assert check.labels["unlabelled"] > ROWS / 2


def test_a_town_with_places_and_birthdays_is_understood(tmp_path) -> None:
    draft, _ = drafted(tmp_path, town())
    doc = draft.document
    assert (doc["time"], doc["id"]) == ({"column": "trans_date_trans_time"}, {"column": "trans_num"})
    assert doc["entities"] == {"card": {"column": "cc_num"}, "merchant": {"column": "merchant"}}
    assert doc["place"] == {"lat": "lat", "lon": "long"}
    assert doc["attributes"] == {"birth_date": {"column": "dob"}}
    assert doc["categories"]["columns"] == ["category", "gender"]
    assert {"", "first", "street", "unix_time"} == set(draft.left_out)


def test_mobile_money_is_understood(tmp_path) -> None:
    draft, check = drafted(tmp_path, mobile())
    assert draft.document["time"] == {"column": "step", "unit": "h", "origin": "2020-01-01"}
    assert draft.document["kind"]["map"]["CASH_OUT"] == "withdrawal"
    assert draft.document["label"]["column"] == "isFraud"
    assert "isFlaggedFraud" in draft.left_out
    assert list(draft.document["entities"]) == ["customer", "payee"]
    assert set(check.kinds) == {"payment", "transfer", "withdrawal", "deposit"}


def test_anonymous_columns_become_patterns(tmp_path) -> None:
    draft, _ = drafted(tmp_path, anonymous())
    assert draft.document["time"]["unit"] == "s"
    assert draft.document["id"] == {"column": "TransactionID"}
    assert draft.document["numbers"] == {"columns": ["C*", "V*"]}
    assert draft.document["categories"]["columns"] == ["ProductCD", "card4", "addr1", "P_emaildomain", "M*"]
    assert draft.document["entities"] == {"card": {"column": "card1"}}


def test_currencies_signs_and_formats_are_seen(tmp_path) -> None:
    content = {
        "when": [t.strftime("%d/%m/%Y %H:%M") for t in TIMES],
        "amount": -MONEY,
        "money": ["KRW", "EUR", "USD"] * (ROWS // 3),
        "nothing": [None] * ROWS,
        "same": ["x"] * ROWS,
        "score": FRAUD * 5 + DICE.random(ROWS),
        "chargeback": FRAUD.astype(bool),
    }
    draft, check = drafted(tmp_path, content)
    assert draft.document["time"] == {"column": "when", "format": "%d/%m/%Y %H:%M"}
    assert draft.document["amount"] == {"column": "amount", "currency": {"column": "money"}, "negative": "absolute"}
    assert {"nothing", "same", "score"} == set(draft.left_out)
    assert draft.document["label"]["positive"] == ["true"]
    assert set(check.currencies) == {"KRW", "EUR", "USD"}


@pytest.mark.parametrize(
    ("column", "unit"),
    [(SECONDS + 1_522_540_800, "s"), ((SECONDS + 1_522_540_800) * 1000, "ms"), (SECONDS % 99 + 1, "h")],
)
def test_counted_times_are_told_by_their_size(tmp_path, column, unit) -> None:
    draft, _ = drafted(tmp_path, {"time": column, "x": DICE.random(ROWS)})
    assert draft.document["time"]["unit"] == unit


def test_what_cannot_be_guessed_from_says_so(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("a,b\nx,y\n")
    with pytest.raises(BadSchema, match="no column looks like a time"):
        guess_schema(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text("a,b\n")
    with pytest.raises(UnreadableFile, match="holds no rows"):
        guess_schema(tmp_path / "b.csv")


def test_names_are_shortened_only_where_the_pattern_is_safe() -> None:
    assert shortened(["V1", "V2", "V3", "V4", "x"], []) == ["V*", "x"]
    assert shortened(["V1", "V2", "V3", "V4"], ["Value"]) == ["V1", "V2", "V3", "V4"]
    assert shortened(["1", "2", "3", "4"], []) == ["1", "2", "3", "4"]
    assert shortened(["V1", "V2"], []) == ["V1", "V2"]


def test_a_draft_is_toml_whatever_the_names(tmp_path) -> None:
    names = [f'a very long name of a column, with a "quote" and a number {i} at' for i in range(9)]
    content = {"time": TIMES, "customer id": DICE.integers(0, 300, ROWS)} | {n + " x": DICE.random(ROWS) for n in names}
    draft, _ = drafted(tmp_path, content)
    assert draft.schema.number_names == tuple(n + " x" for n in names)
    assert draft.toml.count("\n    ") >= 4


def test_column_names_are_taken_apart_into_words() -> None:
    names = ["TX_AMOUNT", "TransactionDT", "isFraud", "nameOrig", "trans num"]
    assert [snake(n) for n in names] == ["tx_amount", "transaction_dt", "is_fraud", "name_orig", "trans_num"]


def test_a_currency_column_that_always_says_the_same_is_still_the_currency(tmp_path) -> None:
    content = [r | {"paid": i * 7 % 13, "ccy": "KRW"} for i, r in enumerate(rows(100))]
    assert guess_schema(write(tmp_path / "a.csv", content)).document["amount"]["currency"] == {"column": "ccy"}
