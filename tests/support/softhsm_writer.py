"""Fill a SoftHSM2 token; a program, since the library reads its configuration once a process.

What to do comes as JSON on standard input, so that no PIN stands in the list of processes:
`module`, `label`, `pin`, `new` (make the token first) and `objects`, each with its `kind`
("private", "public" or "certificate"), `der` in hexadecimal, and the `label` and `id` it gets.
"""

from __future__ import annotations

import ctypes
import json
import sys
from typing import Any

import pkcs11
from pkcs11 import Attribute, Mechanism, Slot, TokenFlag
from pkcs11.attributes import AttributeMapper
from pkcs11.util import ec, rsa, x509


class _Mapper(AttributeMapper):
    """Also packs CKA_ALLOWED_MECHANISMS, a list of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.register_handler(
            Attribute.ALLOWED_MECHANISMS,
            lambda names: b"".join(int(n).to_bytes(8, sys.byteorder) for n in names),
            bytes,
        )


def _attributes(wanted: dict[str, Any]) -> dict[Attribute, Any]:
    der = bytes.fromhex(wanted["der"])
    is_rsa = wanted.get("family") == "rsa"
    match wanted["kind"]:
        case "private":
            found = rsa.decode_rsa_private_key(der) if is_rsa else ec.decode_ec_private_key(der)
            found |= {
                Attribute.PRIVATE: True,
                Attribute.SENSITIVE: True,
                Attribute.EXTRACTABLE: False,
                Attribute.SIGN: wanted["sign"],
                Attribute.ALWAYS_AUTHENTICATE: wanted["always_authenticate"],
            }
            if wanted["mechanisms"]:
                allowed = [Mechanism[name] for name in wanted["mechanisms"]]
                found[Attribute.ALLOWED_MECHANISMS] = allowed
        case "public":
            found = rsa.decode_rsa_public_key(der) if is_rsa else ec.decode_ec_public_key(der)
            found[Attribute.PRIVATE] = False
        case _:
            found = x509.decode_x509_certificate(der)
            found[Attribute.PRIVATE] = False
    found[Attribute.TOKEN] = True
    found[Attribute.LABEL] = wanted["label"]
    found[Attribute.ID] = bytes.fromhex(wanted["id"])
    return found


def _make_token(order: dict[str, Any]) -> None:
    """Initialise the free slot, for which python-pkcs11 has no function."""
    library = pkcs11.lib(order["module"])
    free = next(s for s in library.get_slots() if TokenFlag.TOKEN_INITIALIZED not in _flags(s))
    pin, label = order["pin"].encode(), order["label"].encode().ljust(32)
    slot = ctypes.c_ulong(free.slot_id)
    status = ctypes.CDLL(order["module"]).C_InitToken(slot, pin, ctypes.c_ulong(len(pin)), label)
    assert status == 0, hex(status)


def _flags(slot: Slot) -> TokenFlag:
    return slot.get_token().flags


def main() -> None:
    order = json.load(sys.stdin)
    library = pkcs11.lib(order["module"])
    if order["new"]:
        _make_token(order)
        library.reinitialize()  # for the new token's slot
    token = library.get_token(token_label=order["label"])
    if order["new"]:
        with token.open(rw=True, so_pin=order["pin"]) as session:
            session.init_pin(order["pin"])
    with token.open(rw=True, user_pin=order["pin"], attribute_mapper=_Mapper()) as session:
        for wanted in order["objects"]:
            session.create_object(_attributes(wanted))


if __name__ == "__main__":
    main()
