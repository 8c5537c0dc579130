"""People: who they are, what they may be, how they come in, and what they agreed to."""
