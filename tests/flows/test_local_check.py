"""A desk looks in the gallery of its own area before anything is sent: found, not found, could not look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.card_number import CardNumber
from domain.ids import AreaCode, HouseholdId, OperatorId, PersonId
from domain.messages.area_gallery import AreaGalleryContent, AreaGalleryPage, AreaPerson
from domain.messages.duplicate_decision import DuplicateDecision
from domain.messages.enrolment import EnrolmentSubmission
from domain.messages.kiosks import Role
from domain.messages.local_check import LocalCheck, LocalVerdict, NotChecked
from domain.people import PersonName, Sex
from enrolment.session import EnrolmentStage
from kiosk.flows.enrol_household import enrol_household, resume_enrolment
from kiosk.flows.workplace import Officer
from kiosk.screen_models.general import Notice
from kiosk.screen_models.people import DuplicateReview, HouseholdRoster
from kiosk.store.gallery_book import new_book
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import ENROLMENT_KEY, OFFICER, Bench, officer_card
from tests.flows.paper_registry import PaperRegistry
from tests.flows.paper_stock import stock_blank
from tests.flows.scripted_ui import ScriptedUi, Step, press
from tests.flows.test_enrol_household import AFTER, captures, family, fingers

#: Not the officer whose card lies on the desk: that one may decide against the fingers.
WHO = Officer(OperatorId("HH-0002"), PersonName(latin="Officer Two", local="अधिकारी"), Role.OFFICER, CardNumber("0"))
SUPERVISOR = replace(WHO, operator_id=OFFICER, role=Role.SUPERVISOR)
CONFIRM = press(HouseholdRoster, "confirm")
SAVED_HERE = press(Notice, "ok", "register.later")
RAM = PersonId("P-9")


def record(name: str) -> bytes:
    """The template of a finger of the bench."""
    return b"FMR\x00 " + name.encode()


def ram(*names: str) -> AreaPerson:
    """Ram, as the registry knows him."""
    return AreaPerson(
        person_id=RAM,
        household_id=HouseholdId("H-9"),
        name=PersonName(latin="Ram Prashad", local="राम प्रशाद"),
        sex=Sex.MALE,
        birth_year=1987,
        area=AreaCode("UT-1-1"),
        fingers=tuple(map(record, names)),
    )


async def tell(bench: Bench, *people: AreaPerson, gone: tuple[PersonId, ...] = ()) -> None:
    """The registry's next page."""
    book = bench.work.gallery.book
    page = AreaGalleryPage(scope="area", is_first=False, cursor=book.cursor + 1, is_last=True, people=1, sealed=b"")
    await bench.work.gallery.take_page(page, AreaGalleryContent(people=people, gone=gone), book)


async def ready(bench: Bench) -> None:
    await bench.insert(stock_blank())
    await bench.insert_officer(officer_card())
    bench.fingers.queue = [*fingers(), "holder", "holder", "holder"]


def check_of(bench: Bench) -> LocalCheck:
    """What the registry was told of the only registration."""
    (submission,) = bench.registry.submissions.values()
    return _check(submission)


def _check(submission: EnrolmentSubmission) -> LocalCheck:
    assert submission.local_check is not None
    return submission.local_check


def visit_steps(*decisions: Step, after: list[Step] = AFTER) -> list[Step]:
    return [*family(), *captures(), CONFIRM, *decisions, *after[1:]]


def test_whom_nobody_knows_is_registered_without_a_further_question(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await tell(bench, ram("somebody", "else"))
        await ready(bench)
        ui = ScriptedUi(*visit_steps())
        await enrol_household(bench.work, ui, WHO)
        check = check_of(bench)
        assert (check.verdict, check.why, check.people) == (LocalVerdict.NOBODY_FOUND, None, 1)
        assert check.as_of is not None
        assert "local.looking" in ui.titles()
        assert bench.registry.active
        searched = [each for each in bench.gallery.budgets if each > 0]
        assert len(searched) == 4, "all who gave fingers were looked for"

    at_desk(visit, tmp_path)


def test_who_is_known_is_shown_side_by_side_before_anything_is_sent(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await tell(bench, ram("ram0", "ram2"))
        await ready(bench)
        bench.registry.is_away = True
        ui = ScriptedUi(*visit_steps(press(DuplicateReview, "same"), after=[CONFIRM, SAVED_HERE]))
        await enrol_household(bench.work, ui, WHO)
        (shown,) = [screen for screen in ui.seen if isinstance(screen, DuplicateReview)]
        assert shown.captured.name.verbatim == "Ram Prasad"
        assert shown.known.name.verbatim == "Ram Prashad"
        assert shown.known.portrait is None
        assert [line.text.params.get("number") for line in shown.evidence] == [2, 95, 39, 0]
        bench.registry.is_away = False
        await bench.work.sync.sync_now()
        check = check_of(bench)
        (candidate,) = check.candidates
        assert check.verdict is LocalVerdict.FOUND
        assert (candidate.known_person_id, candidate.matching_fingers) == (RAM, 2)
        assert (candidate.decision, candidate.decided_by) == (DuplicateDecision.SAME_PERSON, WHO.operator_id)

    at_desk(visit, tmp_path)


def test_against_the_fingers_another_officer_decides_than_the_one_who_took_them(tmp_path: Path) -> None:
    steps = [press(DuplicateReview, "different"), press(Notice, "ok", "duplicate.title")]

    async def refused(bench: Bench) -> None:
        await tell(bench, ram("ram0"))
        await ready(bench)
        again = [*steps, press(Notice, "ok", "login.refused"), press(DuplicateReview, "back")]
        await enrol_household(
            bench.work, ScriptedUi(*visit_steps(*again, after=[CONFIRM])), replace(WHO, operator_id=OFFICER)
        )
        (draft,) = [draft for _, draft in bench.work.drafts.all()]
        assert draft.stage is EnrolmentStage.REVIEW
        assert bench.kinds() == []

    async def decided(bench: Bench) -> None:
        await tell(bench, ram("ram0"))
        await ready(bench)
        await enrol_household(bench.work, ScriptedUi(*visit_steps(*steps)), WHO)
        (candidate,) = check_of(bench).candidates
        assert (candidate.decision, candidate.decided_by) == (DuplicateDecision.DIFFERENT_PERSON, OFFICER)
        assert bench.registry.active

    at_desk(refused, tmp_path / "one")
    at_desk(decided, tmp_path / "other")


@pytest.mark.parametrize("is_away", [True, False])
def test_who_asks_for_a_supervisor_gets_no_card_and_hears_what_comes_next(tmp_path: Path, is_away: bool) -> None:
    registry = PaperRegistry(ENROLMENT_KEY)

    async def ask(bench: Bench) -> None:
        await tell(bench, ram("ram0", "ram2"))
        await ready(bench)
        registry.is_away = is_away
        held = press(Notice, "ok", "duplicate.supervisor_title")
        ui = ScriptedUi(*visit_steps(press(DuplicateReview, "supervisor"), held, after=[CONFIRM]))
        await enrol_household(bench.work, ui, WHO)
        assert ui.is_done
        assert bench.artist.slips, "the family gets its number"
        again = ScriptedUi(held)
        ((_, draft),) = bench.work.drafts.all()
        await resume_enrolment(bench.work, again, draft)
        assert (registry.orders, registry.active) == ({}, set())

    async def supervised(bench: Bench) -> None:
        registry.is_away = False
        await bench.insert(stock_blank())
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["holder", "holder"]
        bench.work.officer = SUPERVISOR
        ((_, draft),) = bench.work.drafts.all()
        await resume_enrolment(bench.work, ScriptedUi(*AFTER[1:]), draft)
        assert len(registry.active) == 1
        assert check_of(bench).is_held, "the registry keeps it waiting by itself"

    at_desk(ask, tmp_path, registry)
    at_desk(supervised, tmp_path, registry)


@pytest.mark.parametrize(
    ("why", "title"),
    [
        (NotChecked.TIME_OVER, "local.not_whole"),
        (NotChecked.NO_GALLERY, "local.not_checked"),
        (NotChecked.TOO_OLD, "local.not_checked"),
        (NotChecked.NOT_ALLOWED, "local.not_checked"),
        (NotChecked.DEVICE_FAILED, "local.not_checked"),
    ],
)
def test_not_to_have_looked_is_said_and_sent_and_keeps_nobody_out(tmp_path: Path, why: NotChecked, title: str) -> None:
    async def visit(bench: Bench) -> None:
        bench.gallery.is_slow = why is NotChecked.TIME_OVER
        bench.gallery.fails = why is NotChecked.DEVICE_FAILED
        if why in (NotChecked.NO_GALLERY, NotChecked.TOO_OLD, NotChecked.NOT_ALLOWED):
            bench.store.gallery_book.save("current", new_book(why))
        await ready(bench)
        ui = ScriptedUi(*visit_steps(press(Notice, "ok", title)))
        await enrol_household(bench.work, ui, WHO)
        check = check_of(bench)
        assert (check.verdict, check.why) == (LocalVerdict.COULD_NOT_CHECK, why)
        assert bench.registry.active

    at_desk(visit, tmp_path)


def test_a_gallery_that_does_not_open_is_begun_anew_and_not_taken_for_an_empty_area(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await tell(bench, ram("ram0", "ram2"))
        bench.gallery.is_broken = True
        before = bench.work.gallery.book
        await ready(bench)
        ui = ScriptedUi(*visit_steps(press(Notice, "ok", "local.not_checked")))
        await enrol_household(bench.work, ui, WHO)
        assert check_of(bench).why is NotChecked.NO_GALLERY
        book = bench.work.gallery.book
        assert book.key != before.key
        assert (book.scope, book.cursor, book.lack) == ("", 0, NotChecked.NO_GALLERY)
        assert bench.store.neighbours.all() == []

    at_desk(visit, tmp_path)


def test_who_gives_no_finger_is_registered_without_a_word_of_it(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        findings = await bench.work.gallery.search({PersonId("P-1"): []}, budget_s=1.0)
        assert (findings.found, findings.why) == ({}, NotChecked.NO_FINGERS)

    at_desk(visit, tmp_path)


def test_the_same_person_twice_at_one_desk_without_a_network_is_found_also_after_a_restart(tmp_path: Path) -> None:
    registry = PaperRegistry(ENROLMENT_KEY)
    registry.is_away = True

    async def first(bench: Bench) -> None:
        await ready(bench)
        await enrol_household(bench.work, ScriptedUi(*visit_steps(after=[CONFIRM, SAVED_HERE])), WHO)

    async def second(bench: Bench) -> None:
        await ready(bench)
        # Nobody of the second household but Mina comes again.
        bench.fingers.queue = [name if name and "mina" in name else f"new-{name}" for name in fingers()]
        ui = ScriptedUi(*visit_steps(press(DuplicateReview, "same"), after=[CONFIRM, SAVED_HERE]))
        await enrol_household(bench.work, ui, WHO)
        (shown,) = [screen for screen in ui.seen if isinstance(screen, DuplicateReview)]
        assert shown.known.name.verbatim == "Mina Devi"
        assert shown.known.portrait is not None, "registered here a moment ago"
        registry.is_away = False
        await bench.work.sync.sync_now()
        one, other = registry.submissions.values()
        (candidate,) = _check(other).candidates
        assert candidate.known_submission_id == one.submission_id
        assert candidate.known_person_id == one.household.members[2].person.id
        assert candidate.matching_fingers == 4

    at_desk(first, tmp_path, registry)
    at_desk(second, tmp_path, registry)


def test_members_of_the_household_itself_are_nobodys_doubles(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await tell(bench, ram("ram0", "ram2"))
        fingers_of = {RAM: [record("ram0")], PersonId("P-1"): [record("ram2")]}
        findings = await bench.work.gallery.search(fingers_of, budget_s=1.0)
        assert findings.found == {}
        findings = await bench.work.gallery.search({PersonId("P-1"): [record("ram2")]}, budget_s=1.0)
        assert [each.who.person_id for each in findings.found[PersonId("P-1")]] == [RAM]

    at_desk(visit, tmp_path)


def test_what_was_decided_before_the_officer_left_is_not_asked_again(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        other = ram("asha0").model_copy(update={"person_id": PersonId("P-8")})
        await tell(bench, ram("ram0", "ram2"), other)
        await ready(bench)
        leaves = [press(DuplicateReview, "same"), press(DuplicateReview, "back")]
        await enrol_household(bench.work, ScriptedUi(*visit_steps(*leaves, after=[CONFIRM])), WHO)
        ((_, draft),) = bench.work.drafts.all()
        ui = ScriptedUi(CONFIRM, press(DuplicateReview, "same"), *AFTER[1:])
        await resume_enrolment(bench.work, ui, draft)
        assert [each.decision for each in check_of(bench).candidates] == [DuplicateDecision.SAME_PERSON] * 2

    at_desk(visit, tmp_path)


def test_where_desks_may_hold_no_fingers_those_registered_here_are_not_kept_either(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await ready(bench)
        bench.registry.is_away = True
        await enrol_household(bench.work, ScriptedUi(*visit_steps(after=[CONFIRM, SAVED_HERE])), WHO)
        assert len(bench.store.own_registrations.all()) == 1
        await bench.work.gallery.give_up(NotChecked.NOT_ALLOWED)
        assert bench.store.own_registrations.all() == []
        assert bench.gallery.held == {}
        assert not (bench.home / "area-gallery").exists()
        await ready(bench)
        again = [press(Notice, "ok", "local.not_checked")]
        await enrol_household(bench.work, ScriptedUi(*visit_steps(*again, after=[CONFIRM, SAVED_HERE])), WHO)
        assert bench.store.own_registrations.all() == []
        assert not (bench.home / "area-gallery").exists()

    at_desk(visit, tmp_path)


def test_a_desk_that_heard_nothing_for_a_month_forgets_its_area(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await tell(bench, ram("ram0"))
        book = bench.work.gallery.book
        assert book.whole_at is not None
        await bench.work.gallery.forget_old()
        assert len(bench.store.neighbours.all()) == 1
        old = book.model_copy(update={"whole_at": book.whole_at - timedelta(days=31)})
        bench.store.gallery_book.save("current", old)
        await bench.work.gallery.forget_old()
        assert bench.store.neighbours.all() == []
        assert bench.work.gallery.book.lack is NotChecked.TOO_OLD

    at_desk(visit, tmp_path)
