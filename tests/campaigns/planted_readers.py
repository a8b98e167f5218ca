"""Readers with a mistake each, to prove that the campaign would find such a one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from card_service import authentic_card, connection, tlv
from card_service.connection import SessionLimits


@contextmanager
def _replaced_everywhere(honest: object, planted: object) -> Iterator[None]:
    """Wherever card_service imported it."""
    undo = []
    for name, module in list(sys.modules.items()):
        if name.startswith("card_service"):
            for attribute, value in list(vars(module).items()):
                if value is honest:
                    undo.append((module, attribute))
                    setattr(module, attribute, planted)
    try:
        yield
    finally:
        for module, attribute in undo:
            setattr(module, attribute, honest)


def parser_that_runs_off_the_end() -> AbstractContextManager[None]:
    """A decoder of data objects that trusts lengths, and so fails as no caller expects."""
    honest = tlv.decode_tlvs

    def trusting(data: bytes) -> tuple[tlv.Tlv, ...]:
        try:
            return honest(data)
        except tlv.TlvError as error:
            raise IndexError("index out of range") from error

    return _replaced_everywhere(honest, trusting)


def hashes_not_compared() -> AbstractContextManager[None]:
    """Files are read, and believed without looking at what the issuer signed."""
    return _replaced_everywhere(authentic_card._checked, lambda content, _hash: content)


@contextmanager
def no_bounds() -> Iterator[None]:
    """A session that may go on for ever."""
    endless = SessionLimits(max_apdus=10**9, max_card_time_s=1e9, max_answer_bytes=10**12)
    init = connection.Transport.__init__

    def unbounded(transport: connection.Transport, *args: object, **more: object) -> None:
        more["limits"] = replace(endless)
        init(transport, *args, **more)  # type: ignore[arg-type]

    connection.Transport.__init__ = unbounded  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        connection.Transport.__init__ = init  # type: ignore[method-assign]


#: What the campaign must say of each, and the reader itself.
PLANTED: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "crash": parser_that_runs_off_the_end,
    "deceit": hashes_not_compared,
    "hang": no_bounds,
}
