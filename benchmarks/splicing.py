"""What a user's files cost by splicing, in terms of one P-256 signature of the same process.

Method: slices of about 20 ms of the two loops alternate, so that both meet the same load of the
machine; each pair of slices gives a ratio, and the median of the ratios is the result, with the 5th
and 95th percentile. The raw loop is `key.sign()` of one key over 100 bytes. Every target of
examples/northwind.yaml that has files for single users is measured, samples included; none of the
files is signed or written. Full rendering, without the audit, stands beside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from profilegen.plan.decide import make_plan
from profilegen.plan.model import TargetPlan
from profilegen.policy.load import load_policy
from profilegen.release.job import Job
from profilegen.release.manifest import Source
from profilegen.release.personal import user_places
from profilegen.release.proven import rendered
from profilegen.release.splicing.splice import splice_target
from profilegen.render.environment import open_templates
from profilegen.render.user import User

POLICY = Path(__file__).resolve().parent.parent / "examples" / "northwind.yaml"
AT = datetime(2026, 11, 23, tzinfo=UTC)
PAIRS = 100
SLICE = 0.02
USERS = 5000


def main() -> None:
    """Measure and print, target by target."""
    content = POLICY.read_bytes()
    policy = load_policy(str(POLICY), content)
    plans = make_plan(policy, today=AT.date()).targets
    source = Source(policy, POLICY.name, content, (), ())
    job = Job(source, plans, open_templates(), {}, AT)
    sign = signer()
    print("target          bytes   us/user   in signatures (p5-p95)   full rendering")
    for plan in plans:
        if user_places(policy, plan):
            measure(job, plan, sign)


def signer() -> Callable[[], object]:
    """Return the raw loop's body: one signature."""
    key = ec.generate_private_key(ec.SECP256R1())
    algorithm, data = ec.ECDSA(SHA256()), b"x" * 100
    return lambda: key.sign(data, algorithm)


def measure(job: Job, plan: TargetPlan, sign: Callable[[], object]) -> None:
    """Print what users of one target cost."""
    spliced = splice_target(job, plan, warn=print)
    users = cycle(users_of_northwind())
    for _ in range(200):  # the first ones are rendered in full
        spliced.files(next(users))

    def serve() -> None:
        spliced.files(next(users))

    def render() -> None:
        rendered(job, plan, next(users))

    pairs = [(seconds(serve), seconds(sign)) for _ in range(PAIRS)]
    ratios = [ours / raw for ours, raw in pairs]
    cuts = quantiles(ratios, n=20)
    full = median(seconds(render) / seconds(sign) for _ in range(5))
    size = sum(len(file.content) for file in spliced.files(next(users)))
    cost = median(ours for ours, _ in pairs) * 1e6
    print(
        f"{plan.target.id:14} {size:6}   {cost:7.2f}   {median(ratios):5.2f} "
        f"({cuts[0]:.2f}-{cuts[-1]:.2f})               {full:7.1f}"
    )


def seconds(body: Callable[[], object]) -> float:
    """Return the time of one run of `body`, over a slice of them."""
    count = 0
    begun = time.perf_counter()
    while (spent := time.perf_counter() - begun) < SLICE:
        for _ in range(10):
            body()
        count += 10
    return spent / count


def users_of_northwind() -> list[User]:
    """Return users with values of ordinary length."""
    return [
        User(
            f"user{number}",
            {"id": f"user{number}", "email": f"first.last{number}@northwindtraders.example"},
        )
        for number in range(USERS)
    ]


if __name__ == "__main__":
    main()
