"""What a certificate of the policy consists of, once its file and environment have been read.

Rendering opens no file but templates: the release floor reads and hands these values in.
"""

from __future__ import annotations

from dataclasses import dataclass

from profilegen.secrets import Secret


@dataclass(frozen=True, slots=True)
class CertificateMaterial:
    """The bytes and the secret of one certificate.

    `content` is the DER of a CA certificate or of a PKCS#12 file, b"" for enrolments. `secret` is
    the passphrase of the PKCS#12 file or the SCEP challenge, None where there is none.
    `file_sha256` is that of the file as it was read, in hexadecimal, "" for enrolments.
    """

    content: bytes
    secret: Secret | None = None
    file_sha256: str = ""
