"""Read this file first: what Haechi does with every event, on one page.

A payment, a transfer or a login comes in as an Event. What we knew before it is looked up, detectors give their
signals, policy weighs them into one action with its reasons, the decision is written down, the event becomes history,
and a person is called when the action asks for one. The rooms behind the steps: features (memory), detectors,
conclude.py and weigh.py here, stores (journal), cases (desk). A plain event that is allowed takes the
same steps in swift.py, without an object made of it; what is told of it is the same.
"""

from __future__ import annotations

from typing import Any

import msgspec

from haechi.decision.conclude import conclude
from haechi.decision.decision import encode
from haechi.decision.house import House
from haechi.decision.look import look
from haechi.decision.recall import Answer, recall
from haechi.decision.record import record
from haechi.decision.sight import sight_of
from haechi.events import Event

Met = tuple[int, Any, int]  # when an event was first looked at, what was known before it, events learned since


def answer(event: Event, house: House, body: bytes | None = None) -> Answer:
    """Answer an event once: the same event again gets the stored answer. Wait for `written` before you send it."""
    body = msgspec.json.encode(event) if body is None else body  # as received
    return recall(event.id, body, house) or decide(event, house, body)


def decide(event: Event, house: House, body: bytes, met: Met | None = None) -> Answer:
    """Decide an event that was never seen before, in six steps; `met` when the swift way has gone the first of them."""
    # 1 Remember what we knew before this event. The memory learns it in the same call, which is step 5: one walk
    #   through its records reads them and then writes them, and no other event can come between.
    started, known, later = met or (house.clock(), house.memory.look_and_learn(event), 0)
    looked = house.clock()
    # 2 Look: every detector judges the event against what was known, and so do the rules that people agreed on.
    signals, degraded, agreed = look(event, known, house)
    judged = house.clock()
    # 3 Weigh: one risk, the action with the lowest expected cost that the rules allow, the reasons in a sentence.
    decision = conclude(event, known, signals, degraded, house, agreed)
    decision.timings_us |= {"look": (looked - started) // 1_000, "judge": (judged - looked) // 1_000}
    if decision.action != "allow":  # What is held teaches next to nothing until its verdict is known.
        known = house.memory.hold(event, known)
        decision.kept_back_after = later or msgspec.UNSET
    encoded = encode(decision)
    # 4 Write down: queued now, durable before anybody is answered; the alert of step 6 is in the same commit.
    written = house.journal.write(record(event, known, body, decision, encoded, house))
    if house.watcher is not None:
        house.watcher.saw(sight_of(event, known, decision, written.entry))
    # 5 Learn: done in step 1, and for what is held, taken back behind step 3.
    # 6 Call a person, when the action asks for one.
    if decision.needs_a_person:
        house.desk.open(decision)
    return Answer(decision.action, encoded, written, decision)
