from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cards import CARD_LIFE, CardEvent, CardLifeRefused, CardStatus, next_card_status
from domain.deliveries import BenefitDelivery, DeliveryKind, MergeStatus, merge_status
from domain.entitlements import open_entitlements, plan_entitlements
from domain.events import FIRST_PREVIOUS_HASH, EventBody, EventKind
from domain.ids import make_uuid7
from domain.people import BirthDate, Household, HouseholdNotWhole, Member, Person, PersonName, check_household
from domain.programmes import Frequency, Programme, Unit, period_of
from domain.screening import Screener
from domain.verification import VerifiedBy

TODAY = date(2026, 11, 22)


def member(identity, relationship, born, **facts):
    name = PersonName(latin=f"Person {identity}", local="व्यक्ति")
    person = Person(id=identity, name=name, sex="F", born=BirthDate(on=born), facts=facts)
    return Member(person=person, relationship=relationship)


def household(*members):
    return Household(id="h1", area="A", members=members)


def programme(code, unit, rule, **more):
    values = {"quantity": 5, "measure": "kg", "frequency": "monthly", "kind": "food", "department": "d"} | more
    return Programme(code=code, scheme=len(code), names={"en": code}, unit=unit, rule=rule, **values)


HEAD = member("p1", "head", date(1990, 3, 1))
CHILD = member("p2", "child", date(2022, 11, 23), in_school=False)


@pytest.mark.parametrize(("on", "age"), [(date(2026, 11, 22), 3), (date(2026, 11, 23), 4), (date(2027, 11, 22), 4)])
def test_age_is_completed_years(on, age):
    assert CHILD.person.born.age_years(on=on) == age


def test_small_children_give_no_fingers():
    assert not CHILD.person.gives_fingers(on=TODAY)
    assert HEAD.person.gives_fingers(on=TODAY)


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ([], "household.one_head_needed"),
        ([CHILD], "household.one_head_needed"),
        ([HEAD, member("p3", "head", date(1991, 1, 1))], "household.one_head_needed"),
        ([HEAD, member("p1", "spouse", date(1991, 1, 1))], "household.person_twice"),
        ([member("p1", "head", date(2031, 1, 1))], "household.born_in_future"),
    ],
)
def test_what_cannot_be_a_household_is_refused_with_the_problem(members, problem):
    with pytest.raises(HouseholdNotWhole) as refused:
        check_household(members, on=TODAY)
    assert refused.value.problem == problem


def test_screening_answers_for_the_household_and_for_each_member():
    lines = Screener(
        [
            programme("RATION", Unit.HOUSEHOLD, {"ge": ["household.size", 2]}),
            programme("CHILD", Unit.PERSON, {"lt": ["member.age", 6]}, papers=("birth_certificate",)),
        ]
    ).screen(household(HEAD, CHILD), on=TODAY)
    assert [(line.programme, line.person_id, line.answer) for line in lines] == [
        ("RATION", None, "yes"),
        ("CHILD", "p1", "no"),
        ("CHILD", "p2", "yes"),
    ]
    assert lines[2].missing_papers == ("birth_certificate",)
    assert not lines[2].is_ready
    assert lines[1].missing_papers == ()


def delivery(units, period, kind=DeliveryKind.DELIVERY, sequence=2):
    return BenefitDelivery(
        id=f"d{sequence}",
        kind=kind,
        card_number="75VR9VBD7",
        card_sequence=sequence,
        programme="RATION",
        scheme=6,
        period_key=period,
        units=units,
        measure="kg",
        member_index=1,
        person_id="p1",
        verified_by=VerifiedBy.FINGER,
        kiosk_id="k1",
        delivered_at=datetime(2026, 11, 22, tzinfo=UTC),
        ledger_record_hex="",
        receipt_hex="",
        was_offline=True,
    )


def ration():
    programmes = [programme("RATION", Unit.HOUSEHOLD, {"ge": ["household.size", 1]})]
    lines = Screener(programmes).screen(household(HEAD, CHILD), on=TODAY)
    return plan_entitlements("h1", lines, programmes, on=TODAY)


def test_what_was_drawn_is_no_longer_open():
    entitlements = ration()
    assert open_entitlements(entitlements, [], on=TODAY) == entitlements
    assert open_entitlements(entitlements, [delivery(5, 202611)], on=TODAY) == []
    assert open_entitlements(entitlements, [delivery(4, 202611)], on=TODAY) == entitlements
    assert open_entitlements(entitlements, [delivery(5, 202610)], on=TODAY) == entitlements


def test_a_reversal_opens_the_entitlement_again():
    back = delivery(5, 202611, DeliveryKind.REVERSAL, sequence=3)
    assert open_entitlements(ration(), [delivery(5, 202611), back], on=TODAY) == ration()


def test_nothing_is_open_outside_its_period():
    assert open_entitlements(ration(), [], on=date(2026, 12, 1)) == []


def test_a_programme_of_two_members_is_one_entitlement_with_the_units_summed():
    programmes = [programme("FOOD", Unit.PERSON, {"ge": ["member.age", 0]}, amount_minor=100, currency="INR")]
    lines = Screener(programmes).screen(household(HEAD, CHILD), on=TODAY)
    (entitlement,) = plan_entitlements("h1", lines, programmes, on=TODAY)
    assert (entitlement.units, entitlement.amount_minor) == (10, 200)


def test_the_same_delivery_again_is_identical_and_another_in_its_place_is_a_conflict():
    known = delivery(5, 202611)
    assert merge_status(known, None) is MergeStatus.NEW
    assert merge_status(delivery(5, 202611), known) is MergeStatus.IDENTICAL
    assert merge_status(delivery(4, 202611), known) is MergeStatus.CONFLICT


@given(st.dates(date(2001, 1, 1), date(2100, 1, 1)), st.sampled_from(Frequency))
def test_every_day_lies_in_its_period_and_the_next_day_in_the_same_or_the_following(day, frequency):
    period = period_of(frequency, day)
    assert period.contains(day)
    after = period_of(frequency, period.last_day + timedelta(days=1)) if period.key else period
    assert after.key > period.key or period.key == 0


def test_only_listed_card_events_change_a_card_and_others_change_nothing():
    allowed = 0
    for status in CardStatus:
        for event in CardEvent:
            if (status, event) in CARD_LIFE:
                assert next_card_status(status, event) is CARD_LIFE[status, event]
                allowed += 1
            else:
                with pytest.raises(CardLifeRefused):
                    next_card_status(status, event)
    assert allowed == len(CARD_LIFE)


def test_a_card_is_active_only_after_it_was_read_back():
    into_active = {status for (status, _), after in CARD_LIFE.items() if after is CardStatus.ACTIVE}
    assert into_active == {CardStatus.READ_BACK, CardStatus.BLOCKED}


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_uuids_are_version_7_and_sort_by_time(unix_ms, random):
    identity = make_uuid7(unix_ms=unix_ms, random=random)
    assert identity[14] == "7"
    assert identity[19] in "89ab"
    assert identity[:13] == f"{unix_ms:012x}"[:8] + "-" + f"{unix_ms:012x}"[8:]


def test_an_event_has_one_canonical_form_and_any_change_changes_its_hash():
    values = {
        "id": "e1",
        "kiosk_id": "k1",
        "sequence": 1,
        "previous_hash": FIRST_PREVIOUS_HASH,
        "occurred_at": datetime(2026, 11, 22, tzinfo=UTC),
        "kind": EventKind.GRIEVANCE_LODGED,
        "operator_id": None,
        "payload": {"b": 1, "a": "क"},
    }
    body = EventBody(**values)
    again = EventBody.model_validate_json(body.model_dump_json())
    assert again.canonical_bytes() == body.canonical_bytes()
    assert b'"a":"\xe0\xa4\x95","b":1' in body.canonical_bytes()
    for field, other in [("sequence", 2), ("payload", {"b": 2, "a": "क"}), ("operator_id", "o1")]:
        assert EventBody(**values | {field: other}).hash_hex() != body.hash_hex()
