"""Blocks: what a record can remember. Each file holds one block: its bytes, what it emits and how it learns.

A block function gets the address of its bytes, looks first (emits features of the state before the event), then learns.
Everything is plain arithmetic on what the arguments say: no clock, no dice, no input or output.
"""
