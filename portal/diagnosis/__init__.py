"""The diagnosis: where to begin, from plain questions on two axes, with a prescription that says why.

Every question weighs the same; the points of an answer and its sentence stand in content/diagnosis.toml.
"""
