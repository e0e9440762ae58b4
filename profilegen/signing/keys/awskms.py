"""Keys in AWS KMS. The key never leaves the service; a signature is one request."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

from profilegen.errors import SigningError
from profilegen.extras import extra
from profilegen.signing.algorithms import (
    P256_SHA256,
    P384_SHA384,
    RSA_SHA256,
    Scheme,
    digest_of,
    scheme_of,
)
from profilegen.signing.keys.awskms_errors import kms_errors, no_answer
from profilegen.signing.keys.interface import KeyMaterial, Passphrase

MAX_RAW = 4096
"""Bytes of a message that Sign hashes itself; of a longer one it takes the digest (AWS KMS API
Reference, Sign, Message)."""

CONNECT_SECONDS = 5
READ_SECONDS = 10
ATTEMPTS = 3
"""Of one request, the first included, with growing pauses between them: under a minute in all."""

# General form of an ARN: AWS General Reference. A partition is "aws", "aws-cn", "aws-us-gov", ...
_ARN = re.compile(
    r"arn:aws[a-z-]*:kms:(?P<region>[a-z]{2,}(?:-[a-z]+)+-[0-9]+):[0-9]{12}"
    r":(?:key/[A-Za-z0-9-]+|alias/[A-Za-z0-9/_-]+)"
)
_SPECS = "Use a key of spec RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256 or ECC_NIST_P384."
_ALGORITHMS = {
    RSA_SHA256: "RSASSA_PKCS1_V1_5_SHA_256",
    P256_SHA256: "ECDSA_SHA_256",
    P384_SHA384: "ECDSA_SHA_384",
}


class _Client(Protocol):
    """The two operations of boto3's KMS client that are used; boto3 has no types."""

    def get_public_key(self, *, KeyId: str) -> dict[str, Any]: ...  # noqa: N803 - as AWS

    def sign(
        self,
        *,
        KeyId: str,  # noqa: N803 - as AWS
        Message: bytes,  # noqa: N803 - as AWS
        MessageType: str,  # noqa: N803 - as AWS
        SigningAlgorithm: str,  # noqa: N803 - as AWS
    ) -> dict[str, Any]: ...


def open_kms_key(place: str, passphrase: Passphrase | None, /) -> KeyMaterial:
    """Return the key with the ARN `place`, of the key itself or of an alias.

    Credentials, endpoint and proxy are found as boto3 finds them; the region is that of the ARN.
    KMS holds no certificates. An alias is looked up once: later signatures are by the same key.

    Raises SigningError when the key cannot sign or may not be used, and ServiceError when the
    service cannot be reached, is throttled or fails.
    """
    del passphrase  # who may use the key is for the credentials to say
    arn = _ARN.fullmatch(place)
    if arn is None:
        message = f"awskms:{place}: is no ARN of a KMS key or alias"
        hint = "Write awskms:arn:aws:kms:REGION:ACCOUNT:key/ID, or alias/NAME at its end."
        raise SigningError(message, hint=hint)
    where = f"awskms:{place}"
    client = _client(arn["region"], where)
    with kms_errors(where):
        answer = client.get_public_key(KeyId=place)
    public_key = _public_key(answer, where)
    algorithm = _algorithm(answer, scheme_of(public_key, where=where), where)
    key = answer.get("KeyId", place)
    return KeyMaterial(public_key, partial(_sign, client, key, algorithm, where))


def _client(region: str, where: str) -> _Client:
    with extra("aws", needs="awskms: identities need boto3", error=SigningError):
        import boto3  # noqa: PLC0415 - an extra, and slow to import
        from botocore.config import Config  # noqa: PLC0415 - an extra
    settings = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )
    with kms_errors(where):
        client: _Client = boto3.Session().client("kms", region_name=region, config=settings)
    return client


def _public_key(answer: dict[str, Any], where: str) -> PublicKeyTypes:
    usage, der = answer.get("KeyUsage"), answer.get("PublicKey")
    if not isinstance(usage, str) or not isinstance(der, bytes):
        raise no_answer(where)
    if usage != "SIGN_VERIFY":
        message = f"{where}: the key is not for signing but for {usage}"
        raise SigningError(message, hint="Use a key whose usage is SIGN_VERIFY.")
    try:
        return load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as error:
        message = f"{where}: the public key cannot be read"
        raise SigningError(message, hint=_SPECS) from error


def _algorithm(answer: dict[str, Any], scheme: Scheme, where: str) -> str:
    algorithm = _ALGORITHMS[scheme]
    if algorithm in answer.get("SigningAlgorithms", ()):
        return algorithm
    message = f"{where}: the key does not offer {algorithm}"
    raise SigningError(message, hint=_SPECS)


def _sign(client: _Client, key: str, algorithm: str, where: str, data: bytes) -> bytes:
    """Return the signature; that of ECDSA is DER already (AWS KMS API Reference, Sign)."""
    if len(data) <= MAX_RAW:
        message, kind = data, "RAW"
    else:
        digest = "sha384" if algorithm.endswith("_384") else "sha256"
        message, kind = digest_of(data, digest=digest), "DIGEST"
    with kms_errors(where):
        answer = client.sign(
            KeyId=key, Message=message, MessageType=kind, SigningAlgorithm=algorithm
        )
    signature = answer.get("Signature")
    if not isinstance(signature, bytes):
        raise no_answer(where)
    return signature
