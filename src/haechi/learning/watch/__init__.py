"""Watching: what comes in, what models say of it, what becomes of it; counted, compared, and told when it moves."""
