"""What a learner does in a lesson: a choice, a sum, a page of the practice store, and how each is checked.

Pure: nothing here knows the web, the database, the clock or the rest of the portal. ``kinds`` is the door.
"""
