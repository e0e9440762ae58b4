"""Identities, CMS signatures and chains of trust. Knows bytes and keys, nothing of policies."""
