"""The review of possible duplicates: what is still to be decided, and what speaks for and against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from domain.finger_swaps import are_hands_swapped
from domain.messages.enrolment import DuplicateCandidate, DuplicateDecided, DuplicateDecision, EnrolmentState
from domain.people import Member, PersonName

#: From here on a name is shown as alike.
LIKE_NAME = 85
#: Many people know their age only about.
LIKE_YEARS = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact beside the two people; ``speaks_for`` their being one."""

    key: str
    number: int
    speaks_for: bool


def undecided(state: EnrolmentState, *, is_supervisor: bool = False) -> list[DuplicateCandidate]:
    """What the officer has still to look at, the strongest first; a supervisor also at what was left to them."""
    open_to = (None, DuplicateDecision.ASK_SUPERVISOR) if is_supervisor else (None,)
    waiting = [candidate for candidate in state.candidates if candidate.decision in open_to]
    return sorted(waiting, key=lambda each: (-each.matching_fingers, -each.name_likeness))


def evidence(candidate: DuplicateCandidate, captured: Member, *, on: date) -> tuple[Evidence, ...]:
    """What is known of both, in the order of its weight."""
    years_apart = abs(candidate.known_birth_year - captured.person.born.on.year)
    return (
        Evidence("duplicate.fingers", candidate.matching_fingers, candidate.matching_fingers > 0),
        *_swapped(candidate),
        Evidence("duplicate.name", candidate.name_likeness, candidate.name_likeness >= LIKE_NAME),
        Evidence("duplicate.age", on.year - candidate.known_birth_year, years_apart <= LIKE_YEARS),
        Evidence("duplicate.sex", 0, candidate.known_sex is captured.person.sex),
    )


def _swapped(candidate: DuplicateCandidate) -> tuple[Evidence, ...]:
    """Fingers that match under other names: they speak for one person, and for a mistake in one of the two records."""
    if not candidate.swapped:
        return ()
    key = "duplicate.swapped_hands" if are_hands_swapped(candidate.swapped) else "duplicate.swapped_fingers"
    return (Evidence(key, len(candidate.swapped), True),)


def letters_alike(one: PersonName, other: PersonName) -> int:
    """How much two names look alike to a desk, 0–100; the registry, which knows how they sound, is the judge."""
    pairs = [(one.latin, other.latin), (one.local, other.local)]
    ratios = [SequenceMatcher(None, a.casefold(), b.casefold()).ratio() for a, b in pairs if a and b]
    return round(100 * max(ratios, default=0.0))


def decide(
    state: EnrolmentState, candidate: DuplicateCandidate, decision: DuplicateDecision, reason: str
) -> DuplicateDecided:
    """The officer's decision as it is recorded."""
    return DuplicateDecided(
        submission_id=state.submission_id, candidate_id=candidate.candidate_id, decision=decision, reason=reason
    )


def with_decisions(state: EnrolmentState, decided: Iterable[DuplicateDecided]) -> EnrolmentState:
    """The state with decisions that the registry has not heard of yet."""
    by_candidate = {each.candidate_id: each.decision for each in decided}
    candidates = tuple(
        candidate.model_copy(update={"decision": by_candidate.get(candidate.candidate_id, candidate.decision)})
        for candidate in state.candidates
    )
    return state.model_copy(update={"candidates": candidates})
