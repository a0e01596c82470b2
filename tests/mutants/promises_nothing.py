"""A relocator that says that it is done, with an empty mapping, and has done nothing."""

import sys
from pathlib import Path

Path(sys.argv[-1]).write_text("{}")
