"""On a real store: the answer is durable, survives a restart, and comes back word for word."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from haechi.decision import Conflict, answer
from haechi.stores import open_store

from .house_for_tests import Detector, event, house, reason

BODY = b'{"id": "p-1"}'


def test_an_answer_survives_a_restart(tmp_path) -> None:
    url = f"sqlite:///{tmp_path}/haechi.db"
    home = house([Detector(0.93, (reason("customer.ratio_30d", 1.0),))])
    with closing(open_store(url, entropy=b"0123456789abcdef")) as store:
        first = answer(event(), replace(home, journal=store.journal), BODY)
        assert first.written is not None
        assert first.written.wait(10) == 1
        assert store.alerts.find("a-p-1") is not None
    with closing(open_store(url)) as store:
        again = answer(event(), replace(home, journal=store.journal), BODY)
        assert (again.body, again.decision, again.written) == (first.body, first.decision, None)
        with pytest.raises(Conflict):
            answer(event(), replace(home, journal=store.journal), b"{}")
