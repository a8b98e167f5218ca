"""A household parts: the old card is refused, both parts get new ones, and no period is paid twice."""

from __future__ import annotations

from domain.cards import CardStatus
from domain.events import EventKind
from domain.ids import HouseholdId
from domain.messages import routes
from domain.messages.card_services import HouseholdSplit
from domain.people import Household
from tests.api.cards.lost_and_found import draw, issue, limits_on, status_of
from tests.api.issuing import Desk, Officer
from tests.api.registered import MARCH, RATION_KG


def _split(family: Household, officer: Officer) -> HouseholdSplit:
    father = family.members[1].person.id
    return HouseholdSplit(
        household_id=family.id,
        new_household_id=HouseholdId("new-household"),
        leaving=(father,),
        new_head=father,
        operator_id=officer.operator_id,
    )


def test_both_parts_get_new_cards_and_the_old_one_is_refused(desk: Desk, family: Household, officer: Officer) -> None:
    chip, old = issue(desk, family, officer)
    desk.kiosk.tell(EventKind.DELIVERY_RECORDED, draw(desk, chip, RATION_KG))
    split = _split(family, officer)
    for _ in range(2):
        assert desk.kiosk.post(routes.HOUSEHOLD_SPLITS, split).status_code == 200
    assert status_of(desk.kiosk, old.card_number) is CardStatus.REPLACED
    father = family.model_copy(
        update={
            "id": split.new_household_id,
            "members": (family.members[1].model_copy(update={"relationship": family.members[0].relationship}),),
        }
    )
    stays, _ = issue(desk, family, officer)
    leaves, _ = issue(desk, father, officer)
    assert limits_on(desk, stays)[MARCH] == 0
    assert limits_on(desk, leaves).get(MARCH, 0) == 0, "drawn together, drawn for both"


def test_the_head_cannot_leave_and_nobody_may_be_left_out(desk: Desk, family: Household, officer: Officer) -> None:
    split = _split(family, officer)
    head = family.head.person.id
    for wrong in ({"leaving": (head,), "new_head": head}, {"leaving": ()}, {"new_head": head}):
        assert desk.kiosk.post(routes.HOUSEHOLD_SPLITS, split.model_copy(update=wrong)).status_code == 422
