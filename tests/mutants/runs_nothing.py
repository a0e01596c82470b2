"""A runtime that says that it is done, and has run nothing."""
