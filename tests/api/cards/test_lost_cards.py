"""A lost card is refused everywhere and replaced in the same visit; late records are kept and looked at."""

from __future__ import annotations

from central_api.context import Registry
from central_api.reviews.repository import list_open_cases
from domain.cards import BlockReason, CardProfile, CardStatus
from domain.events import EventKind
from domain.messages import routes
from domain.messages.card_services import HolderSearch
from domain.messages.cards import CardBlocked, CardUnblocked
from domain.messages.sync import ErrorBody, EventVerdict, PullAnswer
from domain.people import Household
from domain.verification import Verdict, VerifiedBy
from tests.api.cards.lost_and_found import block, card_of, draw, issue, limits_on, search, status_of, unblock
from tests.api.client import TestKiosk
from tests.api.conftest import OTHER_AREA, NewKiosk
from tests.api.issuing import Chip, Desk, Officer
from tests.api.people import make_finger
from tests.api.registered import MARCH, RATION_KG


def cases(registry: Registry) -> list[str]:
    with registry.database.read() as connection:
        return [case.reason for case in list_open_cases(connection, 20)]


def test_a_finger_alone_finds_the_household_and_its_card_at_any_desk(
    desk: Desk, family: Household, officer: Officer, new_kiosk: NewKiosk
) -> None:
    _, card = issue(desk, family, officer)
    (found,) = search(new_kiosk(OTHER_AREA), officer, make_finger(2)).found
    assert (found.household_id, found.person_id) == (family.id, family.members[1].person.id)
    assert [(each.card_number, each.status) for each in found.cards] == [(card.card_number, CardStatus.ACTIVE)]
    assert found.portrait is not None
    assert len(found.members) == len(family.members)
    assert search(desk.kiosk, officer, make_finger(99)).found == ()


def test_a_name_and_an_age_find_the_people_of_the_district_and_no_others(
    desk: Desk, family: Household, officer: Officer, new_kiosk: NewKiosk
) -> None:
    near = search(desk.kiosk, officer, name="Suneeta Devi", birth_year=1988).found
    assert [each.person_id for each in near] == [family.head.person.id]
    assert search(desk.kiosk, officer, name="Suneeta Devi", birth_year=1950).found == ()


def test_only_an_officer_may_search(desk: Desk, family: Household, officer: Officer) -> None:
    stranger = Officer(type(officer.operator_id)("op-nobody"), officer.card_number, officer.chip)
    values = {"search_id": "1", "operator_id": stranger.operator_id, "card_number": officer.card_number}
    response = desk.kiosk.post(routes.HOLDER_SEARCH, HolderSearch.model_validate(values))
    assert (response.status_code, ErrorBody.model_validate_json(response.content).code) == (404, "err.not_found")


def test_a_lost_card_is_refused_at_once_and_replaced_with_a_new_number_in_the_same_visit(
    desk: Desk, family: Household, officer: Officer, new_kiosk: NewKiosk
) -> None:
    old_chip, old = issue(desk, family, officer)
    desk.kiosk.tell(EventKind.DELIVERY_RECORDED, draw(desk, old_chip, 10))
    assert block(desk.kiosk, old.card_number, officer).verdict is EventVerdict.ACCEPTED
    assert status_of(desk.kiosk, old.card_number) is CardStatus.BLOCKED
    elsewhere = new_kiosk(OTHER_AREA)
    told = elsewhere.ask(PullAnswer, routes.SYNC_PULL, after=0).changes
    assert {"card_number": old.card_number, "status": "blocked"} in [change.payload for change in told]
    new_chip, new = issue(desk, family, officer, replaces=old.card_number)
    assert new.card_number != old.card_number
    assert status_of(desk.kiosk, old.card_number) is CardStatus.REPLACED
    details = card_of(desk, new_chip).details
    assert details.issue_number == 2
    assert limits_on(desk, new_chip)[MARCH] == RATION_KG - 10


def test_the_old_card_of_a_renewal_works_until_the_new_one_is_active(
    desk: Desk, family: Household, officer: Officer
) -> None:
    old_chip, old = issue(desk, family, officer)
    chip = Chip()
    order = desk.order(chip, household_id=family.id).model_copy(update={"replaces": old.card_number})
    package = desk.package(order)
    assert desk.verify(old_chip).verdict is Verdict.VERIFIED
    assert status_of(desk.kiosk, old.card_number) is CardStatus.ACTIVE
    request = desk.request_activation(package, desk.write(chip, package), family.head.person.id, officer)
    desk.prove(desk.activate(chip, desk.grant(request)))
    assert status_of(desk.kiosk, old.card_number) is CardStatus.REPLACED


def test_a_replacement_begun_again_on_another_chip_keeps_its_issue_number(
    desk: Desk, family: Household, officer: Officer
) -> None:
    _, old = issue(desk, family, officer)
    first = desk.order(Chip(), household_id=family.id).model_copy(update={"replaces": old.card_number})
    never = desk.package(first)
    chip, new = issue(desk, family, officer, replaces=old.card_number)
    assert never.card_number != new.card_number, "a number that lies on a chip is never used again"
    assert card_of(desk, chip).details.issue_number == 2


def test_only_a_card_in_force_of_the_same_holder_can_be_replaced(
    desk: Desk, family: Household, officer: Officer
) -> None:
    order = desk.order(Chip(), household_id=family.id).model_copy(update={"replaces": officer.card_number})
    response = desk.kiosk.post(routes.CARD_ORDERS, order)
    assert (response.status_code, response.json()["code"]) == (409, "card.nothing_to_replace")


def test_what_the_lost_card_gave_out_before_anybody_knew_is_booked_and_looked_at(
    desk: Desk, family: Household, officer: Officer, registry: Registry
) -> None:
    """Two deliveries happened: both are kept, one is too much, and neither is turned down in silence."""
    old_chip, old = issue(desk, family, officer)
    late = draw(desk, old_chip, RATION_KG)
    block(desk.kiosk, old.card_number, officer, BlockReason.STOLEN)
    new_chip, _ = issue(desk, family, officer, replaces=old.card_number)
    assert limits_on(desk, new_chip)[MARCH] == RATION_KG
    second = draw(desk, new_chip, RATION_KG)
    assert desk.kiosk.tell(EventKind.DELIVERY_RECORDED, late).code == "delivery.card_not_active"
    answer = desk.kiosk.tell(EventKind.DELIVERY_RECORDED, second)
    assert (answer.verdict, answer.code) == (EventVerdict.CONFLICT, "delivery.over_entitlement")
    assert {"delivery.card_not_active", "delivery.over_entitlement"} <= set(cases(registry))


def test_a_card_found_again_works_again_and_one_already_replaced_does_not(
    desk: Desk, family: Household, officer: Officer, registry: Registry
) -> None:
    _, old = issue(desk, family, officer)
    holder = family.head.person.id
    block(desk.kiosk, old.card_number, officer)
    assert unblock(desk.kiosk, old.card_number, officer, holder).verdict is EventVerdict.ACCEPTED
    assert status_of(desk.kiosk, old.card_number) is CardStatus.ACTIVE
    block(desk.kiosk, old.card_number, officer)
    issue(desk, family, officer, replaces=old.card_number)
    refused = unblock(desk.kiosk, old.card_number, officer, holder)
    assert (refused.verdict, refused.code) == (EventVerdict.CONFLICT, "card.unblock_refused")
    assert "card.unblock_refused" in cases(registry)


def test_a_card_is_not_unblocked_by_a_face_or_without_an_officer(
    desk: Desk, family: Household, officer: Officer, kiosk: TestKiosk
) -> None:
    _, card = issue(desk, family, officer)
    block(kiosk, card.card_number, officer)
    by_face = CardUnblocked(
        card_number=card.card_number, person_id=family.head.person.id, verified_by=VerifiedBy.FACE_AND_OFFICER
    )
    assert kiosk.tell(EventKind.CARD_UNBLOCKED, by_face, officer.operator_id).code == "card.unblock_refused"
    by_nobody = by_face.model_copy(update={"verified_by": VerifiedBy.FINGER})
    assert kiosk.tell(EventKind.CARD_UNBLOCKED, by_nobody).code == "card.unblock_refused"
    assert status_of(kiosk, card.card_number) is CardStatus.BLOCKED


def test_a_block_without_an_officer_is_taken_and_looked_at(
    desk: Desk, family: Household, officer: Officer, kiosk: TestKiosk, registry: Registry
) -> None:
    _, card = issue(desk, family, officer)
    said = CardBlocked(card_number=card.card_number, reason=BlockReason.LOST, person_id=None, verified_by=None)
    answer = kiosk.tell(EventKind.CARD_BLOCKED, said)
    assert (answer.verdict, answer.code) == (EventVerdict.ACCEPTED, "card.block_without_officer")
    assert status_of(kiosk, card.card_number) is CardStatus.BLOCKED


def test_a_workers_own_card_stands_beside_the_households_and_draws_nothing(
    desk: Desk, family: Household, officer: Officer
) -> None:
    chip, _ = issue(desk, family, officer)
    father = family.members[1].person
    own_chip, own = issue(desk, family, officer, profile=CardProfile.WORKER, person_id=father.id)
    assert own.profile is CardProfile.WORKER
    checked = desk.verify(own_chip, CardProfile.WORKER)
    assert checked.card is not None, checked.reason
    details = checked.card.details
    assert (details.name_latin, details.lines, len(details.members)) == (father.name.latin, (), 1)
    assert limits_on(desk, chip)[MARCH] == RATION_KG
    assert desk.verify(own_chip).verdict is Verdict.FAILED, "a worker's card is no household card"
