"""A household of five enrolled: nothing captured without consent, nothing lost by a crash, nobody left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.card_number import CardNumber
from domain.messages.enrolment import DuplicateCandidate, DuplicateDecision, FingerException
from domain.messages.kiosks import Role
from domain.people import BirthPrecision, PersonName, Relationship, Sex
from enrolment.session import EnrolmentDraft, EnrolmentStage
from kiosk.devices.failure import FailureReason
from kiosk.flows.enrol_household import enrol_household, resume_enrolment
from kiosk.flows.workplace import Officer
from kiosk.screen_models.general import BirthEntry, Choice, MultiChoice, Notice, NumberEntry, TextEntry
from kiosk.screen_models.people import (
    ConsentQuestion,
    DuplicateReview,
    FingerCapture,
    HouseholdRoster,
    PortraitCapture,
)
from kiosk.screen_models.services import ScreeningResults
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import ENROLMENT_KEY, OFFICER, Bench, officer_card
from tests.flows.paper_registry import PaperRegistry
from tests.flows.paper_stock import stock_blank
from tests.flows.scripted_ui import ScriptedUi, Step, give, press, touch

WHO = Officer(OFFICER, PersonName(latin="Officer One", local="अधिकारी"), Role.OFFICER, CardNumber("000000000"))
YES = press(ConsentQuestion, "yes")
USE_PHOTO = press(PortraitCapture, "use")


def person(latin: str, local: str, sex: str, birth: Step, relation: str | None = None) -> list[Step]:
    steps = [
        give(TextEntry, "done", latin),
        give(TextEntry, "done", local),
        give(Choice, "choose", sex),
        birth,
    ]
    return steps + ([] if relation is None else [give(Choice, "choose", relation)])


def born(day: str) -> Step:
    return give(BirthEntry, "done", day)


def family() -> list[Step]:
    """Consent, five members, place, questions, papers."""
    add = press(HouseholdRoster, "add")
    return [
        YES,
        *person("Asha  Devi", "आशा देवी", "F", give(BirthEntry, "about", 34)),
        add,
        *person("Ram Prasad", "राम प्रसाद", "M", born("1988-07-01"), "spouse"),
        add,
        *person("Mina Devi", "मीना देवी", "F", born("2010-01-15"), "child"),
        add,
        *person("Ravi Devi", "रवि", "M", born("2017-02-01"), "child"),
        add,
        *person("Tara Devi", "तारा", "F", born("2022-01-01"), "child"),
        press(HouseholdRoster, "continue"),
        give(Choice, "choose", "UT-1-1"),
        give(TextEntry, "done", "by the well"),
        give(NumberEntry, "done", 9_000),
        give(Choice, "choose", "yes"),
        give(Choice, "choose", "yes"),
        give(Choice, "choose", "no"),
        give(MultiChoice, "done", "address_proof"),
    ]


def captures() -> list[Step]:
    """Consent and photograph of each of the five; fingers need no touch."""
    return [YES, USE_PHOTO] * 5


def fingers() -> list[str | None]:
    """Two impressions of each finger: four of the grown-ups and of the girl of 16, two of the boy."""
    hands = [(name, count) for name, count in (("asha", 4), ("ram", 4), ("mina", 4), ("ravi", 2))]
    return [f"{name}{number}" for name, count in hands for number in range(count) for _ in (1, 2)]


#: The hands are photographed, and no second person is there to sign.
SIGNED_BY_NOBODY = [
    touch(PortraitCapture, "take", "hands.photo_title"),
    give(Choice, "choose", "nobody", "hands.sign_title"),
]
AFTER = [
    press(HouseholdRoster, "confirm"),
    press(ScreeningResults, "apply"),
    press(Notice, "ok", "issue.done_title"),
]


async def _ready(bench: Bench) -> None:
    await bench.insert(stock_blank())
    await bench.insert_officer(officer_card())
    bench.fingers.queue = [*fingers(), "holder", "holder"]


def test_a_household_of_five_is_registered_screened_and_gets_its_card(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await _ready(bench)
        ui = ScriptedUi(*family(), *captures(), *AFTER)
        await enrol_household(bench.work, ui, WHO)
        (submission,) = bench.registry.submissions.values()
        household = submission.household
        assert household.members[0].person.name.latin == "Asha Devi"
        assert household.head.person.born.precision is BirthPrecision.ABOUT
        assert household.members[1].relationship is Relationship.SPOUSE
        assert household.facts["income_monthly_minor"] == 900_000
        assert household.papers == ("address_proof",)
        assert [len(capture.fingers) for capture in submission.captures] == [4, 4, 4, 2, 0]
        assert all(capture.portrait for capture in submission.captures)
        assert submission.captures[4].exceptions == {"0": FingerException.TOO_YOUNG}
        assert len(submission.consents) == 6
        child = next(c for c in submission.consents if c.person_id == household.members[4].person.id)
        assert child.answered_by == household.head.person.id
        assert bench.work.drafts.all() == []
        assert len(bench.registry.active) == 1
        assert ui.is_done
        best = [value.key for label, value in bench.artist.slips[0].lines if label.key == "slip.best_finger_of"]
        first = [min(c.fingers, key=lambda f: f.rank).position for c in submission.captures if c.fingers]
        assert best == [f"finger.{position.name.lower()}" for position in first], "the slip says which finger is best"

    at_desk(visit, tmp_path)


def test_without_consent_nothing_is_asked_and_nothing_is_kept(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(press(ConsentQuestion, "no"), press(Notice, "ok", "consent.title"))
        await enrol_household(bench.work, ui, WHO)
        assert bench.work.drafts.all() == []
        assert bench.kinds() == []

    at_desk(visit, tmp_path)


def test_a_person_who_keeps_their_fingers_is_registered_all_the_same(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await _ready(bench)
        bench.fingers.queue = [*fingers()[:8], *fingers()[16:], "holder", "holder"]
        refusing = [YES, USE_PHOTO, press(ConsentQuestion, "no"), *[YES, USE_PHOTO] * 3]
        await enrol_household(bench.work, ScriptedUi(*family(), *refusing, *AFTER), WHO)
        (submission,) = bench.registry.submissions.values()
        assert submission.captures[1].portrait is None
        assert submission.captures[1].exceptions == {"0": FingerException.DECLINED}

    at_desk(visit, tmp_path)


def test_worn_and_missing_fingers_are_noted_and_others_taken_instead(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await _ready(bench)
        ravi = ["bad"] * 3 + ["ravi1", "other", "ravi1", "ravi2", "ravi2"]
        bench.fingers.queue = [*fingers()[:24], *ravi, "holder", "holder"]
        photos = [*captures()[:8], *SIGNED_BY_NOBODY, *captures()[8:]]
        await enrol_household(bench.work, ScriptedUi(*family(), *photos, *AFTER), WHO)
        (submission,) = bench.registry.submissions.values()
        capture = submission.captures[3]
        assert capture.exceptions == {"1": FingerException.WORN}
        assert capture.exception_photo is not None
        assert capture.exceptions_signed_by is None
        assert [(f.position, f.rank) for f in capture.fingers] == [(2, 1), (6, 2)]

    at_desk(visit, tmp_path)


def test_the_same_finger_given_twice_is_not_taken_as_two(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await _ready(bench)
        asha = ["asha0", "asha0", "asha0", "asha1", "asha1", *fingers()[4:8]]
        bench.fingers.queue = [*asha, *fingers()[8:], "holder", "holder"]
        await enrol_household(bench.work, ScriptedUi(*family(), *captures(), *AFTER), WHO)
        (submission,) = bench.registry.submissions.values()
        templates = {finger.template for finger in submission.captures[0].fingers}
        assert len(templates) == 4

    at_desk(visit, tmp_path)


def test_a_possible_duplicate_is_shown_side_by_side_and_decided(tmp_path: Path) -> None:
    registry = PaperRegistry(ENROLMENT_KEY)

    async def visit(bench: Bench) -> None:
        await _ready(bench)
        steps = [AFTER[0], press(DuplicateReview, "different"), *AFTER[1:]]
        ui = ScriptedUi(*family(), *captures(), *steps)
        answer = registry._enrolment

        def with_candidate(submission_id: str) -> object:
            submission = registry.submissions.get(submission_id)
            if submission is not None and submission_id not in registry.candidates:
                registry.candidates[submission_id] = _candidate(submission.household.members[1].person.id)
            return answer(submission_id)

        registry._enrolment = with_candidate  # type: ignore[method-assign, assignment]
        await enrol_household(bench.work, ui, WHO)
        shown = next(screen for screen in ui.seen if isinstance(screen, DuplicateReview))
        assert shown.captured.portrait is not None
        assert shown.known.portrait is not None
        assert [line.passed for line in shown.evidence] == [False, True, True, True]
        (candidate,) = registry.candidates.values()
        assert candidate.decision is DuplicateDecision.DIFFERENT_PERSON

    at_desk(visit, tmp_path, registry)


def _candidate(person_id: str) -> DuplicateCandidate:
    return DuplicateCandidate.model_validate(
        {
            "candidate_id": "c-1",
            "person_id": person_id,
            "known_person_id": "P-9",
            "known_household_id": "H-9",
            "known_name": PersonName(latin="Ram Prashad", local="राम प्रशाद"),
            "known_sex": Sex.MALE,
            "known_birth_year": 1987,
            "known_area_names": {"en": "Hill village"},
            "known_portrait": b"\xff\xd8",
            "name_likeness": 93,
            "matching_fingers": 0,
            "reasons": ("name",),
        }
    )


class Killed(Exception):
    """The kiosk is killed here."""


@pytest.mark.parametrize("at", list(range(1, 46, 4)))
def test_a_kiosk_killed_after_any_kept_answer_goes_on_from_there(tmp_path: Path, at: int) -> None:
    registry, counter = PaperRegistry(ENROLMENT_KEY), [0]
    steps = [*family(), *captures(), *AFTER]
    left: list[Step] = []

    async def cut_off(bench: Bench) -> None:
        await _ready(bench)
        ui = ScriptedUi(*steps)
        save = bench.work.drafts.save

        def kill(name: str, draft: EnrolmentDraft) -> None:
            save(name, draft)
            counter[0] += 1
            if counter[0] == at:
                left.extend(ui._steps)
                raise Killed

        bench.work.drafts.save = kill  # type: ignore[method-assign]
        try:
            await enrol_household(bench.work, ui, WHO)
        except Killed:
            return
        pytest.skip("fewer savepoints than that")

    async def go_on(bench: Bench) -> None:
        await _ready(bench)
        ((_, draft),) = bench.work.drafts.all()
        taken = sum(len(capture.fingers) for capture in draft.captures)
        taken += 0 if draft.in_progress is None else len(draft.in_progress.plan.done)
        bench.fingers.queue = [*fingers()[2 * taken :], "holder", "holder"]
        if draft.stage is EnrolmentStage.SEALED:
            taken = 14
        await resume_enrolment(bench.work, ScriptedUi(*left), draft)
        assert len(registry.submissions) == 1
        assert len(registry.active) == 1

    at_desk(cut_off, tmp_path, registry)
    at_desk(go_on, tmp_path, registry)


def test_offline_everything_is_saved_and_goes_on_when_the_network_is_back(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await _ready(bench)
        bench.registry.is_away = True
        later = press(Notice, "ok", "register.later")
        await enrol_household(bench.work, ScriptedUi(*family(), *captures(), AFTER[0], later), WHO)
        assert bench.kinds() == ["enrolment.submitted"]
        ((_, draft),) = bench.work.drafts.all()
        assert draft.stage is EnrolmentStage.SEALED
        assert all(capture.fingers == () for capture in draft.captures)
        bench.registry.is_away = False
        bench.fingers.queue = ["holder", "holder"]
        await resume_enrolment(bench.work, ScriptedUi(*AFTER[1:]), draft)
        assert len(bench.registry.active) == 1

    at_desk(visit, tmp_path)


def test_a_stalled_camera_is_a_notice_with_a_way_on(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await _ready(bench)
        bench.camera.failures = [FailureReason.SILENT]
        first = [YES, press(Notice, "retry", "device.failed"), USE_PHOTO]
        ui = ScriptedUi(*family(), *first, *[YES, USE_PHOTO] * 4, *AFTER)
        await enrol_household(bench.work, ui, WHO)
        assert ui.is_done

    at_desk(visit, tmp_path)


def test_names_in_the_wrong_letters_are_asked_again(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(
            YES,
            give(TextEntry, "done", "123"),
            give(TextEntry, "done", "आशा"),
            give(TextEntry, "done", "Asha"),
            give(TextEntry, "back", ""),
            give(TextEntry, "back", ""),
        )
        await enrol_household(bench.work, ui, WHO)
        problems = [s.problem.key for s in ui.seen if isinstance(s, TextEntry) and s.problem is not None]
        assert problems == ["form.name_empty", "form.name_wrong_script"]

    at_desk(visit, tmp_path)


def test_a_touch_while_the_sensor_waits_leads_to_the_exceptions(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await _ready(bench)
        bench.fingers.queue = []
        exceptions = [touch(FingerCapture, "cannot"), give(Choice, "choose", "bandaged")] * 10
        ui = ScriptedUi(*family(), YES, USE_PHOTO, *exceptions, *SIGNED_BY_NOBODY, press(ConsentQuestion, "no"))
        with pytest.raises(AssertionError, match="nobody expected"):
            await enrol_household(bench.work, ui, WHO)
        ((_, draft),) = bench.work.drafts.all()
        assert set(draft.captures[0].exceptions.values()) == {FingerException.BANDAGED}

    at_desk(visit, tmp_path)
