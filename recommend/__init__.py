"""Suggestions out of who watched and liked what: arrays and CSV in, ranked lists and figures out; knows nothing of us."""
