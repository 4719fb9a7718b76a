"""Haechi tells right from wrong: a decision with reasons for every payment, transfer and login."""

__version__ = "0.1.0"
