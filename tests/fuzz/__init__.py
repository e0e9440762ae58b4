"""Fuzzing of what reads and judges strangers' files; see __main__ for how to run it."""
