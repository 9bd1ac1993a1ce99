"""The score: a pure function of script, log, observations and profile."""
