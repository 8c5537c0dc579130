"""Courses: the catalogue read from files, and what people did in it."""
