"""A believable small world to look at: six people in the middle of their work, and thirty more around them."""
