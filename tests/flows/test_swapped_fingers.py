"""Fingers of a known person under other names: said beside the two people, and the record corrected by an officer."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.finger_swaps import SwapDecision, SwappedPair
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, OperatorId, PersonId, SubmissionId
from domain.messages.enrolment import DuplicateCandidate, EnrolmentState, EnrolmentStatus
from domain.messages.fingers import FingerSwapDecided
from domain.people import BirthDate, Member, Person, PersonName, Relationship, Sex
from enrolment.session import EnrolmentDraft
from kiosk.flows.duplicates import review_duplicates
from kiosk.screen_models.general import Choice, Notice
from kiosk.screen_models.people import DuplicateReview
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import NOW, OFFICER, Bench, officer_card
from tests.flows.scripted_ui import ScriptedUi, Step, give, press
from tests.unit.card_service_terminal.registry import TODAY

RIGHT, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
INDEX = FingerPosition.RIGHT_INDEX
HANDS = (SwappedPair(given_as=LEFT, known_as=RIGHT), SwappedPair(given_as=RIGHT, known_as=LEFT))
ORDER = (SwappedPair(given_as=RIGHT, known_as=INDEX),)
MAKER = OperatorId("somebody-else")
SAME = press(DuplicateReview, "same")


def draft() -> EnrolmentDraft:
    person = Person(
        id=PersonId("P-1"),
        name=PersonName(latin="Ram Prasad", local="राम प्रसाद"),
        sex=Sex.MALE,
        born=BirthDate(on=TODAY.replace(year=1987)),
    )
    return EnrolmentDraft(
        submission_id=SubmissionId("S-1"),
        household_id=HouseholdId("H-1"),
        operator_id=MAKER,
        language="en",
        members=(Member(person=person, relationship=Relationship.HEAD),),
        started_at=NOW,
    )


def state(*swapped: SwappedPair) -> EnrolmentState:
    candidate = DuplicateCandidate.model_validate(
        {
            "candidate_id": "c-1",
            "person_id": "P-1",
            "known_person_id": "P-9",
            "known_household_id": "H-9",
            "known_name": PersonName(latin="Ram Prashad", local="राम प्रशाद"),
            "known_sex": Sex.MALE,
            "known_birth_year": 1987,
            "known_area_names": {"en": "Hill village"},
            "known_portrait": None,
            "name_likeness": 93,
            "matching_fingers": 2,
            "swapped": swapped,
            "reasons": ("duplicate.fingers",),
        }
    )
    return EnrolmentState(submission_id=SubmissionId("S-1"), status=EnrolmentStatus.REVIEW, candidates=(candidate,))


async def review(bench: Bench, *steps: Step, swapped: tuple[SwappedPair, ...] = HANDS) -> ScriptedUi:
    ui = ScriptedUi(*steps)
    await review_duplicates(bench.work, ui, draft(), state(*swapped))
    assert ui.is_done
    return ui


def decisions(bench: Bench) -> list[tuple[FingerSwapDecided, str | None]]:
    return [
        (FingerSwapDecided.model_validate(event.body.payload, strict=False), event.body.operator_id)
        for event in bench.store.outbox.waiting(limit=9)
        if event.body.kind == "fingers.swap_decided"
    ]


@pytest.mark.parametrize(
    ("swapped", "key"), [(HANDS, "duplicate.swapped_hands"), (ORDER, "duplicate.swapped_fingers"), ((), None)]
)
def test_the_review_says_that_fingers_match_under_other_names(
    tmp_path: Path, swapped: tuple[SwappedPair, ...], key: str | None
) -> None:
    async def story(bench: Bench) -> None:
        later = [] if key is None else [give(Choice, "choose", "later", "swap.title")]
        ui = await review(bench, SAME, *later, swapped=swapped)
        shown = next(screen for screen in ui.seen if isinstance(screen, DuplicateReview))
        said = {line.text.key: line.text.params.get("number") for line in shown.evidence}
        assert {name: count for name, count in said.items() if "swapped" in name} == (
            {} if key is None else {key: len(swapped)}
        )
        assert decisions(bench) == []

    at_desk(story, tmp_path)


def test_another_officer_than_the_one_who_took_the_fingers_corrects_the_record(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["holder"]
        await review(bench, SAME, give(Choice, "choose", SwapDecision.RECORD_WAS_WRONG, "swap.title"))
        ((decided, by),) = decisions(bench)
        assert (decided.capture_id, decided.person_id, by) == ("S-1", "P-9", OFFICER)
        assert decided.decision is SwapDecision.RECORD_WAS_WRONG
        assert bench.kinds() == ["duplicate.decided", "fingers.swap_decided"], "in this order"

    at_desk(story, tmp_path)


def test_who_took_the_fingers_may_say_that_they_were_laid_down_wrongly_and_may_not_change_the_record(
    tmp_path: Path,
) -> None:
    async def story(bench: Bench) -> None:
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["holder"]
        mine = draft().model_copy(update={"operator_id": OFFICER})
        ui = ScriptedUi(
            SAME,
            give(Choice, "choose", SwapDecision.RECORD_WAS_WRONG, "swap.title"),
            press(Notice, "ok", "login.refused"),
            give(Choice, "choose", SwapDecision.GIVEN_WRONGLY, "swap.title"),
        )
        await review_duplicates(bench.work, ui, mine, state(*HANDS))
        ((decided, by),) = decisions(bench)
        assert (decided.decision, by) == (SwapDecision.GIVEN_WRONGLY, OFFICER)

    at_desk(story, tmp_path)


def test_different_people_are_not_asked_about(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["holder"]
        await review(bench, press(DuplicateReview, "different"), press(Notice, "ok", "duplicate.title"))
        assert decisions(bench) == []

    at_desk(story, tmp_path)
