"""Certificates that were swapped, added, misused or have expired: each with its known answer."""

from __future__ import annotations

import itertools
import warnings
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support import pki
from tests.support.adversarial import Signed, key_identifier
from tests.support.adversarial_pki import (
    ANYTHING,
    CA,
    DAY,
    END,
    OTHER_ROOT,
    ROOT,
    SIGNER,
    START,
    TODAY,
    Form,
    authority,
    certify,
    signer,
    with_serial,
)
from tests.support.opinions import Attacks, Given, checks_of
from tests.support.pki import Issued

ATTACKS = Attacks()
refused, accepted = ATTACKS.refused, ATTACKS.accepted
YESTERDAY, TOMORROW = TODAY - DAY, TODAY + 2 * DAY
SERIAL = SIGNER.certificate.serial_number
OWNER = "adversarial Signer"
"""The owner of the key of SIGNER, for other certificates of that key."""


def _file(by: Issued, *others: Issued) -> bytes:
    return Signed(by=by, certificates=[by, *others]).der()


@accepted("a good file", "CN=Signer", "CN=Root")
def _good() -> Given:
    return Given(data=_file(SIGNER, CA))


# --- Certificates in the place of others


@refused("the same subject and serial number, by another CA", "chain", "'Other Root'")
def _same_subject_and_serial() -> Given:
    other_ca = authority("Other CA", OTHER_ROOT)
    thief = signer(other_ca, owner="thief", serial=SERIAL)
    return Given(data=_file(thief, other_ca))


@refused("the same subject, serial number and name of the CA", "chain", "'Root'", "another key")
def _namesake_ca() -> Given:
    root = authority("Root", owner="thief's root")
    ca = authority("CA", root, owner="thief's CA")
    return Given(data=_file(signer(ca, owner="thief", serial=SERIAL), ca))


@refused("a certificate that names the real CA, which did not sign it", "chain", "'CA'")
def _not_signed_by_the_ca() -> Given:
    impostor = authority("CA", ROOT, owner="thief's CA")
    return Given(data=_file(signer(impostor, owner="thief", serial=SERIAL), CA))


@refused("the thief's signature, with the certificate of the real signer added", "chain", "'CA'")
def _both_certificates() -> Given:
    thief = signer(authority("CA", ROOT, owner="thief's CA"), owner="thief", serial=SERIAL)
    return Given(data=_file(thief, SIGNER, CA))


@accepted(
    "a thief's certificate before that of the signer",
    "CN=Signer",
    "'Signer' < 'CA'",
    openssl="refuses",
    why="openssl takes the first certificate that the signature names",
)
def _thief_before() -> Given:
    return Given(data=_file(SIGNER, CA, _thief(before=True)))


@accepted("a thief's certificate behind that of the signer", "CN=Signer", "'Signer' < 'CA'")
def _thief_behind() -> Given:
    return Given(data=_file(SIGNER, CA, _thief(before=False)))


def _thief(*, before: bool) -> Issued:
    """Return a certificate of another key that the signature names too; files are in DER order."""
    impostor = authority("CA", ROOT, owner="thief's CA")
    start = START - DAY if before else START + DAY
    for _ in range(100):  # the length of an ECDSA signature, and so of its certificate, varies
        thief = signer(impostor, owner="thief", serial=SERIAL, start=start)
        if (_der(thief) < _der(SIGNER)) == before:
            return thief
    raise AssertionError


def _der(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.DER)


@refused("the certificate of another key under the name of the signer", "signature", "'Signer'")
def _swapped_for_another_key() -> Given:
    other = signer(CA, owner="other", serial=SERIAL)
    return Given(data=Signed(by=SIGNER, certificates=[other, CA]).der())


@accepted("a certificate of the same key, issuer and serial number, but another name", "CN=Renamed")
def _renamed() -> Given:
    """Nothing in the signature binds the name: only the CA can do this, and the report says who."""
    renamed = signer(CA, "Renamed", owner=OWNER, serial=SERIAL)
    return Given(data=Signed(by=SIGNER, certificates=[renamed, CA]).der())


@refused("a certificate of the same key with another serial number", "signature", "is not in")
def _renewed() -> Given:
    renewed = signer(CA, owner=OWNER)
    return Given(data=Signed(by=SIGNER, certificates=[renewed, CA]).der())


def _identified(name: str, issuer: Issued, owner: str) -> Issued:
    """Return a certificate that claims the key identifier of SIGNER."""
    identifier = x509.SubjectKeyIdentifier.from_public_key(SIGNER.certificate.public_key())
    return signer(issuer, name, owner=owner, optional=[identifier])


def _named_by_key(by: Issued, *certificates: Issued) -> bytes:
    identifier = by.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    sid = key_identifier(identifier.value.digest)
    return Signed(by=by, certificates=certificates, sid=sid, version=3).der()


@accepted("a signer named by its key identifier", "subjectKeyIdentifier")
def _by_key_identifier() -> Given:
    one = _identified("Signer", CA, OWNER)
    return Given(data=_named_by_key(one, one, CA))


@refused("a certificate of another CA with the same key identifier", "chain", "'Other Root'")
def _same_key_identifier_elsewhere() -> Given:
    other_ca = authority("Other CA", OTHER_ROOT)
    thief = _identified("Signer", other_ca, "thief")
    return Given(data=_named_by_key(thief, thief, other_ca))


@refused("a certificate of the same CA with the same key identifier", "signature", "'Swapped'")
def _same_key_identifier() -> Given:
    one = _identified("Signer", CA, OWNER)
    return Given(data=_named_by_key(one, _identified("Swapped", CA, "thief"), CA))


@refused("no certificate with the key identifier", "signature", "is not in")
def _no_key_identifier() -> Given:
    return Given(data=_named_by_key(_identified("Signer", CA, OWNER), SIGNER, CA))


# --- Certificates that were added, or are missing


@accepted("an unrelated certificate", "CN=Signer")
def _unrelated() -> Given:
    return Given(data=_file(SIGNER, CA, authority("Unrelated", OTHER_ROOT)))


@accepted("the same certificate twice")
def _twice() -> Given:
    return Given(data=_file(SIGNER, CA, CA, SIGNER))


@accepted("the trusted root in the file", "CN=Root")
def _root_in_file() -> Given:
    return Given(data=_file(SIGNER, CA, ROOT))


@refused("a root in the file that nobody trusts", "chain", "'Other Root'")
def _other_root_in_file() -> Given:
    other_ca = authority("Other CA", OTHER_ROOT)
    return Given(data=_file(signer(other_ca), other_ca, OTHER_ROOT))


@refused("a self-signed signer", "chain", "'Alone'")
def _self_signed() -> Given:
    alone = certify("Alone", None, Form())
    return Given(data=_file(alone))


@accepted("a signer that is trusted itself", "CN=Alone", verdict="valid")
def _trusted_itself() -> Given:
    alone = certify("Alone", None, Form())
    return Given(data=_file(alone), trust=[alone])


@refused("no intermediate", "chain", "'CA'")
def _no_intermediate() -> Given:
    return Given(data=_file(SIGNER))


@accepted(
    "the intermediate from a file",
    openssl="refuses",
    why="openssl cms builds the chain from the signed file and what is trusted only",
)
def _intermediate_given() -> Given:
    return Given(data=_file(SIGNER), certificates=[CA])


@refused("a given root is no anchor", "chain", "'Other Root'")
def _given_is_not_trusted() -> Given:
    other_ca = authority("Other CA", OTHER_ROOT)
    return Given(data=_file(signer(other_ca)), certificates=[other_ca, OTHER_ROOT])


@accepted("the intermediate among what is trusted")
def _intermediate_trusted() -> Given:
    return Given(data=_file(SIGNER), trust=[CA])


@accepted("a hundred unrelated certificates")
def _many() -> Given:
    others = [signer(OTHER_ROOT, f"Other {number}", owner="other") for number in range(97)]
    return Given(data=_file(SIGNER, CA, *others))


@refused("a hundred CAs of one name that certify each other", "chain", "'Maze'")
def _maze() -> Given:
    """A search that follows every path would not end."""
    keys = [authority("Maze", owner=f"maze {number % 10}") for number in range(10)]
    edges = [
        authority("Maze", keys[above], owner=f"maze {below}")
        for above, below in itertools.permutations(range(10), 2)
    ]
    return Given(data=_file(signer(keys[0]), *edges))


# --- Paths


def _path(*names: str) -> list[Issued]:
    """Return CAs from below ROOT downwards."""
    path = [ROOT]
    for name in names:
        path.append(authority(name, path[-1]))
    return path[1:]


@accepted("a long chain")
def _long() -> Given:
    path = _path(*(f"CA {number}" for number in range(7)))
    return Given(data=_file(signer(path[-1]), *path))


@accepted("a CA that two others certified, one of them expired")
def _cross() -> Given:
    old_root = authority("Old Root")
    old = authority("Cross CA", old_root, end=YESTERDAY)
    new = authority("Cross CA", ROOT)
    return Given(data=_file(signer(new), old, new, old_root))


@accepted("a CA that its root certified twice, once until yesterday")
def _renewed_ca() -> Given:
    old, new = authority("Cross CA", ROOT, end=YESTERDAY), authority("Cross CA", ROOT)
    return Given(data=_file(signer(new), old, new))


@accepted("a CA with two certificates, both roots given, one expired")
def _cross_roots() -> Given:
    old_root = authority("Old Root", end=YESTERDAY)
    old, new = authority("Cross CA", old_root), authority("Cross CA", ROOT)
    return Given(data=_file(signer(new), old, new), trust=[old_root, ROOT])


@refused("two CAs that certify each other", "chain", "'Loop ")
def _loop() -> Given:
    first = authority("Loop B")
    a = authority("Loop A", first)
    return Given(data=_file(signer(a), a, authority("Loop B", a)))


@accepted("two CAs that certify each other, and one that leads out")
def _loop_with_exit() -> Given:
    first = authority("Loop B")
    a = authority("Loop A", first)
    return Given(data=_file(signer(a), a, authority("Loop B", a), authority("Loop B", ROOT)))


@refused("a chain through the certificate of a signer", "purpose", "'Plain'", "not a CA")
def _not_a_ca() -> Given:
    plain = signer(ROOT, "Plain")
    return Given(data=_file(signer(plain), plain))


@refused("an issuer that only its key usage calls a CA", "purpose", "'Half'", "not a CA")
def _usage_without_flag() -> Given:
    half = certify("Half", ROOT, Form(critical=[pki.usage(key_cert_sign=True)]))
    return Given(data=_file(signer(half), half))


@refused("a CA without keyCertSign", "purpose", "'CRL CA'", "keyCertSign")
def _no_cert_sign() -> Given:
    ca = certify("CRL CA", ROOT, Form(critical=[pki.ca(), pki.usage(crl_sign=True)]))
    return Given(data=_file(signer(ca), ca))


@refused("more CAs than one of them allows", "purpose", "'Narrow CA' allows 0 CAs")
def _too_long() -> Given:
    narrow = authority("Narrow CA", ROOT, path_length=0)
    lower = authority("Lower CA", narrow)
    return Given(data=_file(signer(lower), lower, narrow))


@refused(
    "a signer that may not sign data",
    "purpose",
    "'TLS' may not sign data",
    openssl="accepts",
    why="with -purpose any openssl asks nothing of the signer's key usage",
)
def _no_digital_signature() -> Given:
    tls = certify("TLS", CA, Form(critical=[pki.usage(key_encipherment=True)]))
    return Given(data=_file(tls, CA))


@accepted("a signer that is a TLS server", "CN=Server")
def _tls_server() -> Given:
    purposes = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
    names = x509.SubjectAlternativeName([x509.DNSName("mdm.example")])
    return Given(data=_file(signer(CA, "Server", optional=[purposes, names]), CA))


@refused("a critical extension of the signer that nobody knows", "purpose", "'Strange'")
def _critical() -> Given:
    strange = certify("Strange", CA, Form(critical=[pki.usage(digital_signature=True), ANYTHING]))
    return Given(data=_file(strange, CA))


@refused("a critical extension of a CA that nobody knows", "purpose", "'Strange CA'")
def _critical_in_ca() -> Given:
    strange = authority("Strange CA", ROOT, limits=[ANYTHING])
    return Given(data=_file(signer(strange), strange))


# --- Names that a CA is limited to


def _limited(*, permitted: x509.GeneralName | None, excluded: x509.GeneralName | None) -> Issued:
    limits = x509.NameConstraints(
        None if permitted is None else [permitted], None if excluded is None else [excluded]
    )
    return authority("Limited CA", ROOT, limits=[limits])


def _mail(host: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(host)])


def _organization(name: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


_ORGANIZATION = x509.DirectoryName(
    x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example")])
)


@accepted("a name inside the limits of its CA", "CN=Signer")
def _inside() -> Given:
    ca = _limited(permitted=x509.DNSName("example.com"), excluded=None)
    return Given(data=_file(signer(ca, optional=[_mail("mdm.example.com")]), ca))


@refused("a name outside the limits of its CA", "purpose", "'Limited CA' limits the names")
def _outside() -> Given:
    ca = _limited(permitted=x509.DNSName("example.com"), excluded=None)
    return Given(data=_file(signer(ca, optional=[_mail("example.org")]), ca))


@refused("a name that its CA excludes", "purpose", "'Limited CA' limits the names")
def _excluded() -> Given:
    ca = _limited(permitted=None, excluded=x509.DNSName("example.org"))
    return Given(data=_file(signer(ca, optional=[_mail("mdm.example.org")]), ca))


@refused(
    "a subject inside the limits of its CA",
    "purpose",
    "or the limit cannot be checked",
    openssl="accepts",
    why="limits on directory names are refused unchecked: the library that checks paths has none",
)
def _subject_inside() -> Given:
    ca = _limited(permitted=_ORGANIZATION, excluded=None)
    form = Form(critical=[pki.usage(digital_signature=True)])
    return Given(data=_file(certify(_organization("Signer", "Example"), ca, form), ca))


@refused("a subject outside the limits of its CA", "purpose", "'Limited CA' limits the names")
def _subject_outside() -> Given:
    ca = _limited(permitted=_ORGANIZATION, excluded=None)
    form = Form(critical=[pki.usage(digital_signature=True)])
    return Given(data=_file(certify(_organization("Signer", "Other"), ca, form), ca))


# --- Dates


@refused("an expired signer", "dates", "'Signer' expired on")
def _expired() -> Given:
    """The signing time that the signer claims is no proof."""
    return Given(data=_file(signer(CA, end=YESTERDAY), CA))


@refused("a signer of the future", "dates", "'Signer' is not valid before")
def _early() -> Given:
    return Given(data=_file(signer(CA, start=TOMORROW), CA))


@refused("an expired intermediate", "dates", "'Old CA' expired on")
def _expired_ca() -> Given:
    ca = authority("Old CA", ROOT, end=YESTERDAY)
    return Given(data=_file(signer(ca), ca))


@refused("an expired root", "dates", "'Old Root' expired on")
def _expired_root() -> Given:
    root = authority("Old Root", end=YESTERDAY)
    ca = authority("Its CA", root)
    return Given(data=_file(signer(ca), ca), trust=[root])


@accepted("certificates that end within the hour")
def _ending() -> Given:
    soon = TODAY + DAY + timedelta(hours=1)
    return Given(data=_file(signer(CA, start=START, end=soon), CA))


# --- What is allowed, but rare


@accepted("the largest serial number that RFC 5280 allows")
def _large_serial() -> Given:
    return Given(data=_file(signer(CA, serial=2**159 - 1), CA))


@refused(
    "a serial number of 64 bytes",
    "chain",
    "'Signer'",
    openssl="accepts",
    why="RFC 5280, section 4.1.2.2: not more than 20 bytes",
)
def _huge_serial() -> Given:
    return Given(data=_file(with_serial(SIGNER, CA, 2**511 - 1), CA))


@refused(
    "a negative serial number",
    "chain",
    "'Signer'",
    openssl="accepts",
    why="RFC 5280, section 4.1.2.2: a positive number",
)
def _negative_serial() -> Given:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Given(data=_file(with_serial(SIGNER, CA, -5), CA))


@accepted("a subject without a common name")
def _no_common_name() -> Given:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Nameless")])
    form = Form(critical=[pki.usage(digital_signature=True)], start=START, end=END)
    return Given(data=_file(certify(name, CA, form), CA))


test_what_is_said, test_what_is_written_as_json, test_what_openssl_says = checks_of(ATTACKS)
