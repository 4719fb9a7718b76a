"""Asking sooner: a label that comes days earlier is worth more than a better model."""
