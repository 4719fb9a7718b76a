"""The door between rules and the rooms that keep and use them: the rulebook, what stands, the desk, and publishing.

* book.py: everything that people do to rules, lists and snoozes, one at a time, written down before it counts.
* standing.py: the history added up, and the rule set compiled from it.
* publishing.py: a set comes into force in a running house, between two decisions.
* desk.py, reading.py: the same as the API sees it.
"""
