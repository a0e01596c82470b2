"""A relocator that ends in a traceback."""

raise RuntimeError("out of order")
