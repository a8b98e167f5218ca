"""Signed is not believed: whatever differs from a genuine security object by one bit or one cut is refused."""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Callable, Iterator

import pytest

from card_service.ecdsa_raw import is_signed_by
from card_service.security_object import SodRefusal, SodRefused, build_sod, verify_sod
from card_service.tlv import TlvError, decode_tlv_one, decode_tlvs
from card_service.trust import TrustAnchors
from tests.unit.card_service_issuer.authority import NOW, TODAY, MemoryAuthority

HASHES = {number: hashlib.sha256(bytes([number])).digest() for number in (1, 2, 11, 13, 14, 15)}
Verifier = Callable[[bytes, TrustAnchors], object]


@pytest.fixture(scope="module")
def authority() -> MemoryAuthority:
    return MemoryAuthority()


@pytest.fixture(scope="module")
def sod(authority: MemoryAuthority) -> bytes:
    return build_sod(HASHES, authority.document_signer, signed_at=NOW)


def strict(mutant: bytes, anchors: TrustAnchors) -> object:
    return verify_sod(mutant, anchors, at=TODAY)


def lax(mutant: bytes, anchors: TrustAnchors) -> object:
    """A planted bug: checks the signature over the content, and nothing around it."""
    try:
        signed_data = decode_tlv_one(mutant).children()[0].children()[1].children()[0].children()
        content = signed_data[2].children()[1].children()[0].value
        entries = decode_tlv_one(content).children()[2].children()
        signer_info = signed_data[4].children()[0].children()
        attributes = b"\x31" + signer_info[3].encode()[1:]
        if hashlib.sha256(content).digest() not in attributes:
            raise ValueError
        signature_der = signer_info[5].value
        r, s = (int.from_bytes(part.value, "big") for part in decode_tlvs(decode_tlv_one(signature_der).value))
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if not any(is_signed_by(point, raw, attributes) for point in _points(signed_data[3].value)):
            raise ValueError
    except (ValueError, IndexError, OverflowError, TlvError) as error:
        raise SodRefused(SodRefusal.MALFORMED) from error
    return entries


def _points(certificate: bytes) -> Iterator[bytes]:
    start = certificate.find(bytes.fromhex("034200"))
    yield certificate[start + 3 : start + 68]


def count_accepted(mutants: Iterator[bytes], anchors: TrustAnchors, verify: Verifier) -> tuple[int, int]:
    trials = accepted = 0
    for mutant in mutants:
        trials += 1
        try:
            verify(mutant, anchors)
        except SodRefused:
            continue
        accepted += 1
    return trials, accepted


def bit_mutants(sod: bytes, *, every: int = 1) -> Iterator[bytes]:
    for bit in range(0, len(sod) * 8, every):
        mutant = bytearray(sod)
        mutant[bit // 8] ^= 1 << bit % 8
        yield bytes(mutant)


def structural_mutants(sod: bytes, count: int) -> Iterator[bytes]:
    """Bytes put in, taken out, doubled, swapped or added at the end, at random places from one seed."""
    chance = random.Random(9303)
    for _ in range(count):
        at, length = chance.randrange(len(sod)), chance.randrange(1, 9)
        part = sod[at : at + length]
        yield chance.choice(
            (
                sod[:at] + chance.randbytes(length) + sod[at:],
                sod[:at] + sod[at + length :],
                sod[:at] + part + sod[at:],
                sod[:at] + bytes(reversed(part)) + sod[at + len(part) :] + b"\x00",
                sod + chance.randbytes(length),
            )
        )


def test_a_genuine_security_object_is_believed(authority: MemoryAuthority, sod: bytes) -> None:
    content = verify_sod(sod, authority.anchors, at=TODAY)
    assert dict(content.hashes) == HASHES
    assert content.signed_on == TODAY


def test_no_flipped_bit_is_believed(authority: MemoryAuthority, sod: bytes) -> None:
    trials, accepted = count_accepted(bit_mutants(sod), authority.anchors, strict)
    sys.stdout.write(f"single-bit mutants: {trials}, accepted {accepted}" + "\n")
    assert (trials, accepted) == (len(sod) * 8, 0)


def test_no_structural_mutant_is_believed(authority: MemoryAuthority, sod: bytes) -> None:
    trials, accepted = count_accepted(structural_mutants(sod, 3_000), authority.anchors, strict)
    sys.stdout.write(f"structural mutants: {trials}, accepted {accepted}" + "\n")
    assert accepted == 0


def test_no_cut_is_believed(authority: MemoryAuthority, sod: bytes) -> None:
    cuts = (sod[:length] for length in range(len(sod)))
    trials, accepted = count_accepted(cuts, authority.anchors, strict)
    sys.stdout.write(f"truncations: {trials}, accepted {accepted}" + "\n")
    assert accepted == 0


def test_the_harness_finds_a_verifier_that_checks_the_signature_only(authority: MemoryAuthority, sod: bytes) -> None:
    assert lax(sod, authority.anchors)
    trials, accepted = count_accepted(bit_mutants(sod, every=11), authority.anchors, lax)
    sys.stdout.write(f"planted lax verifier: {trials} mutants, accepted {accepted}" + "\n")
    assert accepted > 50
