"""Four sums of a shop owner: what is left of a sale, when it comes, what to charge, what VAT to pay.

Everything is worked out from the address of the page; nothing is kept.
"""
