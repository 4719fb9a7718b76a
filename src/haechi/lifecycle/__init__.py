"""Where the life of models is wired to a home: what decides, what is scored beside it, what is watched and trained."""
