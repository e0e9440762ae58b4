"""The policy file: what an engineer intends, as frozen values."""
