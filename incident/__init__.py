"""Emergency response and incident command: the book of each incident and everything that writes it."""
