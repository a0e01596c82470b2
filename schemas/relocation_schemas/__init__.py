"""The shapes of the documents that image relocation reads and writes, as JSON Schemas.

`validate(document, name)` holds a parsed document to one of the schemas in `NAMES`, and raises
`Invalid` with a sentence for a person when it does not fit.
"""

from relocation_schemas.documents import NAMES, schema
from relocation_schemas.validation import Invalid, validate

__all__ = ["NAMES", "Invalid", "schema", "validate"]
