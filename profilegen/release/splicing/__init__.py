"""Partial evaluation of personal targets: rendered once with markers, then cut and filled.

A target is rendered and proven for a user whose values are random markers. Its files are cut where
markers stand; a user's files are the same constants with that user's values between them.
"""
