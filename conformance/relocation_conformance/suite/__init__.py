"""The checks, one module a family of rules."""
