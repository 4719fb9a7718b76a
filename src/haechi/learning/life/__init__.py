"""The life of a model: challenger, gates, shadow, canary, champion, retired; each step agreed on by a second person."""
