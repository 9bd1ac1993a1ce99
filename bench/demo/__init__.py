"""`make demo`: the first page as a story in the terminal, from a real alert to a verified and closed incident."""
