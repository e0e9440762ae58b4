"""What `profilegen verify` and openssl say of the same signed file, side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.adversarial_pki import ROOT
from tests.support.command import RunProfilegen, run
from tests.support.pki import Issued

Verdict = Literal["valid", "incomplete", "invalid"]
Answer = Literal["accepts", "refuses"]

FILE = "file.mobileconfig"
_HEADLINES: Mapping[Verdict, str] = {
    "valid": f"{FILE}: valid",
    "incomplete": f"{FILE}: verified, but not checked: ",
    "invalid": f"{FILE}: NOT VALID",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A signed file, and what its verification is given."""

    data: bytes
    trust: Sequence[Issued] = (ROOT,)
    certificates: Sequence[Issued] = ()
    crls: Sequence[bytes] = ()
    authorities: Sequence[Issued] = ()
    content: bytes | None = None
    options: Sequence[str] = ()

    def write(self, folder: Path) -> None:
        (folder / FILE).write_bytes(self.data)
        (folder / "trust.pem").write_bytes(b"".join(one.pem for one in self.trust))
        (folder / "pool.pem").write_bytes(b"".join(one.pem for one in self.certificates))
        (folder / "time.pem").write_bytes(b"".join(one.pem for one in self.authorities))
        for number, crl in enumerate(self.crls):
            (folder / f"{number}.crl").write_bytes(crl)
        if self.content is not None:
            (folder / "content").write_bytes(self.content)

    def arguments(self) -> Iterator[str]:
        """Return the arguments of `verify`."""
        yield from ("verify", FILE, "--trust", "trust.pem", *self.options)
        if self.certificates:
            yield from ("--certificates", "pool.pem")
        if self.authorities:
            yield from ("--trust-timestamp", "time.pem")
        for number in range(len(self.crls)):
            yield from ("--crl", f"{number}.crl")
        if self.content is not None:
            yield from ("--content", "content")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A file, what must be said of it, and what openssl says.

    `words` stand in the output, as text and as JSON; `step` is the first one that failed. `why`
    explains an answer that is not openssl's, and is empty where both agree.
    """

    name: str
    make: Callable[[], Given]
    verdict: Verdict
    step: str
    words: tuple[str, ...]
    openssl: Answer
    why: str


class Attacks(list[Attack]):
    """A table that is written beside the functions that make its files."""

    def refused(
        self, name: str, step: str, *words: str, openssl: Answer = "refuses", why: str = ""
    ) -> Callable[[Callable[[], Given]], Callable[[], Given]]:
        """Add a file that does not verify, because of `step`."""
        return self._adding(name, "invalid", step, words, openssl, why)

    def accepted(
        self,
        name: str,
        *words: str,
        verdict: Verdict = "incomplete",
        openssl: Answer = "accepts",
        why: str = "",
    ) -> Callable[[Callable[[], Given]], Callable[[], Given]]:
        """Add a file that verifies; without lists of revoked certificates, incompletely."""
        return self._adding(name, verdict, "", words, openssl, why)

    def _adding(  # noqa: PLR0913, PLR0917 - the fields of an Attack
        self,
        name: str,
        verdict: Verdict,
        step: str,
        words: tuple[str, ...],
        openssl: Answer,
        why: str,
    ) -> Callable[[Callable[[], Given]], Callable[[], Given]]:
        def add(make: Callable[[], Given]) -> Callable[[], Given]:
            self.append(
                Attack(
                    name=name,
                    make=make,
                    verdict=verdict,
                    step=step,
                    words=words,
                    openssl=openssl,
                    why=why,
                )
            )
            return make

        return add


def checks_of(attacks: Attacks) -> tuple[Callable[..., None], ...]:
    """Return the tests of each attack: what verify says, as text and JSON, and openssl."""
    every = pytest.mark.parametrize("attack", [pytest.param(one, id=one.name) for one in attacks])

    @every
    def said(attack: Attack, tmp_path: Path, call_profilegen: RunProfilegen) -> None:
        check_text(attack, tmp_path, call_profilegen)

    @every
    def written_as_json(attack: Attack, tmp_path: Path, call_profilegen: RunProfilegen) -> None:
        check_json(attack, tmp_path, call_profilegen)

    @every
    def openssl_says(attack: Attack, tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
        check_openssl(attack, tmp_path, require_tool("openssl"))

    return said, written_as_json, openssl_says


def check_text(attack: Attack, folder: Path, call: RunProfilegen) -> None:
    """Check the verdict, the exit code and the words that people get."""
    given = attack.make()
    given.write(folder)
    done = call(*given.arguments())
    said = done.stdout + done.stderr
    assert done.stdout.startswith(_HEADLINES[attack.verdict]), said
    assert done.exit_code == (5 if attack.verdict == "invalid" else 0), said
    for words in attack.words:
        assert words in said
    if attack.verdict == "invalid":
        _check_errors([line for line in done.stderr.splitlines() if "warning: " not in line])
    if attack.verdict == "incomplete":
        assert "revocation" in done.stdout.splitlines()[0]


def _check_errors(lines: Sequence[str]) -> None:
    """Check that the lines are errors of the file with their hints, and nothing else."""
    assert lines[0].startswith("error: ")
    assert lines[-1].startswith("hint: ")
    assert all(line.startswith((f"error: {FILE}: ", "hint: ")) for line in lines), lines


def check_json(attack: Attack, folder: Path, call: RunProfilegen) -> None:
    """Check that the verdict of the JSON output follows from its steps, and is the same."""
    given = attack.make()
    given.write(folder)
    done = call(*given.arguments(), "--format", "json")
    document = json.loads(done.stdout)
    (result,) = document["results"]
    assert result["verdict"] == attack.verdict, done.stdout
    assert result["valid"] is (attack.verdict == "valid")
    assert done.exit_code == (5 if attack.verdict == "invalid" else 0)
    said = done.stdout + done.stderr
    for words in attack.words:
        assert words in json.dumps(said, ensure_ascii=False).replace("\\\\", "\\") or words in said
    steps = list(steps_of(result))
    states = {step["state"] for step in steps}
    if attack.verdict == "invalid":
        assert [s["step"] for s in steps if s["state"] == "failed"][:1] == [attack.step]
        assert result["errors"]
    else:
        assert "failed" not in states
        assert not result["errors"]
        assert ("not-checked" in states) == (attack.verdict == "incomplete")
        assert steps
    assert all(step["detail"] for step in steps if step["state"] != "passed")


def steps_of(result: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return the steps of every signer in turn."""
    yield from result.get("steps", ())
    for signer in result.get("signers", ()):
        yield from signer["steps"]


def check_openssl(attack: Attack, folder: Path, openssl: Path) -> None:
    """Check that openssl says what the table says, and that a difference is explained."""
    given = attack.make()
    given.write(folder)
    lists = [x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM) for crl in given.crls]
    (folder / "trust.pem").write_bytes(b"".join([*(o.pem for o in given.trust), *lists]))
    form = "PEM" if given.data.startswith(b"-----") else "DER"
    done = run(
        openssl,
        *("cms", "-verify", "-binary", "-inform", form, "-in", FILE, "-out", "out"),
        *("-CAfile", "trust.pem", "-partial_chain", "-purpose", "any"),
        *(("-crl_check_all",) if lists else ()),
        *(("-content", "content") if given.content is not None else ()),
        folder=folder,
    )
    answer = "accepts" if done.exit_code == 0 else "refuses"
    assert answer == attack.openssl, done.stderr
    agreed = (answer == "accepts") == (attack.verdict != "invalid")
    assert agreed == (not attack.why), "a difference must be explained, and nothing else"
