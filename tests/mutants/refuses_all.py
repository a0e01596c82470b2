"""A relocator that refuses everything."""

import sys

print("Error: no", file=sys.stderr)
sys.exit(1)
