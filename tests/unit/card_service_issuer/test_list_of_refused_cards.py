"""The list of refused cards: exact, compact, signed, and only ever newer."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_service.cose import ContentType, open_cose
from card_service.packed_numbers import PackedNumbers, PackedNumbersMalformed, number_bytes, pack_numbers
from card_service.revocation import (
    ListHead,
    RevocationChange,
    RevocationsGap,
    RevocationsOlder,
    RevocationsRefused,
    SignedRevocations,
    changed_fingerprint,
    check_follows,
    fingerprint_of,
    open_change,
    open_whole_list,
    sign_change,
    sign_whole_list,
    verify_head,
)
from card_service.signing import KeyRole
from domain.card_number import CardNumber, make_card_number
from tests.unit.card_service_issuer.authority import TODAY, MemoryAuthority, MemorySigner


def some_numbers(count: int, seed: int = 1) -> list[CardNumber]:
    chance = random.Random(seed)
    return [make_card_number(chance.randbytes(5)) for _ in range(count)]


@pytest.fixture(scope="module")
def authority() -> MemoryAuthority:
    return MemoryAuthority()


@pytest.fixture(scope="module")
def signer(authority: MemoryAuthority) -> MemorySigner:
    return authority.signers[KeyRole.ENTITLEMENT_SIGNER]


def whole(numbers: list[CardNumber], signer: MemorySigner, number: int = 7, on: date = TODAY) -> SignedRevocations:
    packed, fingerprint = pack_numbers(numbers), fingerprint_of(numbers)
    return sign_whole_list(packed, number=number, fingerprint=fingerprint, issued_on=on, signer=signer)


@given(st.sets(st.binary(min_size=5, max_size=5), max_size=40))
def test_a_set_comes_back_as_it_was(raw: set[bytes]) -> None:
    numbers = {make_card_number(each) for each in raw}
    packed = PackedNumbers(pack_numbers(numbers))
    assert set(packed) == numbers
    assert len(packed) == len(numbers)
    packed.check()
    assert {number_bytes(number) for number in numbers} == raw


@pytest.mark.parametrize(("count", "bytes_each"), [(100, 5.1), (5_000, 4.3), (100_000, 4.1)])
def test_every_listed_number_is_found_and_no_other(count: int, bytes_each: float) -> None:
    numbers = some_numbers(count)
    data = pack_numbers(numbers)
    packed, others = PackedNumbers(data), set(some_numbers(2_000, seed=2)) - set(numbers)
    assert all(number in packed for number in numbers[:: max(1, count // 2_000)])
    assert not any(number in packed for number in others)
    assert len(data) / count < bytes_each


def test_neighbours_of_a_listed_number_are_not_listed() -> None:
    values = [int.from_bytes(number_bytes(number), "big") for number in some_numbers(3_000)]
    packed = PackedNumbers(pack_numbers(make_card_number(value.to_bytes(5, "big")) for value in values))
    near = {value + step for value in values for step in (-1, 1, 1 << 24, -(1 << 24))} - set(values)
    near = {value for value in near if 0 <= value < 1 << 40}
    wrong = sum(make_card_number(value.to_bytes(5, "big")) in packed for value in near)
    assert wrong == 0
    print(f"{len(near)} neighbours looked up, {wrong} taken for listed")  # noqa: T201  a zero is worth its N


@pytest.mark.parametrize("count", [0, 3, 1_500])
def test_a_packed_set_stands_no_cut_and_nothing_behind_it(count: int) -> None:
    data = pack_numbers(some_numbers(count))
    for wrong in (*(data[:length] for length in range(0, len(data), 1 + len(data) // 900)), data + b"\x00"):
        with pytest.raises(PackedNumbersMalformed):
            PackedNumbers(wrong)


def test_a_set_in_another_order_is_not_the_one_packing() -> None:
    data = pack_numbers(some_numbers(3))
    with pytest.raises(PackedNumbersMalformed):
        PackedNumbers(data[:5] + data[10:15] + data[5:10] + data[15:]).check()


def test_a_whole_list_is_believed_from_its_signer_only(authority: MemoryAuthority, signer: MemorySigner) -> None:
    numbers = some_numbers(50)
    signed = whole(numbers, signer)
    head = verify_head(signed, authority.anchors, at=TODAY)
    assert (head.number, head.follows, head.count, head.issued_on) == (7, None, 50, TODAY)
    assert set(open_whole_list(signed, head)) == set(numbers)
    stranger = MemoryAuthority().signers[KeyRole.ENTITLEMENT_SIGNER]
    with pytest.raises(RevocationsRefused):
        verify_head(whole(numbers, stranger), authority.anchors, at=TODAY)


def test_no_changed_bit_and_no_cut_of_a_list_is_believed(authority: MemoryAuthority, signer: MemorySigner) -> None:
    signed, trials = whole(some_numbers(5), signer), 0
    cose, (content,) = signed.head_cose, signed.content
    mutants = [SignedRevocations(cose[:length], signed.content) for length in range(len(cose))]
    mutants += [SignedRevocations(cose, (content[:length],)) for length in range(len(content))]
    mutants += [SignedRevocations(_flipped(cose, bit), signed.content) for bit in range(8 * len(cose))]
    mutants += [SignedRevocations(cose, (_flipped(content, bit),)) for bit in range(8 * len(content))]
    mutants += [
        SignedRevocations(cose, ()),
        SignedRevocations(cose, (content, b"")),
        SignedRevocations(cose + b"\0", (content,)),
    ]
    for mutant in mutants:
        trials += 1
        with pytest.raises(RevocationsRefused):
            verify_head(mutant, authority.anchors, at=TODAY)
    print(f"{trials} altered lists, none believed")  # noqa: T201  a zero is worth its N


def test_the_mutants_find_a_reader_that_forgets_the_content(authority: MemoryAuthority, signer: MemorySigner) -> None:
    # The planted bug: the signature is checked, and not what it is over.
    signed = whole(some_numbers(5), signer)
    altered = (_flipped(signed.content[0], 200),)
    payload = open_cose(signed.head_cose, ContentType.REVOCATIONS, authority.anchors.entitlement_signers_spki_der)
    assert payload
    assert set(PackedNumbers(altered[0])) != set(PackedNumbers(signed.content[0]))


def _flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes((data[bit // 8] ^ 1 << bit % 8,)) + data[bit // 8 + 1 :]


def test_changes_lead_from_one_list_to_the_next(authority: MemoryAuthority, signer: MemorySigner) -> None:
    numbers = some_numbers(30)
    change = RevocationChange(frozenset(numbers[20:]), frozenset(numbers[:5]))
    before, after = fingerprint_of(numbers[:20]), fingerprint_of(numbers[5:])
    assert changed_fingerprint(before, change) == after
    signed = sign_change(change, ListHead(9, 8, TODAY, 25, after, b""), signer)
    head = verify_head(signed, authority.anchors, at=TODAY)
    assert open_change(signed, head) == change
    with pytest.raises(RevocationsRefused):
        open_whole_list(signed, head)
    list_signed = whole(numbers, signer)
    with pytest.raises(RevocationsRefused):
        open_change(list_signed, verify_head(list_signed, authority.anchors, at=TODAY))


def test_a_card_put_on_and_taken_off_at_once_is_refused(authority: MemoryAuthority, signer: MemorySigner) -> None:
    both = RevocationChange(frozenset(some_numbers(1)), frozenset(some_numbers(1)))
    signed = sign_change(both, ListHead(9, 8, TODAY, 0, bytes(32), b""), signer)
    with pytest.raises(RevocationsRefused):
        open_change(signed, verify_head(signed, authority.anchors, at=TODAY))


def test_only_what_follows_takes_the_place_of_a_list() -> None:
    held = ListHead(8, None, TODAY, 3, b"a" * 32, b"")
    tomorrow = TODAY + timedelta(days=1)
    for good in (
        held,
        replace(held, issued_on=tomorrow),
        replace(held, number=9, fingerprint=b"b" * 32),
        replace(held, number=9, follows=8, fingerprint=b"b" * 32),
        replace(held, follows=8, issued_on=tomorrow),
    ):
        check_follows(held, good)
    for older in (
        replace(held, number=7),
        replace(held, fingerprint=b"b" * 32),
        replace(held, number=9, issued_on=TODAY - timedelta(days=1)),
    ):
        with pytest.raises(RevocationsOlder):
            check_follows(held, older)
    for gap in (replace(held, number=11, follows=10), replace(held, number=11, follows=7)):
        with pytest.raises(RevocationsGap):
            check_follows(held, gap)
