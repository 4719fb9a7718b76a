"""Why a measurement was not taken, as a tree.

* BenchError
  x NotLoopback     the load generator only ever talks to this machine
  x NotHaechi       something else answers at the port, or an older server of ours
  x BadPlan         the plan cannot be carried out
  x BadAnswer       the server's answer is not HTTP as we know it
  x LoadFailed      connections broke so often that figures would mean nothing
  x ServerFailed    the server under test did not start or did not stop
"""

from __future__ import annotations


class BenchError(Exception):
    """A measurement was not taken."""


class NotLoopback(BenchError):
    """The address is not on this machine."""


class NotHaechi(BenchError):
    """What answers at the port is not the server to be measured."""


class BadPlan(BenchError):
    """The plan cannot be carried out."""


class BadAnswer(BenchError):
    """The answer is not HTTP as we know it."""


class LoadFailed(BenchError):
    """Connections broke too often."""


class ServerFailed(BenchError):
    """The server under test did not start or did not stop."""
