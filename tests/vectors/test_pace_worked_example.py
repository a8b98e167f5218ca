"""The worked examples of ICAO 9303-11, appendices G.1 and H.1, on both sides: keys, nonces, tokens, messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from Crypto.Cipher import AES
from Crypto.Hash import CMAC

from card_service import pace as reader_pace
from card_service.apdu import CommandApdu, ResponseApdu
from card_service.connection import Transport
from card_service.secure_messaging import SecureChannel, aes_cmac, derive_channel_keys, derive_key
from hardware_sim.card import curve as chip_curve
from hardware_sim.card import key_derivation as chip_keys
from hardware_sim.card.key_derivation import KeyPurpose, SessionKeys
from hardware_sim.card.pace import PaceRun, PaceSecrets
from hardware_sim.card.secure_messaging import SecureChannel as ChipChannel
from tests.vectors.affine import BRAINPOOL_P256R1, P256, AffineCurve, decode_point, encode_point

FILE = json.loads(Path(__file__).with_name("icao_9303_11_pace.json").read_text(encoding="utf-8"))
GENERIC: dict[str, bytes] = {name: bytes.fromhex(value) for name, value in FILE["generic_mapping"].items()}
INTEGRATED: dict[str, bytes] = {name: bytes.fromhex(value) for name, value in FILE["integrated_mapping"].items()}
PASSWORD, ENCRYPTION, AUTHENTICATION = 3, 1, 2
BLOCK = 16


@pytest.mark.parametrize("derive", [derive_key, lambda secret, n: chip_keys.derive_key(secret, KeyPurpose(n))])
def test_reader_and_chip_derive_the_keys_of_the_standard(derive: Callable[[bytes, int], bytes]) -> None:
    assert derive(GENERIC["password"], PASSWORD) == GENERIC["password_key"]
    for example in (GENERIC, INTEGRATED):
        assert derive(example["shared_secret"], ENCRYPTION) == example["encryption_key"]
        assert derive(example["shared_secret"], AUTHENTICATION) == example["authentication_key"]


def test_the_chip_encrypts_the_nonces_of_the_standard_and_they_open_again() -> None:
    for example in (GENERIC, INTEGRATED):
        assert chip_keys.encrypt_block(example["password_key"], example["nonce"]) == example["encrypted_nonce"]
        opened = chip_keys.decrypt(example["password_key"], bytes(BLOCK), example["encrypted_nonce"])
        assert opened == example["nonce"]


@pytest.mark.parametrize("mac", [aes_cmac, chip_keys.mac])
def test_reader_and_chip_make_the_tokens_of_the_standard(mac: Callable[[bytes, bytes], bytes]) -> None:
    key, header = (
        GENERIC["authentication_key"],
        bytes.fromhex("7F494F060A") + GENERIC["object_identifier"] + b"\x86\x41",
    )
    assert mac(key, header + GENERIC["chip_public"]) == GENERIC["terminal_token"]
    assert mac(key, header + GENERIC["terminal_public"]) == GENERIC["chip_token"]


def test_the_example_agrees_with_arithmetic_of_our_own() -> None:
    """Schoolbook arithmetic on both sides: the file itself holds no slip of the pen."""
    curve = BRAINPOOL_P256R1
    number = {name: int.from_bytes(value, "big") for name, value in GENERIC.items()}
    point = {name: decode_point(value) for name, value in GENERIC.items() if len(value) == 65}
    for side in ("terminal", "chip"):
        other = "chip" if side == "terminal" else "terminal"
        mapping_private = number[f"{side}_mapping_private"]
        assert curve.multiply(curve.base, mapping_private) == point[f"{side}_mapping_public"]
        shared = curve.multiply(point[f"{other}_mapping_public"], mapping_private)
        assert shared == point["mapping_shared"]
        assert curve.add(curve.multiply(curve.base, number["nonce"]), shared) == point["mapped_generator"]
        private = number[f"{side}_private"]
        assert curve.multiply(point["mapped_generator"], private) == point[f"{side}_public"]
        secret = curve.multiply(point[f"{other}_public"], private)
        assert encode_point(secret)[1:33] == GENERIC["shared_secret"]


def test_the_chip_plays_its_part_of_the_worked_example_byte_for_byte() -> None:
    secrets = PaceSecrets(GENERIC["nonce"], number_of("chip_mapping_private"), number_of("chip_private"))
    run = PaceRun(GENERIC["password_key"], chip_curve.BRAINPOOL_P256R1, secrets)
    for asked, answered in (
        (b"", tlv(0x80, GENERIC["encrypted_nonce"])),
        (tlv(0x81, GENERIC["terminal_mapping_public"]), tlv(0x82, GENERIC["chip_mapping_public"])),
        (tlv(0x83, GENERIC["terminal_public"]), tlv(0x84, GENERIC["chip_public"])),
    ):
        assert run.step(tlv(0x7C, asked)) == tlv(0x7C, answered)
    finished = run.finish(tlv(0x7C, tlv(0x85, GENERIC["terminal_token"])))
    assert finished is not None
    token, keys = finished
    assert token == tlv(0x86, GENERIC["chip_token"])
    assert (keys.encryption, keys.authentication) == (GENERIC["encryption_key"], GENERIC["authentication_key"])


def test_the_chip_refuses_another_token_than_that_of_the_example() -> None:
    secrets = PaceSecrets(GENERIC["nonce"], number_of("chip_mapping_private"), number_of("chip_private"))
    run = PaceRun(GENERIC["password_key"], chip_curve.BRAINPOOL_P256R1, secrets)
    for asked in (b"", tlv(0x81, GENERIC["terminal_mapping_public"]), tlv(0x83, GENERIC["terminal_public"])):
        run.step(tlv(0x7C, asked))
    assert run.finish(tlv(0x7C, tlv(0x85, GENERIC["chip_token"]))) is None


@pytest.mark.parametrize(
    ("reference", "chip"),
    [(P256, chip_curve.P256), (BRAINPOOL_P256R1, chip_curve.BRAINPOOL_P256R1)],
    ids=["P-256", "brainpoolP256r1"],
)
def test_the_chip_maps_as_the_arithmetic_of_the_example_does(reference: AffineCurve, chip: chip_curve.Curve) -> None:
    mapping, nonce = number_of("chip_mapping_private"), GENERIC["nonce"]
    theirs = reference.multiply(reference.base, number_of("terminal_mapping_private"))
    shared = reference.multiply(theirs, mapping)
    expected = reference.add(reference.multiply(reference.base, int.from_bytes(nonce, "big")), shared)
    assert chip.map_generator(chip.multiply(encode_point(theirs), mapping), nonce) == encode_point(expected)


def number_of(name: str) -> int:
    return int.from_bytes(GENERIC[name], "big")


def test_the_object_identifier_is_the_one_that_the_reader_names() -> None:
    assert GENERIC["object_identifier"] == reader_pace._OID_PACE


class Recorder:
    """A card that keeps what it was sent, and answers what is put in."""

    atr = b""

    def __init__(self) -> None:
        self.sent, self.answer = b"", b"\x90\x00"

    def transmit(self, apdu: bytes) -> bytes:
        self.sent = apdu
        return self.answer

    def close(self) -> None:
        """Nothing to let go of."""


class Reference:
    """Protected messages by 9303-11, 9.8, from another library's AES and CMAC, with the keys of appendix G.1."""

    def __init__(self) -> None:
        self._counter = 0

    def begin(self) -> None:
        self._counter += 1

    def cipher(self, data: bytes) -> bytes:
        counter = self._counter.to_bytes(BLOCK, "big")
        vector = AES.new(GENERIC["encryption_key"], AES.MODE_ECB).encrypt(counter)
        return AES.new(GENERIC["encryption_key"], AES.MODE_CBC, iv=vector).encrypt(pad(data))

    def mac(self, *parts: bytes) -> bytes:
        message = self._counter.to_bytes(BLOCK, "big") + b"".join(pad(part) for part in parts if part)
        return CMAC.new(GENERIC["authentication_key"], message, ciphermod=AES).digest()[:8]


def pad(data: bytes) -> bytes:
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK)


def test_messages_of_reader_and_chip_are_those_of_the_standard_byte_for_byte() -> None:
    card, reference = Recorder(), Reference()
    reader = SecureChannel(Transport(card), derive_channel_keys(GENERIC["shared_secret"]))
    chip = ChipChannel(SessionKeys.from_secret(GENERIC["shared_secret"]))
    for ins, data, le, answer in (
        (0xA4, bytes.fromhex("011E"), None, b""),
        (0xB0, b"", 4, bytes.fromhex("60145F01")),
        (0xB0, b"", 256, bytes(range(200))),
        (0xDA, bytes(range(100)), None, b""),
    ):
        reference.begin()
        objects = b"" if not data else tlv(0x87, b"\x01" + reference.cipher(data))
        objects += b"" if le is None else bytes((0x97, 1, le % 256))
        header = bytes((0x0C, ins, 0, 0))
        body = objects + b"\x8e\x08" + reference.mac(header, objects)
        expected = header + bytes((len(body),)) + body + b"\x00"
        given = chip.unprotect(CommandApdu.decode(expected))
        assert (given.ins, given.data, given.le) == (ins, data, le)
        reference.begin()
        protected = b"" if not answer else tlv(0x87, b"\x01" + reference.cipher(answer))
        protected += bytes.fromhex("99029000")
        protected += b"\x8e\x08" + reference.mac(protected)
        assert chip.protect(ResponseApdu(answer, 0x9000), ins=ins).encode() == protected + b"\x90\x00"
        card.answer = protected + b"\x90\x00"
        assert reader.send(CommandApdu(0, ins, 0, 0, data, le)) == ResponseApdu(answer, 0x9000)
        assert card.sent == expected


def test_the_first_messages_under_the_keys_of_the_standard_are_these() -> None:
    """SELECT EF.COM and its answer; computed by two libraries that are not ours."""
    card = Recorder()
    reader = SecureChannel(Transport(card), derive_channel_keys(GENERIC["shared_secret"]))
    card.answer = bytes.fromhex("99029000" + "8E08" + "BEA7B381C494A079" + "9000")
    assert reader.send(CommandApdu(0, 0xA4, 2, 0x0C, bytes.fromhex("011E"))).is_ok
    expected = "0CA4020C1D" + "871101" + "EE0E4724F4465C1BE9C2F73ABDD73A3D" + "8E08" + "835D1B54575C955F" + "00"
    assert card.sent.hex().upper() == expected


def tlv(tag: int, value: bytes) -> bytes:
    length = bytes((len(value),)) if len(value) < 0x80 else bytes((0x81, len(value)))
    return bytes((tag,)) + length + value
