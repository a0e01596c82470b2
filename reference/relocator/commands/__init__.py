"""The commands: each module says what the words of its commands mean, and calls a use case."""
