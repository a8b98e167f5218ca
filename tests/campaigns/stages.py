"""Stages of a conversation that went as always are not gone through again: the reader is set to where they ended.

While a memoir is learned, the reader's session is copied at the end of each stage (channel open, chip proven, card
authentic, card verified), with what the stage returned. A conversation that is spoiled only after a stage begins at a
copy of that copy: same keys, counters, traffic and random stream as if it had been gone through.
"""

from __future__ import annotations

import copy
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from card_service.authentic_card import AuthenticCard
from card_service.connection import CardConnection
from card_service.session import CardSession
from card_service.verification import CardVerification
from card_service.verified_card import VerifiedCard
from tests.campaigns.loaded_dice import LoadedDice
from tests.campaigns.remembered_card import Point

_METHODS = ("open_with_can", "prove_chip")
_FUNCTIONS = (("card_service.authentic_card", "authenticate_card"), ("card_service.verification", "verify_card"))
_PACKAGES = ("card_service", "tests.campaigns")
_Step = Callable[..., object]


class _Mark:
    """Stands in a copy for what belongs to one conversation."""


_CONNECTION, _SESSION = _Mark(), _Mark()


@dataclass(frozen=True)
class Stage:
    """Where a stage ended: the reader's state and what it returned; and how many answers it took."""

    began: int
    ended: int
    point: Point
    drawn: int
    said: tuple[bytes, ...]
    state: tuple[object, object]


class AttackedConnection(Protocol):
    """What a stage needs to know of the connection."""

    is_learning: bool
    #: The card's answers so far, while learning.
    said: list[bytes]

    @property
    def place(self) -> tuple[Point, int]:
        """Where the conversation stands, and how many answers that took."""

    def may_jump(self, answers: int) -> bool:
        """Whether nothing is spoiled before that answer, and nothing was."""

    def jump(self, point: Point, answers: int, said: Sequence[bytes]) -> None:
        """Stand there, as if these had been the answers on the way."""


class Stages:
    """Remembers and skips. ``is_resting``: everything is gone through."""

    def __init__(self, dice: LoadedDice, kind: type) -> None:
        self.is_resting = False
        self._dice = dice
        self._kind = kind
        self._stages: dict[tuple[str, int], Stage] = {}

    def forget(self) -> None:
        """The memoirs are gone, and with them every place."""
        self._stages.clear()

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Every reader of this process."""
        undo: list[tuple[object, str, object]] = []
        for name in _METHODS:
            undo.append((CardSession, name, getattr(CardSession, name)))
            setattr(CardSession, name, self._staged(name, getattr(CardSession, name)))
        for module, name in _FUNCTIONS:
            honest = getattr(importlib.import_module(module), name)
            staged = self._staged(name, honest)
            for where, each in list(sys.modules.items()):
                if where.startswith(_PACKAGES) and vars(each).get(name) is honest:
                    undo.append((each, name, honest))
                    setattr(each, name, staged)
        try:
            yield
        finally:
            for owner, name, honest in undo:
                setattr(owner, name, honest)

    def _staged(self, name: str, honest: _Step) -> _Step:
        def step(first: CardSession | CardConnection, *args: object, **more: object) -> object:
            session = first if isinstance(first, CardSession) else None
            connection = first if session is None else vars(session)["_connection"]
            if self.is_resting or not isinstance(connection, self._kind):
                return honest(first, *args, **more)
            return self._pass(name, connection, session, lambda: honest(first, *args, **more))

        return step

    def _pass(
        self, name: str, connection: AttackedConnection, session: CardSession | None, go: Callable[[], object]
    ) -> object:
        start, began = connection.place
        if connection.is_learning:
            result = go()
            point, ended = connection.place
            state = self._cut_loose(connection, session, result)
            said = tuple(connection.said[began:ended])
            self._stages[name, id(start)] = Stage(began, ended, point, self._dice.drawn[False], said, state)
            return result
        stage = self._stages.get((name, id(start)))
        if stage is None or stage.began != began or not connection.may_jump(stage.ended):
            return go()
        connection.jump(stage.point, stage.ended, stage.said)
        self._dice.drawn[False] = stage.drawn
        memo: dict[int, object] = {id(_CONNECTION): connection, id(_SESSION): session}
        variables, result = copy.deepcopy(stage.state, memo | _shared(stage.state[1]))
        if session is not None and isinstance(variables, dict):
            vars(session).update(variables)
        return result

    def _cut_loose(
        self, connection: AttackedConnection, session: CardSession | None, result: object
    ) -> tuple[object, object]:
        memo: dict[int, object] = {id(connection): _CONNECTION}
        if session is not None:
            memo[id(session)] = _SESSION
        return copy.deepcopy((None if session is None else vars(session), result), memo | _shared(result))


def _shared(result: object) -> dict[int, object]:
    """Parts of a result that nothing changes, and that need no copy."""
    if isinstance(result, CardVerification):
        result = result.card
    if isinstance(result, VerifiedCard):
        return {id(result.details): result.details} | _shared(result.authentic)
    if isinstance(result, AuthenticCard):
        parts = [value for name, value in vars(result).items() if name != "session"]
        return {id(each): each for each in parts}
    return {}
