"""The first screen of each role, and the staff's work lists."""
