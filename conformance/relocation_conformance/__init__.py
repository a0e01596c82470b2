"""A conformance suite for image relocators."""

__version__ = "0.1.0"
