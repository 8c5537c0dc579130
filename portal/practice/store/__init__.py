"""The sections of a product page: each names its fields, judges them and shows them on the finished page."""
