"""Open CMS EnvelopedData that was encrypted for one device, with the key of that device.

RSA key transport and CBC content encryption, which is what tools make for profiles; Apple names no
algorithms. The structure is read by asn1crypto, the cryptography is that of `cryptography`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.errors import InputError, SigningError
from profilegen.signing.algorithms import key_name
from profilegen.signing.ber import NOT_ASN1
from profilegen.signing.certificates import has_key, printable, short_name
from profilegen.signing.enveloped import damaged, enveloped_data, key_transports, recipient_of
from profilegen.signing.integrity import HASHES
from profilegen.signing.keys.files import load_key
from profilegen.signing.keys.interface import Passphrase
from profilegen.signing.message_certificates import names

_NAMED = 3
_AES_CBC = {"aes128_cbc": 16, "aes192_cbc": 24, "aes256_cbc": 32}
_TRIPLE_DES = "tripledes_3key"
_TRIPLE_DES_BYTES = 24
_OTHER_ALGORITHM = "Encrypt it with RSA key transport and AES in CBC mode."
_DAMAGED = "Get the profile again."


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """The private key of one device, and the certificates for it by which senders name it."""

    private_key: rsa.RSAPrivateKey = field(repr=False)
    certificates: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class _ContentCipher:
    """How the content is encrypted; `key_size` and `block_size` in bytes."""

    algorithm: type[algorithms.AES | TripleDES]
    key_size: int
    block_size: int
    iv: bytes


def open_device_key(uri: str, passphrase: Passphrase | None) -> DeviceKey:
    """Return the key that `uri` names, `pem:FILE[,FILE...]` or `p12:FILE`, with its certificates.

    Raises SigningError when it cannot be opened, is no RSA key or comes without a certificate.
    """
    loaded = load_key(uri, passphrase=passphrase)
    key = loaded.private_key
    if not isinstance(key, rsa.RSAPrivateKey):
        message = f"{loaded.where}: {key_name(key.public_key())} keys decrypt no profiles"
        raise SigningError(message, hint="Give the RSA key of the device's identity.")
    own = tuple(c for c in loaded.certificates if has_key(c, key.public_key()))
    if not own:
        message = f"{loaded.where}: the certificate of the device's key is not there"
        raise SigningError(message, hint="Name its file too, separated by a comma.")
    return DeviceKey(key, own)


def decrypt_payloads(encrypted: bytes, key: DeviceKey) -> bytes:
    """Return what the EnvelopedData `encrypted`, DER or BER, holds for `key`.

    Raises InputError for what is none or uses an algorithm that is not supported, and SigningError
    when it is for other recipients, or does not decrypt. Why it does not is never told apart: the
    difference would help those who send changed messages to learn the content.
    """
    try:
        return _decrypt(encrypted, key)
    except NOT_ASN1 as error:
        raise damaged() from error


def _decrypt(encrypted: bytes, key: DeviceKey) -> bytes:
    data = enveloped_data(encrypted)
    content = data["encrypted_content_info"]
    recipient = _recipient(data["recipient_infos"], key.certificates)
    cipher = _content_cipher(content["content_encryption_algorithm"])
    transport = _transport_padding(recipient["key_encryption_algorithm"])
    wrapped, sealed = bytes(recipient["encrypted_key"]), content["encrypted_content"]
    if isinstance(sealed, core.Void):
        message = "the encrypted payloads are not in the file"
        raise InputError(message, hint=_DAMAGED)
    try:
        return _opened(bytes(sealed), cipher, key.private_key.decrypt(wrapped, transport))
    except UnsupportedAlgorithm as error:
        message = "the payloads are encrypted with an algorithm that is not supported here"
        raise InputError(message, hint=_OTHER_ALGORITHM) from error
    except ValueError:
        message = "the payloads do not decrypt: they are damaged, or were made for another key"
        raise SigningError(message, hint=f"{_DAMAGED} Check which device it is for.") from None


def _recipient(
    recipients: cms.RecipientInfos, certificates: Sequence[x509.Certificate]
) -> cms.KeyTransRecipientInfo:
    """Return what was written for the owner of one of `certificates`."""
    own = [asn1_x509.Certificate.load(c.public_bytes(Encoding.DER)) for c in certificates]
    transports = key_transports(recipients)
    for recipient in transports:
        if any(names(recipient["rid"], certificate) for certificate in own):
            return recipient
    if not transports:
        message = "the payloads are encrypted in a way that is not supported: not by an RSA key"
        raise InputError(message, hint=_OTHER_ALGORITHM)
    shown = ", ".join(_shown_recipients(transports))
    device = short_name(certificates[0].subject)
    message = f"the payloads are not encrypted for '{device}' but for {shown}"
    raise SigningError(message, hint="Give the key of the device that the profile is for.")


def _shown_recipients(recipients: Sequence[cms.KeyTransRecipientInfo]) -> Iterator[str]:
    yield from (str(recipient_of(one)) for one in recipients[:_NAMED])
    if len(recipients) > _NAMED:
        yield f"{len(recipients) - _NAMED} more"


def _content_cipher(found: cms.EncryptionAlgorithm) -> _ContentCipher:
    name = str(found["algorithm"].native)
    size = _AES_CBC.get(name)
    if size is None and name != _TRIPLE_DES:
        message = f"the payloads are encrypted with {printable(name)}, which is not supported"
        raise InputError(message, hint=_OTHER_ALGORITHM)
    iv = bytes(found["parameters"].native)
    if size is None:
        cipher = _ContentCipher(TripleDES, _TRIPLE_DES_BYTES, TripleDES.block_size // 8, iv)
    else:
        cipher = _ContentCipher(algorithms.AES, size, algorithms.AES.block_size // 8, iv)
    if len(iv) != cipher.block_size:
        message = "an initialization vector of the wrong length"
        raise ValueError(message)
    return cipher


def _transport_padding(found: cms.KeyEncryptionAlgorithm) -> padding.AsymmetricPadding:
    name = str(found["algorithm"].native)
    parameters = found["parameters"]
    if name == "rsaes_pkcs1v15":
        return padding.PKCS1v15()
    digest = mask = None
    if name == "rsaes_oaep" and not isinstance(parameters, core.Void):
        digest = HASHES.get(str(parameters["hash_algorithm"]["algorithm"].native))
        generator = parameters["mask_gen_algorithm"]
        if generator["algorithm"].native == "mgf1":
            mask = HASHES.get(str(generator["parameters"]["algorithm"].native))
    if digest is None or mask is None:
        message = f"the key of the content is encrypted with {printable(name)}, not supported so"
        raise InputError(message, hint=_OTHER_ALGORITHM)
    label = bytes(parameters["p_source_algorithm"]["parameters"].native)
    return padding.OAEP(padding.MGF1(mask()), digest(), label or None)


def _opened(sealed: bytes, cipher: _ContentCipher, content_key: bytes) -> bytes:
    """Return the content; ValueError when the key has the wrong size or the padding is wrong."""
    if len(content_key) != cipher.key_size:
        message = "a content key of the wrong length"
        raise ValueError(message)
    decryptor = Cipher(cipher.algorithm(content_key), modes.CBC(cipher.iv)).decryptor()
    unpadder = PKCS7(cipher.block_size * 8).unpadder()
    padded = decryptor.update(sealed) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()
