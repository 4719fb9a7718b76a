"""The ring of what happened lately: what goes in comes out, what is shared is found, and memory has an end."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from haechi.cases.recent import HUB, NODES_MAX, Recent, Seen
from haechi.events import Event

DAY_US = 86_400_000_000


def event(seq: int, customer: str = "c-1", amount: int | None = 1_000, **changes) -> Event:
    given_ = {"kind": "payment", "time_us": seq * 60_000_000, "currency": "KRW", **changes}
    entities = {"customer": customer, **given_.pop("entities", {})}
    return Event(id=f"e-{seq}", amount=amount, entities=entities, **given_)


def ring(*events: Event, events_max: int = 1_000, action: str = "") -> Recent:
    made = Recent(events_max=events_max)
    made.add([Seen(n, one, action) for n, one in enumerate(events, 1)])
    return made


def test_one_customers_events_come_in_time_order_with_all_that_pages_show() -> None:
    late = event(9, categories={"channel": "app", "merchant_category": "snack"}, entities={"merchant": "m-1"})
    made = ring(late, event(2, amount=None), event(5, "c-2"), action="hold")
    past = made.of("customer", "c-1")
    assert past.times_us.tolist() == [2 * 60_000_000, 9 * 60_000_000]
    newest = past.latest[0]
    assert (newest.seq, newest.amount, newest.links["merchant"]) == (1, 1_000, "m-1")
    assert newest.tags == {
        "kind": "payment", "currency": "KRW", "action": "hold", "merchant_category": "snack", "channel": "app",
    }  # fmt: skip
    assert past.latest[1].amount is None
    assert past.since_us == 2 * 60_000_000
    assert made.of("customer", "c-1", since_us=3 * 60_000_000).kinds == ["payment"]
    for kind, name in (("customer", "nobody"), ("customer", ""), ("planet", "c-1")):
        assert not len(made.of(kind, name).times_us)


def test_how_often_and_since_when_two_met_before_a_moment() -> None:
    made = ring(*(event(n, entities={"payee": "p-1" if n % 2 else "p-2"}) for n in range(1, 7)),
                event(3, "c-2", entities={"payee": "p-3"}))  # fmt: skip
    asked = [("payee", "p-1"), ("payee", "p-3"), ("planet", "x")]
    assert made.met("customer", "c-1", asked, 5 * 60_000_000) == {
        ("payee", "p-1"): (2, 60_000_000), ("payee", "p-3"): (0, 0),
    }  # fmt: skip
    assert made.met("customer", "nobody", asked[:1], 1) == {("payee", "p-1"): (0, 0)}


def test_a_field_or_an_attribute_links_as_an_entity_does() -> None:
    made = ring(event(1, fields={"device": "d-1"}), event(2, "c-2", attributes={"device": "d-1"}))
    made.add([Seen(3, event(3, "c-3", fields={"device": 7}))])
    found = made.around("customer", "c-1")
    assert set(found.nodes) == {("customer", "c-1"), ("device", "d-1"), ("customer", "c-2")}
    assert found.nodes["device", "d-1"].people == 2


def test_an_account_is_the_same_from_both_ends_of_a_transfer() -> None:
    sent = event(1, "victim", entities={"payee": "a-9"})
    own = event(2, "mule", entities={"account": "a-9"})
    found = ring(sent, own).around("customer", "victim")
    assert found.nodes["customer", "mule"].hops == 2
    assert found.edges[("customer", "mule"), ("payee", "a-9")] == 1


def test_a_fraud_is_told_of_what_it_touched() -> None:
    made = ring(event(1, entities={"device": "d-1"}), event(2, "c-2", entities={"device": "d-1"}))
    made.mark(2, True)
    assert made.around("customer", "c-1").nodes["device", "d-1"].fraud
    assert made.of("customer", "c-2").frauds.tolist() == [True]
    made.mark(2, False)
    assert not made.around("customer", "c-1").nodes["device", "d-1"].fraud


def test_a_victims_own_things_stay_clean_and_her_robbers_do_not() -> None:
    own = [event(n, "victim", entities={"device": "d-own"}) for n in range(1, 9)]
    robbed = event(9, "victim", entities={"device": "d-own", "payee": "a-mule"})
    taken = event(10, "victim", entities={"device": "d-new"})
    made = ring(*own, robbed, taken)
    for number in (9, 10):
        made.mark(number, True)
    nodes = made.around("customer", "victim").nodes
    assert not nodes["device", "d-own"].fraud, "one of nine, and nobody else's"
    assert nodes["device", "d-new"].fraud
    assert nodes["payee", "a-mule"].fraud


def test_places_and_hubs_are_no_links_between_people() -> None:
    shop = [event(n, f"c-{n}", entities={"merchant": "m-1"}) for n in range(1, 5)]
    assert len(ring(*shop).around("customer", "c-1").nodes) == 1
    hub = [event(n, f"c-{n}", entities={"ip": "10.0.0.1"}) for n in range(1, HUB + 3)]
    found = ring(*hub).around("customer", "c-1")
    assert set(found.nodes) == {("customer", "c-1"), ("ip", "10.0.0.1")}
    assert found.nodes["ip", "10.0.0.1"].people == HUB + 2


def test_a_graph_has_an_end() -> None:
    many = [event(n, entities={"payee": f"p-{n}"}) for n in range(1, NODES_MAX + 50)]
    assert len(ring(*many).around("customer", "c-1").nodes) == NODES_MAX


def test_old_events_leave_and_with_them_their_names() -> None:
    made = Recent(events_max=4)
    made.add([Seen(n, event(n, f"c-{n}")) for n in range(1, 12)])
    assert not len(made.of("customer", "c-7").times_us)
    assert made.of("customer", "c-8").times_us.tolist() == [8 * 60_000_000]
    assert made.of("customer", "c-11").latest[0].seq == 11
    assert len(made.words) <= 2 * 4 * 3


def test_imported_rows_are_as_good_as_events() -> None:
    frame = pl.DataFrame(
        {
            "seq": [1, 2], "time_us": [5, 6], "kind": ["payment", "login"], "amount": [700, None],
            "currency": ["KRW", None], "entity:customer": ["c-1", "c-1"], "category:channel": ["app", None],
            "attribute:device": [None, "d-1"], "label": [1, None],
        }
    )  # fmt: skip
    made = Recent()
    made.add_frame(frame)
    past = made.of("customer", "c-1")
    assert past.kinds == ["payment", "login"]
    assert past.frauds.tolist() == [True, False]
    assert past.latest[0].links == {"customer": "c-1", "device": "d-1"}
    made.add_frame(frame.drop("label"))
    assert made.added == 4


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 9)), max_size=60), st.integers(1, 40))
def test_the_ring_says_what_a_plain_list_says(given_: list[tuple[int, int, int]], size: int) -> None:
    events = [
        event(n, f"c-{who}", amount, entities={"device": f"d-{device}"})
        for n, (who, device, amount) in enumerate(given_, 1)
    ]
    made = ring(*events, events_max=size)
    kept = events[-size:]
    for who in range(6):
        own = [one for one in kept if one.entities["customer"] == f"c-{who}"]
        past = made.of("customer", f"c-{who}")
        assert past.amounts.tolist() == [one.amount for one in own]
        assert past.times_us.tolist() == [one.time_us for one in own]
        shared = {one.entities["device"] for one in own}
        found = made.around("customer", f"c-{who}")
        assert {name for kind, name in found.nodes if kind == "device" and found.nodes[kind, name].hops == 1} == shared
