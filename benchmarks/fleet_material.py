"""What the benchmarks of fleets are made of: one policy, people, a key of each kind."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from profilegen.cli.identities import record_of
from profilegen.plan.decide import make_plan
from profilegen.policy.filled import fault_finder
from profilegen.policy.load import load_policy
from profilegen.release.job import Job
from profilegen.release.manifest import Source
from profilegen.release.personal import user_fields
from profilegen.release.recipe import KeyName, Recipe
from profilegen.release.sealing import Signer
from profilegen.release.sources.open import OpenUsers, open_users
from profilegen.release.sources.source import UserSource
from profilegen.release.splicing.splice import Spliced, splice_target
from profilegen.release.workers.chunk_work import USERS_IN_BATCH
from profilegen.render.environment import open_templates
from profilegen.render.user import User, UserRow
from profilegen.signing.algorithms import KeyKind, PrivateKey
from profilegen.signing.development import (
    create_development_identity,
    development_uri,
    open_development_identity,
)
from profilegen.signing.keys.files import load_key

POLICY = Path(__file__).with_name("fleet.yaml")
AT = datetime.now(UTC).replace(microsecond=0)
_FIRST_NAMES = (
    "amina",
    "diego",
    "hanna",
    "jun",
    "leila",
    "mateo",
    "noah",
    "priya",
    "tomas",
    "yuki",
)
_SYLLABLES = ["ba", "do", "fe", "gi", "ko", "la", "mu", "ne", "ri", "su"]
_REGIONS = ("emea", "amer", "apac")
_FIELDS = ("id", "email", "name", "login", "region")
_PEOPLE = 150 * USERS_IN_BATCH
_ATTRIBUTES = b"x" * 107
"""As many bytes as the attributes have that CMS signs in the place of the content."""


def make_job() -> Job:
    """Return the job of the policy."""
    content = POLICY.read_bytes()
    policy = load_policy(str(POLICY), content)
    plans = make_plan(policy, today=AT.date()).targets
    return Job(Source(policy, POLICY.name, content, (), ()), plans, open_templates(), {}, AT)


def spliced(job: Job) -> Spliced:
    """Return the target of the policy, its files cut already."""
    target = splice_target(job, job.plans[0], warn=print, after=0)
    target.files(next(people(1)))
    return target


def people(count: int) -> Iterator[User]:
    """Yield `count` people with values of ordinary length."""
    for number in range(count):
        user_id, *values = _row(number)
        yield User(user_id, dict(zip(_FIELDS, (user_id, *values), strict=True)))


def batches_for(target: Spliced) -> list[list[UserRow]]:
    """Return people in batches, as `target` takes them."""
    rows = [(user.id, *[user.values[name] for name in target.fields]) for user in people(_PEOPLE)]
    return [rows[start : start + USERS_IN_BATCH] for start in range(0, _PEOPLE, USERS_IN_BATCH)]


def write_list(path: Path, count: int) -> Path:
    """Write `count` people as CSV; returns `path`."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(_FIELDS)
        table.writerows(_row(number) for number in range(count))
    return path


def read_list(path: Path, job: Job) -> OpenUsers:
    """Return the people of a list, checked as `build` checks them."""
    fields = user_fields(job.policy, job.plans)
    faults_of = fault_finder(job.policy.accounts, [item.name for item in fields])
    return open_users(
        UserSource(str(path)),
        fields,
        faults_of=lambda row: faults_of(row[1:]),
        standard_input=lambda: path.open("rb"),
    )


def _row(number: int) -> tuple[str, ...]:
    """Return a person whose names are made of the digits of `number`, and like no other's."""
    rest, first = divmod(number, len(_FIRST_NAMES))
    first_name, last_name = _FIRST_NAMES[first], "".join(_SYLLABLES[int(d)] for d in str(rest))
    login = f"{first_name}.{last_name}"
    return (
        login,
        f"{login}@northwindtraders.example",
        f"{first_name} {last_name}".title(),
        f"northwind\\{login}",
        _REGIONS[number % len(_REGIONS)],
    )


@dataclass(frozen=True, slots=True)
class Key:
    """An identity of one kind of key in a folder of its own, its chain a root and an issuer."""

    kind: KeyKind
    folder: Path

    def signer(self) -> Signer:
        """Return the identity, opened as `build` opens it."""
        identity = open_development_identity(self.folder, at=AT)
        return Signer(identity, record_of(identity))

    def raw(self) -> Callable[[], bytes]:
        """Return one signature of the same key by the library alone, in the same way."""
        return raw_signature(self.uri)

    def recipe(self, job: Job) -> Recipe:
        """Return how a worker makes the job and opens the key."""
        key = KeyName(self.uri, None, None, None, self.signer().record)
        targets = tuple(plan.target.id for plan in job.plans)
        return Recipe(POLICY, job.source.content, targets, AT, key=key)

    @property
    def uri(self) -> str:
        """The name of the identity."""
        return development_uri(self.folder)


def make_key(kind: KeyKind, folder: Path) -> Key:
    """Return a new key of `kind`; its files go below `folder`."""
    place = folder / kind
    create_development_identity(place, now=AT, key=kind)
    return Key(kind, place)


def raw_signature(uri: str) -> Callable[[], bytes]:
    """Return the body of a raw loop: `key.sign()` of the key that `uri` names."""
    key = private_key(uri)
    digest = SHA256()
    if isinstance(key, rsa.RSAPrivateKey):
        pkcs1 = padding.PKCS1v15()
        return lambda: key.sign(_ATTRIBUTES, pkcs1, digest)
    ecdsa = ec.ECDSA(digest, deterministic_signing=True)
    return lambda: key.sign(_ATTRIBUTES, ecdsa)


def private_key(uri: str) -> PrivateKey:
    """Return the private key that `uri` names."""
    key = load_key(uri, passphrase=None).private_key
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return key
    raise AssertionError(uri)
