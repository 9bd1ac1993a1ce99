"""Drills in virtual time, by the engine that pages people: `decide`, `evolve`, `orders` and `wake_at`, and no other."""
