"""Drills: scripts, the score that anyone can check, and drills played by the engine that pages people."""
