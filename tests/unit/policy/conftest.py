from __future__ import annotations

import pytest

from tests.support.policies import Table, small_table


@pytest.fixture
def minimal_table() -> Table:
    """Return the least policy, as values for JSON; a test adds what it is about."""
    return small_table()
