"""A believable small world to look at: six people amid their work, and thirty more around them."""
