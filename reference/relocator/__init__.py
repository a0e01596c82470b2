"""A minimal image relocator: the specification, explained in code."""

__version__ = "0.1.0"
