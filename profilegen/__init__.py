"""Render, prove and sign managed-mail policies for iOS and Android Enterprise."""

__version__ = "0.1.0"
