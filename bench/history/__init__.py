"""A history: a database with many open and very many closed incidents, made in minutes instead of years."""
