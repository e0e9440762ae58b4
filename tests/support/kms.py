"""AWS KMS for tests, on this machine: moto's server, and a stand-in that also fails.

`moto_kms` is a server of the moto project with real keys. It hashes what it signs even where the
request says MessageType=DIGEST, and it never fails. `StandInKms` is ours: it follows the AWS KMS
API Reference for GetPublicKey and Sign, the digest included, and answers as it is told to.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from moto.server import ThreadedMotoServer

from tests.support import pki

REGION = "eu-central-1"
STAND_IN_ARN = f"arn:aws:kms:{REGION}:123456789012:key/stand-in"
_HANG_SECONDS = 10
_HASHES: dict[str, hashes.SHA256 | hashes.SHA384] = {
    "RSASSA_PKCS1_V1_5_SHA_256": hashes.SHA256(),
    "ECDSA_SHA_256": hashes.SHA256(),
    "ECDSA_SHA_384": hashes.SHA384(),
}


def environment(endpoint: str) -> dict[str, str]:
    """Return the variables with which boto3 finds `endpoint`, and nothing of this machine."""
    return {
        "AWS_ENDPOINT_URL_KMS": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing-secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


@dataclass(frozen=True, slots=True)
class MotoKms:
    """A running server of moto."""

    endpoint: str

    def client(self) -> Any:  # noqa: ANN401 - boto3 has no types
        return boto3.client(
            "kms",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing-secret",  # noqa: S106 - of nothing
        )

    def make_key(self, spec: str, *, usage: str = "SIGN_VERIFY") -> str:
        """Return the ARN of a new key of `spec`: `RSA_2048`, `ECC_NIST_P256`."""
        answer = self.client().create_key(KeySpec=spec, KeyUsage=usage)
        return str(answer["KeyMetadata"]["Arn"])


@contextmanager
def moto_kms() -> Iterator[MotoKms]:
    """Run moto's server on a free port of this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield MotoKms(f"http://{host}:{port}")
    finally:
        server.stop()


def certify(public_der: bytes, issuer: pki.Issued, name: str = "KMS Signer") -> bytes:
    """Return a certificate in PEM, by `issuer`, for a public key that a service told."""
    key = load_der_public_key(public_der)
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    assert isinstance(issuer.key, pki.IssuingKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(pki.name_of(name))
        .issuer_name(issuer.certificate.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(pki.START)
        .not_valid_after(pki.END)
        .add_extension(pki.usage(digital_signature=True), critical=True)
    )
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.PEM)


@dataclass(slots=True)
class StandInKms:
    """A server that has one key and follows the API Reference, unless `fault` says otherwise.

    `fault` is an error's status and code, or "hang", "close", "cut", "nonsense"; it begins with the
    request to Sign number `after`. `requests` are the bodies of all requests.
    """

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    fault: tuple[int, str] | str | None = None
    after: int = 0
    usage: str = "SIGN_VERIFY"
    algorithms: tuple[str, ...] = tuple(_HASHES)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    endpoint: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)

    def answer(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return status and body of the answer to one request."""
        if operation == "GetPublicKey":
            public = self.key.public_key()
            der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return 200, {
                "KeyId": STAND_IN_ARN,
                "PublicKey": base64.b64encode(der).decode(),
                "KeyUsage": self.usage,
                "SigningAlgorithms": list(self.algorithms),
            }
        message, algorithm = base64.b64decode(body["Message"]), body["SigningAlgorithm"]
        digest = _HASHES[algorithm]
        if body["MessageType"] == "RAW":
            if len(message) > 4096:
                return 400, {"__type": "ValidationException", "message": "too long"}
            return self._signed(message, algorithm, digest)
        if len(message) != digest.digest_size:
            return 400, {"__type": "ValidationException", "message": "no digest"}
        return self._signed(message, algorithm, Prehashed(digest))

    def _signed(
        self, message: bytes, algorithm: str, digest: hashes.SHA256 | hashes.SHA384 | Prehashed
    ) -> tuple[int, dict[str, Any]]:
        if isinstance(self.key, rsa.RSAPrivateKey):
            signature = self.key.sign(message, padding.PKCS1v15(), digest)
        else:
            signature = self.key.sign(message, ec.ECDSA(digest))
        encoded = base64.b64encode(signature).decode()
        return 200, {"KeyId": STAND_IN_ARN, "Signature": encoded, "SigningAlgorithm": algorithm}

    def count(self, operation: str) -> int:
        """Return how many requests there were for `operation`."""
        return sum(name == operation for name, _ in self.requests)


@contextmanager
def stand_in_kms(server: StandInKms) -> Iterator[StandInKms]:
    """Run `server` on a free port of this machine; it then has an `endpoint`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].removeprefix("TrentService.")
            server.requests.append((operation, body))
            fault = server.fault if server.count("Sign") > server.after else None
            if server.after < 0:
                fault = server.fault
            match fault:
                case "hang":
                    server.stopping.wait(_HANG_SECONDS)
                case "close":
                    self.close_connection = True
                case "nonsense":
                    self._send(200, b"<html>")
                case (int() as status, str() as code):
                    self._send(status, json.dumps({"__type": code, "message": "told so"}).encode())
                case _:
                    status, answer = server.answer(operation, body)
                    self._send(status, json.dumps(answer).encode(), cut=fault == "cut")

        def _send(self, status: int, body: bytes, *, cut: bool = False) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            self.close_connection = self.close_connection or cut

        def log_message(self, *_arguments: object) -> None:
            """Print nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    server.endpoint = f"http://127.0.0.1:{listener.server_port}"
    try:
        yield server
    finally:
        server.stopping.set()
        listener.shutdown()
        thread.join()
        listener.server_close()
