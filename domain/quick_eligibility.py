"""The same answers as ``eligibility``, without the reasons: for counting, and for whole nations.

Kleene's logic in three small numbers, so that "all" is the least and "any" the greatest of its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from pydantic import JsonValue

from domain.eligibility import Answer, Fact, Facts, RuleRefused, compile_rule, fact_test

NO, UNKNOWN, YES = 0, 1, 2
ANSWERS = (Answer.NO, Answer.UNKNOWN, Answer.YES)

#: Household, member, all members; gives NO, UNKNOWN or YES.
QuickCheck: TypeAlias = Callable[[Facts, Facts, Sequence[Facts]], int]


def compile_quick(rule: JsonValue) -> QuickCheck:
    """Raises RuleRefused for anything that ``compile_rule`` refuses."""
    compile_rule(rule)
    return _compile(rule)


def _compile(rule: JsonValue) -> QuickCheck:
    if not isinstance(rule, dict):
        raise RuleRefused("a rule is an object")
    name = next(key for key in rule if key != "why")
    body = rule[name]
    if name in ("all", "any") and isinstance(body, list):
        parts = tuple(_compile(part) for part in body)
        return _all(parts) if name == "all" else _any(parts)
    if name == "not":
        inner = _compile(body)
        return lambda home, member, members: YES - inner(home, member, members)
    if name == "some_member":
        return _some_member(_compile(body))
    if not isinstance(body, list):
        raise RuleRefused(f"{name} needs [path, value]")
    scope, _, key = str(body[0]).partition(".")
    bound, is_household = body[1], scope == "household"
    if name in ("ge", "le") and isinstance(bound, int):
        return _at_least(is_household, key, bound) if name == "ge" else _at_most(is_household, key, bound)
    return _comparison(is_household, key, fact_test(name, bound))


def _all(parts: tuple[QuickCheck, ...]) -> QuickCheck:
    def check(home: Facts, member: Facts, members: Sequence[Facts]) -> int:
        least = YES
        for part in parts:
            answer = part(home, member, members)
            if answer < least:
                if answer == NO:
                    return NO
                least = answer
        return least

    return check


def _any(parts: tuple[QuickCheck, ...]) -> QuickCheck:
    def check(home: Facts, member: Facts, members: Sequence[Facts]) -> int:
        greatest = NO
        for part in parts:
            answer = part(home, member, members)
            if answer > greatest:
                if answer == YES:
                    return YES
                greatest = answer
        return greatest

    return check


def _some_member(inner: QuickCheck) -> QuickCheck:
    def check(home: Facts, _member: Facts, members: Sequence[Facts]) -> int:
        greatest = NO
        for member in members:
            answer = inner(home, member, members)
            if answer > greatest:
                if answer == YES:
                    return YES
                greatest = answer
        return greatest

    return check


def _comparison(is_household: bool, key: str, test: Callable[[Fact], bool]) -> QuickCheck:
    def of_household(home: Facts, _member: Facts, _members: Sequence[Facts]) -> int:
        value = home.get(key)
        return UNKNOWN if value is None else YES if test(value) else NO

    def of_member(_home: Facts, member: Facts, _members: Sequence[Facts]) -> int:
        value = member.get(key)
        return UNKNOWN if value is None else YES if test(value) else NO

    return of_household if is_household else of_member


# The two that most rules are made of, each with one call less.
def _at_least(is_household: bool, key: str, bound: int) -> QuickCheck:
    def of_household(home: Facts, _member: Facts, _members: Sequence[Facts]) -> int:
        value = home.get(key)
        return UNKNOWN if value is None else YES if isinstance(value, int) and value >= bound else NO

    def of_member(_home: Facts, member: Facts, _members: Sequence[Facts]) -> int:
        value = member.get(key)
        return UNKNOWN if value is None else YES if isinstance(value, int) and value >= bound else NO

    return of_household if is_household else of_member


def _at_most(is_household: bool, key: str, bound: int) -> QuickCheck:
    def of_household(home: Facts, _member: Facts, _members: Sequence[Facts]) -> int:
        value = home.get(key)
        return UNKNOWN if value is None else YES if isinstance(value, int) and value <= bound else NO

    def of_member(_home: Facts, member: Facts, _members: Sequence[Facts]) -> int:
        value = member.get(key)
        return UNKNOWN if value is None else YES if isinstance(value, int) and value <= bound else NO

    return of_household if is_household else of_member
