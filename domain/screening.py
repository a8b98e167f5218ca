"""All programmes for a whole household in one step, with the reason for each yes and no and the papers missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from domain.eligibility import Answer, Case, Check, Fact, Facts, Outcome, compile_rule
from domain.ids import PersonId, ProgrammeCode
from domain.people import Household, Member
from domain.programmes import Programme, Unit
from domain.quick_eligibility import YES, compile_quick
from domain.record import Record


class ScreeningReason(Record):
    why: str
    answer: Answer
    path: str
    bound: str


class ScreeningLine(Record):
    """One programme for one person, or for the household (``person_id`` None)."""

    programme: ProgrammeCode
    person_id: PersonId | None
    answer: Answer
    reasons: tuple[ScreeningReason, ...]
    missing_facts: tuple[str, ...]
    missing_papers: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Entitled, and no paper is missing."""
        return self.answer is Answer.YES and not self.missing_papers


class Screener:
    """Programmes compiled once, asked many times. Kiosk and registry run this same class."""

    def __init__(self, programmes: Iterable[Programme]) -> None:
        self._compiled: list[tuple[Programme, Check]] = [(p, compile_rule(p.rule)) for p in programmes]
        self._quick = [(p.unit is Unit.PERSON, compile_quick(p.rule)) for p, _ in self._compiled]

    def count_yes(self, home: Facts, members: Sequence[Facts]) -> list[int]:
        """For each programme how many are entitled: persons, or 1 for the household. No reasons, hence quick."""
        counts: list[int] = []
        for is_personal, check in self._quick:
            if is_personal:
                counts.append([check(home, member, members) for member in members].count(YES))
            else:
                counts.append(1 if check(home, {}, members) == YES else 0)
        return counts

    def screen(self, household: Household, *, on: date) -> list[ScreeningLine]:
        """A line for every household programme, and for every person programme and member."""
        home = household_facts(household, on=on)
        members = [member_facts(member, on=on) for member in household.members]
        lines: list[ScreeningLine] = []
        for programme, check in self._compiled:
            if programme.unit is Unit.HOUSEHOLD:
                outcome = check(Case(home, {}, members))
                lines.append(_line(programme, None, outcome, household.papers))
                continue
            for member, facts in zip(household.members, members, strict=True):
                outcome = check(Case(home, facts, members))
                papers = household.papers + member.person.papers
                lines.append(_line(programme, member.person.id, outcome, papers))
        return lines


def _line(programme: Programme, person_id: PersonId | None, outcome: Outcome, papers: Sequence[str]) -> ScreeningLine:
    missing = tuple(paper for paper in programme.papers if paper not in papers)
    return ScreeningLine(
        programme=programme.code,
        person_id=person_id,
        answer=outcome.answer,
        reasons=tuple(ScreeningReason(why=r.why, answer=r.answer, path=r.path, bound=r.bound) for r in outcome.reasons),
        missing_facts=outcome.missing,
        missing_papers=missing if outcome.answer is not Answer.NO else (),
    )


def member_facts(member: Member, *, on: date) -> dict[str, Fact]:
    """What rules may ask of a person: age, sex and relation, and the person's own answers."""
    person = member.person
    return {
        **person.facts,
        "age": person.born.age_years(on=on),
        "sex": str(person.sex),
        "relationship": str(member.relationship),
    }


def household_facts(household: Household, *, on: date) -> dict[str, Fact]:
    """What rules may ask of a household: its size, its children, its area, and its own answers."""
    ages = [member.person.born.age_years(on=on) for member in household.members]
    return {
        **household.facts,
        "size": len(ages),
        "children": sum(age < 18 for age in ages),
        "area": household.area,
        "head_sex": str(household.head.person.sex),
    }
