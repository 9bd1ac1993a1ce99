"""A seeded monkey against the real program, and an auditor who counts what was lost: `python -m bench.chaos`."""
