"""Shards on other machines, run by Dask (the optional extra ``shards``): the answer is that of one machine.

Each machine keeps its own part of the people in a directory of its own, with a key of its own that never leaves it:
what travels is the question and the shortlist, so connect the scheduler over TLS (distributed.security.Security).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from biometrics.index.candidate import GalleryCandidate
from biometrics.index.errors import ShardLost
from biometrics.index.keys import Keys
from biometrics.index.question import Question
from biometrics.index.shard import LocalShard, Shard, ShardCounts
from biometrics.index.shortlist import Shortlist
from domain.errors import NotAvailableYet

if TYPE_CHECKING:
    from distributed import Client

#: Runs on the worker and opens what is its own, e.g. a function that reads directory and key of that machine.
OpenShard = Callable[[], LocalShard]


class HostedShard:
    """Lives on the worker as a Dask actor."""

    def __init__(self, open_shard: OpenShard) -> None:
        self._open = open_shard
        self._shard = open_shard()

    def reopen(self) -> None:
        """Reads the index as it is on that machine now."""
        self._shard = self._open()

    def counts(self, keys: Keys) -> ShardCounts:
        """As Shard."""
        return self._shard.counts(keys)

    def shortlist(self, question: Question, limit: int) -> Shortlist:
        """As Shard."""
        return self._shard.shortlist(question, limit)

    def everybody(self, question: Question) -> Shortlist:
        """As Shard."""
        return self._shard.everybody(question)

    def judge(self, question: Question, chosen: Shortlist, whole: bool) -> list[GalleryCandidate]:
        """As Shard."""
        return self._shard.judge(question, chosen, whole)


class MachineShard:
    """A shard on another machine. Raises ShardLost when its worker is gone or does not answer in time."""

    def __init__(self, actor: HostedShard, timeout_s: float) -> None:
        self._actor = actor
        self._timeout_s = timeout_s

    def reopen(self) -> None:
        """Reads the index as it is on that machine now."""
        self._ask("reopen")

    def counts(self, keys: Keys) -> ShardCounts:
        """How many are enrolled there, and how many fingers have each of these keys."""
        answer = self._ask("counts", keys)
        assert isinstance(answer, ShardCounts)
        return answer

    def shortlist(self, question: Question, limit: int) -> Shortlist:
        """The entries with most votes."""
        answer = self._ask("shortlist", question, limit)
        assert isinstance(answer, Shortlist)
        return answer

    def everybody(self, question: Question) -> Shortlist:
        """Every living entry."""
        answer = self._ask("everybody", question)
        assert isinstance(answer, Shortlist)
        return answer

    def judge(self, question: Question, chosen: Shortlist, whole: bool) -> list[GalleryCandidate]:
        """The chosen compared one to one."""
        answer = self._ask("judge", question, chosen, whole)
        assert isinstance(answer, list)
        return answer

    def _ask(self, method: str, *arguments: object) -> object:
        try:
            return getattr(self._actor, method)(*arguments).result(timeout=self._timeout_s)
        except (OSError, ValueError) as error:
            # TimeoutError is an OSError; Dask says ValueError for an actor whose worker is lost.
            raise ShardLost("a machine of the finger index does not answer") from error


def open_machine_shards(client: Client, sources: Sequence[tuple[str, OpenShard]], timeout_s: float) -> Sequence[Shard]:
    """One shard per (worker address, how to open it there), to be searched together.

    Raises NotAvailableYet where the extra ``shards`` is not installed.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise NotAvailableYet("install the extra 'shards' for an index on several machines") from error
    futures = [client.submit(HostedShard, opener, actor=True, workers=[worker]) for worker, opener in sources]
    return [MachineShard(future.result(timeout=timeout_s), timeout_s) for future in futures]
