"""Shards in processes of their own: every core searches its part of the index."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from types import TracebackType

import numpy as np

from biometrics.index.candidate import GalleryCandidate
from biometrics.index.errors import IndexBroken, ShardLost
from biometrics.index.keys import Keys
from biometrics.index.question import Question
from biometrics.index.shard import LocalShard, Shard, ShardCounts
from biometrics.index.shortlist import Shortlist
from biometrics.index.store import read_index

#: A worker that does not answer within this time is taken for dead. Reading a segment takes a tenth of a second.
_ANSWER_S = 600.0
_STOP_S = 5.0
#: Writers may change the index between the reading of two shards.
_OPEN_TRIES = 20


@dataclass(frozen=True, slots=True)
class ShardSource:
    """Where a shard lies: every shards-th segment of a directory, beginning with this one. repr hides the key."""

    directory: Path
    key: bytes
    shard: int = 0
    shards: int = 1

    def __repr__(self) -> str:
        return f"ShardSource({self.shard} of {self.shards})"

    def open(self) -> tuple[int, LocalShard]:
        """The index's generation, and the shard as it is now."""
        generation, snapshot = read_index(self.directory, self.key, shard=self.shard, shards=self.shards)
        return generation, LocalShard(snapshot)


class _Ask(Enum):
    OPEN = "open"
    COUNTS = "counts"
    SHORTLIST = "shortlist"
    EVERYBODY = "everybody"
    JUDGE = "judge"
    STOP = "stop"


class ProcessShard:
    """A shard in its own process. Raises ShardLost once the process is gone or silent."""

    def __init__(self, source: ShardSource) -> None:
        # Spawned, not forked: the parent may have threads, and must not hand its open files to the child.
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, source), daemon=True)
        self._process.start()
        theirs.close()
        self._turn = Lock()

    @property
    def process_id(self) -> int:
        """The operating system's number of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def reopen(self) -> int:
        """Reads the index as it is on disk now; returns its generation."""
        generation = self._ask(_Ask.OPEN)
        assert isinstance(generation, int)
        return generation

    def counts(self, keys: Keys) -> ShardCounts:
        """How many are enrolled here, and how many fingers have each of these keys."""
        answer = self._ask(_Ask.COUNTS, keys)
        assert isinstance(answer, ShardCounts)
        return answer

    def shortlist(self, question: Question, limit: int) -> Shortlist:
        """The entries with most votes."""
        answer = self._ask(_Ask.SHORTLIST, question, limit)
        assert isinstance(answer, Shortlist)
        return answer

    def everybody(self, question: Question) -> Shortlist:
        """Every living entry."""
        answer = self._ask(_Ask.EVERYBODY, question)
        assert isinstance(answer, Shortlist)
        return answer

    def judge(self, question: Question, chosen: Shortlist, whole: bool) -> list[GalleryCandidate]:
        """The chosen compared one to one."""
        answer = self._ask(_Ask.JUDGE, question, chosen, whole)
        assert isinstance(answer, list)
        return answer

    def close(self) -> None:
        """Ends the process."""
        # A process that is gone already is what was wanted.
        with suppress(OSError):
            self._line.send((_Ask.STOP, ()))
        self._process.join(_STOP_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._line.close()

    def _ask(self, what: _Ask, *arguments: object) -> object:
        with self._turn:
            try:
                self._line.send((what, arguments))
                if not self._line.poll(_ANSWER_S):
                    raise ShardLost("a shard of the finger index is silent")
                answer = self._line.recv()
            except (OSError, EOFError) as error:
                raise ShardLost("a shard of the finger index is gone") from error
        if isinstance(answer, IndexBroken):
            raise answer
        return answer


def _serve(line: Connection, source: ShardSource) -> None:
    """The process: answers until it is told to stop or nobody is left who could ask."""
    shard: LocalShard | None = None
    try:
        while True:
            what, arguments = line.recv()
            if what is _Ask.STOP:
                return
            if what is _Ask.OPEN:
                shard = _open_and_answer(line, source) or shard
            elif shard is not None:
                line.send(_answer(shard, what, arguments))
    except (EOFError, OSError):
        return


def _open_and_answer(line: Connection, source: ShardSource) -> LocalShard | None:
    try:
        generation, shard = source.open()
    except IndexBroken as error:
        line.send(error)
        return None
    line.send(generation)
    return shard


def _answer(shard: LocalShard, what: _Ask, arguments: tuple[object, ...]) -> object:
    match what, arguments:
        case _Ask.SHORTLIST, (Question() as question, int() as limit):
            return shard.shortlist(question, limit)
        case _Ask.EVERYBODY, (Question() as question,):
            return shard.everybody(question)
        case _Ask.JUDGE, (Question() as question, Shortlist() as chosen, bool() as whole):
            return shard.judge(question, chosen, whole)
        case _Ask.COUNTS, (np.ndarray() as keys,):
            return shard.counts(keys)
    raise TypeError(f"a shard cannot be asked {what.value} like this")


class ProcessShards:
    """One process a shard over one directory, as a context manager. All of them show the same moment of the index."""

    def __init__(self, directory: Path, key: bytes, processes: int) -> None:
        self._shards = [ProcessShard(ShardSource(directory, key, n, processes)) for n in range(processes)]
        try:
            self.refresh()
        except BaseException:
            self.close()
            raise

    @property
    def shards(self) -> Sequence[Shard]:
        """To be searched together."""
        return self._shards

    @property
    def process_ids(self) -> list[int]:
        """To be watched by whoever started them."""
        return [shard.process_id for shard in self._shards]

    def refresh(self) -> None:
        """Reads the index as it is on disk now. Raises IndexBroken, also when it never keeps still."""
        for _ in range(_OPEN_TRIES):
            if len({shard.reopen() for shard in self._shards}) == 1:
                return
        raise IndexBroken("the finger index changes faster than it can be read")

    def close(self) -> None:
        """Ends the processes."""
        for shard in self._shards:
            shard.close()

    def __enter__(self) -> ProcessShards:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
