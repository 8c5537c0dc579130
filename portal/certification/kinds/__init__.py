"""The kinds of requirements: each a small module that reads its rules and judges by its evidence."""
