"""Releases: build one, say what is in it, publish it whole or not at all, verify it."""
