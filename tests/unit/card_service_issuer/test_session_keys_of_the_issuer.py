"""Session keys from a master key that stays where it is: for chips of our stock, for nobody else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from card_service.ceremony import create_authority, open_keys
from card_service.scp03_issuer import KEY_INFO, ChipOpening, OpeningRefusal, open_session
from card_service.scp03_keys import Scp03SessionKeys
from card_service.transport_key import import_transport_key
from tests.unit.card_service_issuer.authority import TODAY

SERIAL = bytes.fromhex("0102030405060708")
MASTER = bytes(range(16))


def cmac(key: bytes, message: bytes) -> bytes:
    mac = CMAC(AES(key))
    mac.update(message)
    return mac.finalize()


def kdf(key: bytes, constant: int, length: int, context: bytes) -> bytes:
    """Written again from Amendment D, 4.1.5: 11 zeros, constant, 00, bits, counter 1, context."""
    message = bytes(11) + bytes((constant, 0)) + (8 * length).to_bytes(2, "big") + b"\x01" + context
    return cmac(key, message)[:length]


@dataclass
class Stock:
    """Master keys in memory."""

    batches: dict[str, bytes]

    def transport_batches(self) -> list[str]:
        return sorted(self.batches)

    def transport_key_cmac(self, batch: str, data: bytes) -> bytes:
        return cmac(self.batches[batch], data)


def opening_of(master: bytes, sequence: int = 1) -> ChipOpening:
    """What a genuine chip answers."""
    host, card = secrets.token_bytes(8), secrets.token_bytes(8)
    mac = kdf(cmac(master, b"\x02" + SERIAL), 0x06, 16, host + card)
    return ChipOpening(SERIAL, KEY_INFO, host, card, sequence, kdf(mac, 0x00, 8, host + card))


def test_a_chip_of_our_stock_gets_the_keys_that_it_has_itself() -> None:
    opening = opening_of(MASTER)
    session = open_session(Stock({"A": bytes(16), "B": MASTER}), opening)
    context = opening.host_challenge + opening.card_challenge
    enc, mac = cmac(MASTER, b"\x01" + SERIAL), cmac(MASTER, b"\x02" + SERIAL)
    assert isinstance(session, Scp03SessionKeys)
    assert (session.enc, session.mac) == (kdf(enc, 0x04, 16, context), kdf(mac, 0x06, 16, context))
    assert session.rmac == kdf(mac, 0x07, 16, context)


def test_whoever_cannot_prove_a_key_gets_none() -> None:
    stock, good = Stock({"B": MASTER}), opening_of(MASTER)
    trials = 0
    for bit in range(64):
        wrong = bytes(good.card_cryptogram[n] ^ (1 << bit % 8 if n == bit // 8 else 0) for n in range(8))
        assert open_session(stock, replace(good, card_cryptogram=wrong)) is OpeningRefusal.CHIP_UNKNOWN
        trials += 1
    for change in ({"serial": bytes(8)}, {"host_challenge": bytes(8)}, {"card_challenge": bytes(8)}):
        assert open_session(stock, replace(good, **change)) is OpeningRefusal.CHIP_UNKNOWN
    assert open_session(Stock({}), good) is OpeningRefusal.CHIP_UNKNOWN
    assert open_session(stock, replace(good, key_info=b"\x30\x03\x00")) is OpeningRefusal.KEY_INFO_UNKNOWN
    for change in ({"serial": b""}, {"host_challenge": bytes(7)}, {"card_cryptogram": b""}, {"sequence": 1 << 24}):
        assert open_session(stock, replace(good, **change)) is OpeningRefusal.MALFORMED  # type: ignore[arg-type]
    print(f"{trials} wrong cryptograms, no session")  # noqa: T201  a zero is worth its N


def test_the_token_derives_what_software_derives(tmp_path: Path) -> None:
    create_authority(tmp_path, today=TODAY)
    with open_keys(tmp_path) as keys:
        import_transport_key(keys, "B-7", MASTER)
        assert keys.transport_batches() == ["B-7"]
        opening = opening_of(MASTER)
        assert open_session(keys, opening) == open_session(Stock({"B-7": MASTER}), opening)
