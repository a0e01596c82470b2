"""The reference relocator with one fault: `mutant.py FAULT relocate BUNDLE ...`.

`mutant.py unmutated ...` is the reference as it is.
"""

import sys
from pathlib import Path


def main() -> None:
    sys.path.append(str(Path(__file__).parents[1] / "shared"))
    from reference_faults import FAULTS
    from relocator import cli

    FAULTS[sys.argv.pop(1)]()
    cli.main()


if __name__ == "__main__":
    main()
