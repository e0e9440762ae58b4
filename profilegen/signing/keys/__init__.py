"""Signing keys by URI: one module for each kind, behind the interface of `interface`."""
