"""Eligibility as data: a small rule language with three answers, reasons, and the questions still missing.

A rule is JSON: ``{"all": [...]}``, ``{"any": [...]}``, ``{"not": rule}``, ``{"some_member": rule}``, or one
comparison such as ``{"ge": ["member.age", 60], "why": "age.from_60"}``. ``why`` names the sentence that tells a
person this condition.
Logic is Kleene's: a fact nobody has asked for yet makes the answer UNKNOWN only where it could decide.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pydantic import JsonValue

from domain.errors import ProjectError

Fact: TypeAlias = bool | int | str
Facts: TypeAlias = Mapping[str, Fact]

MAX_DEPTH = 12
MAX_CONDITIONS = 64


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RuleRefused(ProjectError):
    """The rule is not one that we can run; found when the catalogue is loaded, never at the desk."""

    code = "eligibility.rule_refused"
    message_key = "error.rule_refused"


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition and how it came out; ``why`` is a message key, ``bound`` the value the rule asks for."""

    why: str
    answer: Answer
    path: str
    bound: str


@dataclass(frozen=True, slots=True)
class Outcome:
    answer: Answer
    reasons: tuple[Reason, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts to ask for, in rule order, each once."""
        return tuple(dict.fromkeys(r.path for r in self.reasons if r.answer is Answer.UNKNOWN))


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule is asked about: the household's facts, one member's, and those of all members."""

    household: Facts
    member: Facts
    members: Sequence[Facts]


Check: TypeAlias = Callable[[Case], Outcome]

_COMPARISONS: dict[str, Callable[[Fact, Fact], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": lambda a, b: isinstance(a, int) and isinstance(b, int) and a < b,
    "le": lambda a, b: isinstance(a, int) and isinstance(b, int) and a <= b,
    "gt": lambda a, b: isinstance(a, int) and isinstance(b, int) and a > b,
    "ge": lambda a, b: isinstance(a, int) and isinstance(b, int) and a >= b,
}


def compile_rule(rule: JsonValue) -> Check:
    """A closure that answers for one case; raises RuleRefused for anything that is not a rule."""
    counter = [0]
    return _compile(rule, 0, counter)


def _compile(rule: JsonValue, depth: int, counter: list[int]) -> Check:
    counter[0] += 1
    if depth > MAX_DEPTH or counter[0] > MAX_CONDITIONS:
        raise RuleRefused("the rule is too deep or too long")
    if not isinstance(rule, dict):
        raise RuleRefused("a rule is an object")
    keys = [key for key in rule if key != "why"]
    if len(keys) != 1:
        raise RuleRefused("a rule has exactly one operator")
    name, body = keys[0], rule[keys[0]]
    if name in ("all", "any"):
        return _compile_group(name, body, depth, counter)
    if name == "not":
        return _negate(_compile(body, depth + 1, counter))
    if name == "some_member":
        return _some_member(_compile(body, depth + 1, counter))
    return _compile_comparison(name, body, rule.get("why"))


def _compile_group(name: str, body: JsonValue, depth: int, counter: list[int]) -> Check:
    if not isinstance(body, list) or not body:
        raise RuleRefused(f"{name} needs a list of rules")
    checks = [_compile(part, depth + 1, counter) for part in body]
    decisive = Answer.NO if name == "all" else Answer.YES
    otherwise = Answer.YES if name == "all" else Answer.NO

    def check(case: Case) -> Outcome:
        return _combine([part(case) for part in checks], decisive, otherwise)

    return check


def _combine(outcomes: Sequence[Outcome], decisive: Answer, otherwise: Answer) -> Outcome:
    answers = {outcome.answer for outcome in outcomes}
    if decisive in answers:
        # Only what decided is a reason; an open question beside it would be asked for nothing.
        deciding = [o for o in outcomes if o.answer is decisive]
        return Outcome(decisive, tuple(r for o in deciding for r in o.reasons))
    answer = Answer.UNKNOWN if Answer.UNKNOWN in answers else otherwise
    return Outcome(answer, tuple(r for o in outcomes for r in o.reasons))


def _negate(inner: Check) -> Check:
    flipped = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.UNKNOWN: Answer.UNKNOWN}

    def check(case: Case) -> Outcome:
        outcome = inner(case)
        reasons = tuple(Reason(r.why, flipped[r.answer], r.path, r.bound) for r in outcome.reasons)
        return Outcome(flipped[outcome.answer], reasons)

    return check


def _some_member(inner: Check) -> Check:
    def check(case: Case) -> Outcome:
        outcomes = [inner(Case(case.household, member, case.members)) for member in case.members]
        if not outcomes:
            return Outcome(Answer.NO)
        return _combine(outcomes, Answer.YES, Answer.NO)

    return check


def _compile_comparison(name: str, body: JsonValue, why: JsonValue) -> Check:
    if not isinstance(body, list) or len(body) != 2 or not isinstance(body[0], str):
        raise RuleRefused(f"{name} needs [path, value]")
    path, bound = str(body[0]), body[1]
    scope, _, key = path.partition(".")
    if scope not in ("household", "member") or not key:
        raise RuleRefused(f"unknown fact {path}")
    test = fact_test(name, bound)
    why_key = why if isinstance(why, str) else f"{path}.{name}"

    def check(case: Case) -> Outcome:
        value = (case.household if scope == "household" else case.member).get(key)
        answer = Answer.UNKNOWN if value is None else (Answer.YES if test(value) else Answer.NO)
        return Outcome(answer, (Reason(why_key, answer, path, str(bound)),))

    return check


def fact_test(name: str, bound: JsonValue) -> Callable[[Fact], bool]:
    """The comparison of a fact with the value that the rule asks for. Raises RuleRefused."""
    if name == "in":
        if not isinstance(bound, list) or not all(isinstance(v, bool | int | str) for v in bound):
            raise RuleRefused("in needs a list of values")
        allowed = frozenset(v for v in bound if isinstance(v, bool | int | str))
        return lambda value: value in allowed
    if name not in _COMPARISONS:
        raise RuleRefused(f"unknown operator {name}")
    if not isinstance(bound, bool | int | str):
        raise RuleRefused(f"{name} needs a plain value")
    compare, limit = _COMPARISONS[name], bound
    return lambda value: compare(value, limit)
