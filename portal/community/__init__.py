"""Questions: each has one owner and a promised time."""
