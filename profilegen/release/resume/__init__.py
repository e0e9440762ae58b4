"""Interrupted builds: what they had finished, and whether it may be gone on with."""
