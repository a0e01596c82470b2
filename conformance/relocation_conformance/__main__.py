"""`python -m relocation_conformance` is the command `relocation-conformance`."""

from relocation_conformance.cli import main

main()
