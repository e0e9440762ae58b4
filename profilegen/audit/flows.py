"""Which channels are open for which account, from documents alone.

Shares nothing with the planner but the catalogue's facts, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from profilegen.audit import android, ios
from profilegen.audit.android_canonical import as_policy, documented
from profilegen.audit.document import (
    AndroidPolicy,
    AppConfiguration,
    Declaration,
    Document,
    Profile,
)
from profilegen.audit.model import Context, Control, FieldControl, Flow, PayloadControl

__all__ = ["Context", "Control", "FieldControl", "Flow", "PayloadControl", "flows"]


def flows(documents: Sequence[Document], context: Context) -> tuple[Flow, ...]:
    """Return the flows of a device that gets all of `documents` together.

    Account by account, iOS before Android, channels in the catalogue's order. A platform that no
    document is for has no flows. Where documents contradict each other the more open value counts.
    """
    apple = [d for d in documents if isinstance(d, Profile | Declaration | AppConfiguration)]
    policies = [documented(as_policy(d.content)) for d in documents if isinstance(d, AndroidPolicy)]
    found: tuple[Flow, ...] = ()
    if apple:
        found += ios.flows(apple, context)
    if policies:
        found += android.flows(policies, context)
    return found
