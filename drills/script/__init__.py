"""Drill scripts: the model, the reader, and the lint."""
