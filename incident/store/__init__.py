"""SQL and nothing else: the log, the board, the outbox, the directory. It knows no desk and decides nothing.

Functions take a `Connection` inside a transaction that the caller opened with `engine.writing`, `engine.changing` or
`engine.reading`; the same code runs on SQLite and PostgreSQL.
"""
