"""장터배움: shop owners learn to sell online by doing it, with mentors who answer and visit."""
