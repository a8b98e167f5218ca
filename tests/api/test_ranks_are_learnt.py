"""How fingers did at any desk changes which one every desk asks for first; on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from central_api.cards.people_on_card import PeopleReader
from central_api.context import Registry
from central_api.fingers.learning import OUTCOMES_LOOKED_AT, rank_again
from central_api.fingers.telling import read_known
from central_api.tables.fingers import finger_tries
from central_api.tables.journal import audit_lines
from central_api.tables.people import templates
from domain.events import EventKind, SignedEvent
from domain.finger_rank import FingerOutcome
from domain.fingers import FingerPosition
from domain.ids import PersonId
from domain.messages.fingers import FingersKnown, FingersTried
from domain.messages.routes import SYNC_PULL
from domain.messages.sync import ChangeKind, EventVerdict, PullAnswer
from domain.people import Household, Member, Relationship, Sex
from domain.visit_limits import TRIES_A_VISIT
from tests.api.client import TestKiosk
from tests.api.conftest import AREA, OTHER_AREA, NewKiosk
from tests.api.fakes import Clock
from tests.api.people import make_family, make_finger, make_person
from tests.api.registered import TestCard, add_card, send_submission

THUMB, INDEX, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX


def register(kiosk: TestKiosk, registry: Registry, number: int = 0) -> tuple[Household, TestCard]:
    """A family whose head gave thumb, right index and left index, in this order of merit; each number another one."""
    name = "".join(chr(ord("a") + (number * 7 + 11 * at) % 26) for at in range(9)).title()
    head = make_person(name, name, sex=Sex.FEMALE, born=date(1950 + 8 * number, 1, 1))
    family = make_family(AREA).model_copy(update={"members": (Member(person=head, relationship=Relationship.HEAD),)})
    given = [
        make_finger(10 * number + rank, position).model_copy(update={"rank": rank, "pair_evidence": 60})
        for rank, position in enumerate((THUMB, INDEX, LEFT), start=1)
    ]
    send_submission(kiosk, family, {family.head.person.id: given})
    return family, add_card(registry, kiosk, family)


def visit(kiosk: TestKiosk, card: TestCard, person: PersonId, **fingers: str) -> FingersTried:
    """``thumb="xxx"`` is three misses, ``index="o"`` a match."""
    tries = tuple(
        FingerOutcome(position=FingerPosition[f"RIGHT_{name.upper()}"], is_match=each == "o", at=kiosk.now())
        for name, seen in fingers.items()
        for each in seen
    )
    return FingersTried(card_number=card.number, person_id=person, tries=tries)


def order_of(registry: Registry, person: PersonId) -> tuple[FingerPosition, ...]:
    with registry.database.read() as connection:
        return read_known(connection, person).order


def told(kiosk: TestKiosk) -> list[FingersKnown]:
    changes = kiosk.ask(PullAnswer, SYNC_PULL).changes
    return [FingersKnown.model_validate(each.payload) for each in changes if each.kind is ChangeKind.FINGERS]


def test_a_finger_that_fails_at_one_desk_is_asked_for_later_at_another(new_kiosk: NewKiosk, registry: Registry) -> None:
    here, there, far = new_kiosk(), new_kiosk(), new_kiosk(OTHER_AREA)
    family, card = register(here, registry)
    person = family.head.person.id
    assert order_of(registry, person) == (THUMB, INDEX, LEFT)
    answer = here.tell(EventKind.FINGERS_TRIED, visit(here, card, person, thumb="xxx", index="o"))
    assert answer.verdict is EventVerdict.ACCEPTED
    assert order_of(registry, person) == (INDEX, LEFT, THUMB)
    (known,) = told(there)
    assert (known.person_id, known.order) == (person, (INDEX, LEFT, THUMB))
    assert told(far) == [], "an office that does not serve them hears nothing"


def test_a_desk_elsewhere_that_has_seen_the_person_hears_of_them(new_kiosk: NewKiosk, registry: Registry) -> None:
    here, far = new_kiosk(), new_kiosk(OTHER_AREA)
    family, card = register(here, registry)
    person = family.head.person.id
    far.tell(EventKind.FINGERS_TRIED, visit(far, card, person, thumb="xxx", index="o"))
    assert [each.order[0] for each in told(far)] == [INDEX]
    assert [each.order[0] for each in told(here)] == [INDEX]


def test_the_next_card_holds_the_fingers_in_the_order_learnt(kiosk: TestKiosk, registry: Registry) -> None:
    family, card = register(kiosk, registry)
    kiosk.tell(EventKind.FINGERS_TRIED, visit(kiosk, card, family.head.person.id, thumb="xxx", index="o"))
    with registry.begin() as transaction:
        members = PeopleReader(transaction, registry.vault, kiosk.id).household_members(family.id)
    assert members[0].fingers == (INDEX, LEFT, THUMB)


def test_the_same_event_again_changes_nothing(kiosk: TestKiosk, registry: Registry) -> None:
    family, card = register(kiosk, registry)
    event = kiosk.make_event(EventKind.FINGERS_TRIED, visit(kiosk, card, family.head.person.id, thumb="xxx", index="o"))
    assert [kiosk.push(event)[0].verdict for _ in range(3)] == [EventVerdict.ACCEPTED, *[EventVerdict.DUPLICATE] * 2]
    with registry.database.read() as connection:
        assert len(connection.execute(select(finger_tries)).all()) == 4
        lines = connection.execute(select(audit_lines.c.line)).scalars().all()
    assert sum("fingers.ranked" in line for line in lines) == 1


def test_the_order_does_not_depend_on_which_desk_was_heard_first(
    new_kiosk: NewKiosk, registry: Registry, clock: Clock
) -> None:
    desks = [new_kiosk() for _ in range(3)]
    families = [register(desks[0], registry, number) for number in range(6)]
    found = set()
    for (family, card), sequence in zip(families, itertools.permutations(range(3)), strict=True):
        begun = clock.now
        seen = [{"thumb": "xxx", "index": "o"}, {"thumb": "o"}, {"thumb": "xx", "index": "xo"}]
        events: list[SignedEvent] = []
        for desk, fingers in zip(desks, seen, strict=True):
            events.append(desk.make_event(EventKind.FINGERS_TRIED, visit(desk, card, family.head.person.id, **fingers)))
            clock.pass_time(timedelta(days=20))
        for number in sequence:
            desks[number].push(events[number])
        found.add(order_of(registry, family.head.person.id))
        clock.now = begun
    assert len(found) == 1


def test_a_finger_that_heals_comes_back_to_its_place(kiosk: TestKiosk, registry: Registry, clock: Clock) -> None:
    family, card = register(kiosk, registry)
    person = family.head.person.id
    kiosk.tell(EventKind.FINGERS_TRIED, visit(kiosk, card, person, thumb="xxx", index="o"))
    assert order_of(registry, person)[0] is INDEX
    for _ in range(8):
        clock.pass_time(timedelta(days=120))
        kiosk.tell(EventKind.FINGERS_TRIED, visit(kiosk, card, person, thumb="o", index="x"))
    assert order_of(registry, person)[0] is THUMB


def test_only_so_many_outcomes_are_looked_at_and_none_brings_a_finger_that_was_not_enrolled(
    kiosk: TestKiosk, registry: Registry, clock: Clock
) -> None:
    family, card = register(kiosk, registry)
    person = family.head.person.id
    for _ in range(OUTCOMES_LOOKED_AT):
        kiosk.tell(EventKind.FINGERS_TRIED, visit(kiosk, card, person, little="o"))
    assert order_of(registry, person) == (THUMB, INDEX, LEFT)


def cut_short(tried: FingersTried, tries: Sequence[FingerOutcome]) -> dict[str, object]:
    return {**tried.model_dump(mode="json"), "tries": [each.model_dump(mode="json") for each in tries]}


def test_a_visit_that_tells_of_more_tries_than_it_may_hold_is_not_believed(
    kiosk: TestKiosk, registry: Registry
) -> None:
    family, card = register(kiosk, registry)
    tried = visit(kiosk, card, family.head.person.id, thumb="x" * TRIES_A_VISIT)
    too_many = cut_short(tried, [*tried.tries, tried.tries[0]])
    for payload in (too_many, cut_short(tried, [])):
        answer = kiosk.tell(EventKind.FINGERS_TRIED, payload)
        assert (answer.verdict, answer.code) == (EventVerdict.REJECTED, "event.payload_malformed")


@pytest.mark.parametrize("case", ["another family", "no such card"])
def test_a_desk_cannot_speak_of_somebody_who_is_not_on_the_card(
    case: str, kiosk: TestKiosk, registry: Registry
) -> None:
    family, card = register(kiosk, registry)
    other, _ = register(kiosk, registry, 1)
    person = other.head.person.id if case == "another family" else family.head.person.id
    tried = visit(kiosk, card, person, thumb="xxx", index="o")
    if case == "no such card":
        tried = tried.model_copy(update={"card_number": "0" * 9})
    assert kiosk.tell(EventKind.FINGERS_TRIED, tried).verdict is EventVerdict.REJECTED
    assert order_of(registry, person) == (THUMB, INDEX, LEFT)


def test_a_clock_that_runs_ahead_does_not_outweigh_what_comes_after(
    kiosk: TestKiosk, registry: Registry, clock: Clock
) -> None:
    family, card = register(kiosk, registry)
    person = family.head.person.id
    ahead = visit(kiosk, card, person, thumb="xxx", index="o")
    tries = tuple(each.model_copy(update={"at": each.at + timedelta(days=3650)}) for each in ahead.tries)
    kiosk.tell(EventKind.FINGERS_TRIED, ahead.model_copy(update={"tries": tries}))
    with registry.database.read() as connection:
        assert set(connection.execute(select(finger_tries.c.tried_at)).scalars()) == {clock.now}


def test_ranks_of_registrations_of_before_are_where_learning_begins(kiosk: TestKiosk, registry: Registry) -> None:
    family, card = register(kiosk, registry)
    with registry.begin() as transaction:
        # As the migration leaves them: no evidence, the usual attempts.
        transaction.connection.execute(update(templates).values(pair_evidence=0, attempts=2))
    kiosk.tell(EventKind.FINGERS_TRIED, visit(kiosk, card, family.head.person.id, thumb="o"))
    assert order_of(registry, family.head.person.id) == (THUMB, INDEX, LEFT)


def test_desks_that_tell_of_one_person_in_the_same_moment_see_each_other(
    new_kiosk: NewKiosk, registry: Registry
) -> None:
    desks = [new_kiosk() for _ in range(6)]
    family, card = register(desks[0], registry)
    person = family.head.person.id
    seen = [{"thumb": "xx", "index": "o"}, {"thumb": "x"}, {"index": "o"}, {"thumb": "xxx"}, {"thumb": "o"}, {}]
    events = [
        (desk, desk.make_event(EventKind.FINGERS_TRIED, visit(desk, card, person, **(fingers or {"index": "oo"}))))
        for desk, fingers in zip(desks, seen, strict=True)
    ]
    with ThreadPoolExecutor(len(events)) as pool:
        answers = list(pool.map(lambda each: each[0].push(each[1])[0].verdict, events))
    assert answers == [EventVerdict.ACCEPTED] * len(events)
    with registry.begin() as transaction:
        assert not rank_again(transaction, person), "nobody's outcomes were overlooked"
    assert order_of(registry, person)[0] is INDEX
