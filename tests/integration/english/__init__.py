"""Pages in English."""
