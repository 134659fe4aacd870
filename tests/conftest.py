"""Kept until the browser tests no longer ask: the fixture ``browser`` finds or misses Chromium."""

CHROMIUM = "found by the fixture"
