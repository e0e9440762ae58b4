"""What else people use: an openssl process for each profile, an npm package, and a loop in Python.

A round is a slice of our loop, then some profiles of the other one; its ratio is how many times as
long the other takes. openssl only signs; the npm package builds the property list and signs; the
loop renders a jinja2 template and signs with the PKCS#7 builder of cryptography, as we render and
sign. Starting node and reading its modules is not counted; starting openssl is, since that is how
it is used.
"""

from __future__ import annotations

import json
import os
import plistlib
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from fleet_core import full
from fleet_material import Key, make_job, make_key, people, private_key, spliced
from fleet_method import Figure
from jinja2 import Environment, FileSystemLoader

from profilegen.release.workers.chunk_work import USERS_IN_BATCH
from profilegen.signing.algorithms import KeyKind

_NPM = Path(__file__).resolve().parent.parent / "build" / "bench"
_PACKAGE = "mobileconfig@2.4.0"
_OURS = 0.2
"""Seconds of our loop in a round."""
_PROCESSES, _PROFILES, _LOOPS = 10, 30, 300


def tools(folder: Path, *, rounds: int) -> Iterator[Figure]:
    """Yield a figure for each other way and kind of key."""
    keys = [make_key(kind, folder) for kind in (KeyKind.RSA_2048, KeyKind.P256)]
    for key, processes, loop in zip(keys, (20, 140), (1.6, 6), strict=True):
        yield _figure("openssl smime", key, _openssl(key), processes, rounds)
        yield _figure("jinja2 + cryptography", key, _loop(key), loop, rounds)
    if shutil.which("npm") is None:
        print("no npm here: its figure is left out")
        return
    yield _figure("npm mobileconfig", keys[0], _npm(keys[0]), 80, rounds)


def _figure(
    name: str, key: Key, other: Callable[[], float], required: float, rounds: int
) -> Figure:
    ours = full(key.signer().identity)
    ratios = tuple(_pair(ours, other) for _ in range(rounds))
    return Figure(f"against {name}, {key.kind}", ratios, required)


def _pair(ours: Callable[[], None], other: Callable[[], float]) -> float:
    """Return how many times as long `other` takes for a profile, which it says itself."""
    count = 0
    begun = time.perf_counter()
    while (spent := time.perf_counter() - begun) < _OURS:
        ours()
        count += USERS_IN_BATCH
    return other() / (spent / count)


def _profile() -> bytes:
    """Return the unsigned profile of one person."""
    return spliced(make_job()).files(next(people(1)))[0].content


def _openssl(key: Key) -> Callable[[], float]:
    source, result = key.folder / "profile.xml", key.folder / "profile.der"
    source.write_bytes(_profile())
    names = ("signer.pem", "signer.key", "intermediate.pem")
    leaf, private, issuer = (str(key.folder / name) for name in names)
    command = (
        *("openssl", "smime", "-sign", "-binary", "-nodetach", "-outform", "DER", "-md", "sha256"),
        *("-signer", leaf, "-inkey", private, "-certfile", issuer),
        *("-in", str(source), "-out", str(result)),
    )

    def seconds() -> float:
        begun = time.perf_counter()
        for _ in range(_PROCESSES):
            subprocess.run(command, check=True)  # noqa: S603  (a fixed command)
        return (time.perf_counter() - begun) / _PROCESSES

    return seconds


def _loop(key: Key) -> Callable[[], float]:
    """Return the loop that a script would have: render, sign, next."""
    private = private_key(key.uri)
    leaf, issuer = (
        x509.load_pem_x509_certificate((key.folder / name).read_bytes())
        for name in ("signer.pem", "intermediate.pem")
    )
    environment = Environment(autoescape=True, loader=FileSystemLoader(Path(__file__).parent))
    template = environment.get_template("fleet_profile.xml.j2")
    payloads = [_payload(content) for content in plistlib.loads(_profile())["PayloadContent"][1:]]
    roles = ("account", "profile", *(str(payload["type"]) for payload in payloads))
    namespace = uuid.uuid5(uuid.NAMESPACE_DNS, "com.northwindtraders.mail")
    users = cycle(list(people(5000)))

    def one() -> bytes:
        user = next(users)
        uuids = {role: str(uuid.uuid5(namespace, f"{role}.{user.id}")).upper() for role in roles}
        text = template.render(user=user.values, id=user.id, uuids=uuids, payloads=payloads)
        builder = pkcs7.PKCS7SignatureBuilder().set_data(text.encode())
        builder = builder.add_signer(leaf, private, SHA256()).add_certificate(issuer)
        return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])

    def seconds() -> float:
        begun = time.perf_counter()
        for _ in range(_LOOPS):
            one()
        return (time.perf_counter() - begun) / _LOOPS

    return seconds


def _payload(content: dict[str, object]) -> dict[str, object]:
    """Return what the template has of a payload: its names, and its settings beside them."""
    names = ("Type", "DisplayName", "Description")
    kind, title, description = (content[f"Payload{name}"] for name in names)
    settings = {name: value for name, value in content.items() if not name.startswith("Payload")}
    return {"type": kind, "title": title, "description": description, "settings": settings}


def _npm(key: Key) -> Callable[[], float]:
    """Return the loop of the npm package, which is installed into build/ for it."""
    if not (_NPM / "node_modules" / "mobileconfig").is_dir():
        _NPM.mkdir(parents=True, exist_ok=True)
        install = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix")
        subprocess.run([*install, str(_NPM), _PACKAGE], check=True, capture_output=True)  # noqa: S603
    folder = key.folder / "npm"
    folder.mkdir()
    (folder / "profile.json").write_text(json.dumps(plistlib.loads(_profile())), "utf-8")
    (folder / "key.pem").write_bytes((key.folder / "signer.key").read_bytes())
    names = ("signer.pem", "intermediate.pem")
    (folder / "chain.pem").write_bytes(b"".join((key.folder / n).read_bytes() for n in names))
    script = str(Path(__file__).with_name("fleet_npm.js"))
    command = ("node", script, str(folder), str(_PROFILES))
    environment = {**os.environ, "NODE_PATH": str(_NPM / "node_modules")}

    def seconds() -> float:
        done = subprocess.run(  # noqa: S603  (a fixed command)
            command, check=True, capture_output=True, text=True, env=environment
        )
        return float(done.stdout)

    return seconds
