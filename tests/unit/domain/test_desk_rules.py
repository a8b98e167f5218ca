"""Who may open a locked desk, how old a list of operators may be, and who may not approve what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from domain.card_number import make_card_number
from domain.desk_lock import DeskLock, LockReason, UnlockedAs, who_unlocks
from domain.desk_policy import DeskPolicy, ListStanding, read_desk_policy
from domain.four_eyes import Act, Part, SamePersonTwice, check_four_eyes
from domain.ids import OperatorId, PersonId
from domain.messages.kiosks import OperatorEntry, Role
from domain.people import PersonName

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ASHA, RAVI, SUPERVISOR = OperatorId("OP-A"), OperatorId("OP-R"), OperatorId("OP-S")


def entry(name: OperatorId, role: Role = Role.OFFICER, *, is_active: bool = True) -> OperatorEntry:
    number = make_card_number(name.encode().ljust(5, b"0"))
    return OperatorEntry(
        operator_id=name,
        name=PersonName(latin=name, local=name),
        role=role,
        card_number=number,
        card_key=None,
        is_active=is_active,
    )


STAFF = (entry(ASHA), entry(RAVI), entry(SUPERVISOR, Role.SUPERVISOR))
#: Lock of Asha's session by reason, who comes, and as what that person opens it.
WHO = {
    (LockReason.IDLE, ASHA): UnlockedAs.SAME_OPERATOR,
    (LockReason.IDLE, RAVI): None,
    (LockReason.IDLE, SUPERVISOR): UnlockedAs.SUPERVISOR,
    (LockReason.BY_HAND, ASHA): UnlockedAs.SAME_OPERATOR,
    (LockReason.BY_HAND, RAVI): None,
    (LockReason.BY_HAND, SUPERVISOR): UnlockedAs.SUPERVISOR,
    (LockReason.MISSES, ASHA): None,
    (LockReason.MISSES, RAVI): None,
    (LockReason.MISSES, SUPERVISOR): UnlockedAs.SUPERVISOR,
}


@pytest.mark.parametrize(("reason", "comer"), WHO)
def test_a_lock_opens_for_its_operator_or_a_supervisor_and_nobody_else(reason: LockReason, comer: OperatorId) -> None:
    lock = DeskLock(operator_id=ASHA, reason=reason, locked_at=NOW)
    (who,) = [each for each in STAFF if each.operator_id == comer]
    assert who_unlocks(lock, who, STAFF) is WHO[reason, comer]
    dead = who.model_copy(update={"is_active": False})
    assert who_unlocks(lock, dead, STAFF) is None


def test_a_small_desk_without_a_supervisor_is_not_shut_for_ever() -> None:
    lock = DeskLock(operator_id=ASHA, reason=LockReason.MISSES, locked_at=NOW)
    two, alone = STAFF[:2], STAFF[:1]
    assert [who_unlocks(lock, each, two) for each in two] == [None, UnlockedAs.STAND_IN]
    assert who_unlocks(lock, alone[0], alone) is UnlockedAs.STAND_IN
    gone = (*two, entry(SUPERVISOR, Role.SUPERVISOR, is_active=False))
    assert who_unlocks(lock, two[1], gone) is UnlockedAs.STAND_IN


@pytest.mark.parametrize(
    ("days", "standing"),
    [(0, "fresh"), (4, "fresh"), (5, "ageing"), (6, "ageing"), (7, "over"), (400, "over")],
)
def test_a_list_of_operators_is_warned_of_before_it_ends(days: int, standing: str) -> None:
    assert DeskPolicy().standing(NOW - timedelta(days=days), NOW) is ListStanding(standing)


def test_a_policy_travels_in_the_settings_and_nonsense_counts_as_not_set() -> None:
    policy = DeskPolicy(lock_after_s=60, operators_max_age_days=3, has_two_officers_on_issue=True, is_token_only=True)
    assert read_desk_policy(policy.to_settings()) == policy
    assert read_desk_policy({}) == DeskPolicy()
    odd = {"desk.lock_after_s": "soon", "desk.operators_max_age_days": 3, "desk.later": 1, "other": 2}
    assert read_desk_policy(odd) == DeskPolicy(operators_max_age_days=3)
    assert read_desk_policy({"desk.lock_after_s": 0}) == DeskPolicy()


ONE, OTHER = PersonId("p-1"), PersonId("p-2")
#: Parts held by one person, by act: whether that is refused; the last one only where two officers are asked for.
MATRIX = {
    (Act.ISSUE, Part.RECEIVER, Part.APPROVER): True,
    (Act.ISSUE, Part.RECEIVER, Part.MAKER): False,
    (Act.ISSUE, Part.MAKER, Part.APPROVER): False,
    (Act.EXCEPTION, Part.RECEIVER, Part.APPROVER): True,
    (Act.EXCEPTION, Part.RECEIVER, Part.MAKER): False,
    (Act.EXCEPTION, Part.MAKER, Part.APPROVER): False,
    (Act.OVERRIDE, Part.RECEIVER, Part.APPROVER): True,
    (Act.OVERRIDE, Part.RECEIVER, Part.MAKER): False,
    (Act.OVERRIDE, Part.MAKER, Part.APPROVER): True,
}


@pytest.mark.parametrize(("act", "first", "second"), MATRIX)
def test_one_person_does_not_hold_two_parts_that_must_be_apart(act: Act, first: Part, second: Part) -> None:
    people: dict[Part, list[PersonId | None]] = {first: [OTHER, ONE], second: [ONE]}
    if MATRIX[act, first, second]:
        with pytest.raises(SamePersonTwice):
            check_four_eyes(act, people)
    else:
        check_four_eyes(act, people)
    check_four_eyes(act, {first: [ONE], second: [OTHER]})
    check_four_eyes(act, {first: [None], second: [None]})


def test_the_matrix_is_whole() -> None:
    pairs = [(Part.RECEIVER, Part.APPROVER), (Part.RECEIVER, Part.MAKER), (Part.MAKER, Part.APPROVER)]
    assert set(MATRIX) == {(act, *pair) for act, pair in product(Act, pairs)}


def test_desks_with_two_officers_may_keep_registering_and_countersigning_apart() -> None:
    people = {Part.MAKER: [ONE], Part.APPROVER: [ONE]}
    check_four_eyes(Act.ISSUE, people)
    with pytest.raises(SamePersonTwice):
        check_four_eyes(Act.ISSUE, people, has_two_officers_on_issue=True)
