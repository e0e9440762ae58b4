"""Verify signed files step by step: each step passed, failed or was not checked."""
