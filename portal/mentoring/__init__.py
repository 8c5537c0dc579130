"""A merchant's need, the mentor who takes it, their visits and what follows from them."""
