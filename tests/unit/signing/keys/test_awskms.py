"""Keys in AWS KMS: moto's server with real keys, and a stand-in that fails as the service does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.loaders import create_loader
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from profilegen.errors import ProfilegenError, ServiceError, SigningError
from profilegen.signing.algorithms import PublicKey, signature_is_valid
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.keys import awskms
from tests.support import kms, pki
from tests.support.kms import STAND_IN_ARN, MotoKms, StandInKms, stand_in_kms

_WITHOUT_PAUSES = "botocore.retries.standard.ExponentialBackoff.delay_amount"
_MODELS = create_loader()  # reads the models of the services once, which takes long


@pytest.fixture(scope="module")
def moto() -> Iterator[MotoKms]:
    with kms.moto_kms() as server:
        yield server


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awskms, "READ_SECONDS", 0.3)
    monkeypatch.setattr(_WITHOUT_PAUSES, lambda _self, _context: 0)
    monkeypatch.setattr("botocore.session.create_loader", lambda _path=None: _MODELS)


def _use(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    for name, value in kms.environment(endpoint).items():
        monkeypatch.setenv(name, value)


def _chain(folder: Path, public_der: bytes) -> Path:
    issuer = pki.chain().intermediate
    path = folder / "chain.pem"
    path.write_bytes(kms.certify(public_der, issuer) + issuer.pem)
    return path


def _open(arn: str, certificates: Path | None) -> Identity:
    return open_identity(f"awskms:{arn}", passphrase=None, certificates=certificates, at=pki.NOW)


def _verifies(identity: Identity, data: bytes) -> bool:
    key = identity.leaf.public_key()
    assert isinstance(key, PublicKey)
    return signature_is_valid(key, identity.sign(data), data, digest=identity.scheme.digest)


def _key(kind: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    key = pki.key(kind, "kms")
    assert isinstance(key, pki.IssuingKey)
    return key


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInKms]:
    """Return a stand-in that is used, with an RSA key."""
    with stand_in_kms(StandInKms(_key("rsa-2048"))) as server:
        _use(monkeypatch, server.endpoint)
        yield server


def _stand_in_chain(server: StandInKms, folder: Path) -> Path:
    public = server.key.public_key()
    return _chain(folder, public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("RSA_2048", "RSA 2048"),
        ("RSA_3072", "RSA 3072"),
        ("RSA_4096", "RSA 4096"),
        ("ECC_NIST_P256", "ECDSA P-256"),
        ("ECC_NIST_P384", "ECDSA P-384"),
    ],
)
def test_a_key_signs(
    spec: str, name: str, moto: MotoKms, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _use(monkeypatch, moto.endpoint)
    arn = moto.make_key(spec)
    public = moto.client().get_public_key(KeyId=arn)["PublicKey"]
    identity = _open(arn, _chain(tmp_path, public))
    assert identity.key_kind == name
    assert _verifies(identity, b"some data")


def test_an_alias_is_followed_once(
    moto: MotoKms, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A release is signed by one key, also where the alias is pointed at another meanwhile."""
    _use(monkeypatch, moto.endpoint)
    client, first, second = moto.client(), moto.make_key("RSA_2048"), moto.make_key("RSA_2048")
    client.create_alias(AliasName="alias/release", TargetKeyId=first)
    alias = first.split(":key/")[0] + ":alias/release"
    chain = _chain(tmp_path, client.get_public_key(KeyId=first)["PublicKey"])
    identity = _open(alias, chain)
    client.update_alias(AliasName="alias/release", TargetKeyId=second)
    assert _verifies(identity, b"some data")


@pytest.mark.parametrize("kind", ["rsa-2048", "p256", "p384"])
@pytest.mark.parametrize(("length", "sent"), [(4096, "RAW"), (4097, "DIGEST"), (100_000, "DIGEST")])
def test_a_long_message_is_sent_as_its_digest(
    kind: str, length: int, sent: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with stand_in_kms(StandInKms(_key(kind))) as server:
        _use(monkeypatch, server.endpoint)
        identity = _open(STAND_IN_ARN, _stand_in_chain(server, tmp_path))
        assert _verifies(identity, b"x" * length)
        assert server.requests[-1][1]["MessageType"] == sent


def test_a_signature_is_one_request(service: StandInKms, tmp_path: Path) -> None:
    identity = _open(STAND_IN_ARN, _stand_in_chain(service, tmp_path))
    for _ in range(5):
        identity.sign(b"x")
    assert service.count("GetPublicKey") == 1
    assert service.count("Sign") == 1 + 5, "the key is tried out"


@pytest.mark.parametrize(
    ("fault", "kind", "message", "attempts"),
    [
        ((400, "ThrottlingException"), ServiceError, "too many requests", 3),
        ((400, "LimitExceededException"), ServiceError, "too many requests", None),
        ((429, ""), ServiceError, "too many requests", None),
        ((500, "KMSInternalException"), ServiceError, "the service failed inside", 3),
        ((503, "DependencyTimeoutException"), ServiceError, "timed out inside", 3),
        ((500, "KeyUnavailableException"), ServiceError, "not available at the moment", 3),
        ((502, ""), ServiceError, "the service failed (HTTP 502)", 3),
        ("hang", ServiceError, "did not answer in time (ReadTimeoutError)", 3),
        ("close", ServiceError, "no connection to the service", 3),
        ("cut", ServiceError, "the answer of the service was cut off or is not one of KMS", None),
        (
            "nonsense",
            ServiceError,
            "the answer of the service was cut off or is not one of KMS",
            None,
        ),
        ((400, "AccessDeniedException"), SigningError, "may not use the key", 1),
        ((400, "NotFoundException"), SigningError, "there is no such key", 1),
        ((400, "DisabledException"), SigningError, "the key is disabled", 1),
        ((400, "KMSInvalidStateException"), SigningError, "the state of the key allows no", 1),
        ((400, "InvalidKeyUsageException"), SigningError, "not for such signatures", 1),
        ((400, "ExpiredTokenException"), SigningError, "the credentials have expired", 1),
        ((400, "UnrecognizedClientException"), SigningError, "the credentials are not valid", 1),
        ((400, "SomethingNew"), SigningError, "refused the request (SomethingNew)", 1),
    ],
)
@pytest.mark.parametrize("moment", ["opening", "signing"])
def test_a_service_that_fails(  # noqa: PLR0913, PLR0917 - a table
    fault: tuple[int, str] | str,
    kind: type[ProfilegenError],
    message: str,
    attempts: int | None,
    moment: str,
    service: StandInKms,
    tmp_path: Path,
) -> None:
    service.fault = fault
    chain = _stand_in_chain(service, tmp_path)
    if moment == "opening":
        service.after = -1
        with pytest.raises(ProfilegenError) as refused:
            _open(STAND_IN_ARN, chain)
        asked = service.count("GetPublicKey")
    else:
        service.after = 1
        identity = _open(STAND_IN_ARN, chain)
        with pytest.raises(ProfilegenError) as refused:
            identity.sign(b"x")
        asked = service.count("Sign") - 1
    assert type(refused.value) is kind
    assert refused.value.message.startswith(f"awskms:{STAND_IN_ARN}: ")
    assert message in refused.value.message
    assert refused.value.hint
    assert attempts is None or asked == attempts


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, "http://127.0.0.1:9")
    with pytest.raises(ServiceError, match="no connection to the service"):
        _open(STAND_IN_ARN, None)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("AWS_ACCESS_KEY_ID", None, "there are no AWS credentials"),
        ("AWS_SECRET_ACCESS_KEY", None, "or only a part of them"),
        ("AWS_PROFILE", "nobody", "the AWS profile or its file cannot be read"),
        ("AWS_ENDPOINT_URL_KMS", "nonsense", "boto3 cannot make the request (ValueError)"),
    ],
)
def test_credentials_and_settings_that_do_not_work(
    variable: str,
    value: str | None,
    message: str,
    service: StandInKms,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del service
    if value is None:
        monkeypatch.delenv(variable)
    else:
        monkeypatch.setenv(variable, value)
    with pytest.raises(SigningError) as refused:
        _open(STAND_IN_ARN, None)
    assert message in refused.value.message
    assert "testing-secret" not in refused.value.message + refused.value.hint


def test_a_key_for_something_else(service: StandInKms) -> None:
    service.usage = "ENCRYPT_DECRYPT"
    with pytest.raises(SigningError, match="not for signing but for ENCRYPT_DECRYPT"):
        _open(STAND_IN_ARN, None)


def test_a_key_without_the_algorithm(service: StandInKms) -> None:
    service.algorithms = ("RSASSA_PSS_SHA_256",)
    with pytest.raises(SigningError, match="does not offer RSASSA_PKCS1_V1_5_SHA_256"):
        _open(STAND_IN_ARN, None)


def test_certificates_come_from_files_only(service: StandInKms) -> None:
    del service
    with pytest.raises(SigningError, match="there is no certificate") as refused:
        _open(STAND_IN_ARN, None)
    assert refused.value.hint == "Add its file with --certificates."


@pytest.mark.parametrize(
    "place",
    [
        "alias/release",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:s3:::bucket",
        "arn:aws:kms:eu-central-1:123:key/x",
        "arn:aws:kms:eu-central-1:123456789012:key/x/../y",
        "arn:aws:kms:eu central:123456789012:key/x",
    ],
)
def test_what_is_no_arn(place: str) -> None:
    with pytest.raises(SigningError, match="is no ARN of a KMS key or alias"):
        _open(place, None)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_every_partition_has_arns(partition: str, service: StandInKms, tmp_path: Path) -> None:
    arn = STAND_IN_ARN.replace("arn:aws:", f"arn:{partition}:")
    assert _verifies(_open(arn, _stand_in_chain(service, tmp_path)), b"x")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(SigningError, match="identities need boto3") as refused:
        _open(STAND_IN_ARN, None)
    assert refused.value.hint == "Run pip install 'profilegen[aws]'."
