"""How a page reaches a person and how the answer comes back: words, limits, retries, channels, replies, receipts."""
