"""The index in a directory: sealed segments, and a manifest that is always written last."""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from biometrics.index import manifest as manifests
from biometrics.index import segment_codec
from biometrics.index.disk import Disk, RealDisk
from biometrics.index.errors import IndexBroken, IndexBusy
from biometrics.index.manifest import MANIFEST_NAME, ListedSegment, Manifest, file_name
from biometrics.index.merging import plan_merge
from biometrics.index.sealed_file import seal, unseal
from biometrics.index.segment import Enrolled
from biometrics.index.snapshot import Part, Snapshot

_DRAFT = ".new"
_LOCK_NAME = "writer.lock"
_OWNER_DIRECTORY = 0o700
#: How often a reader begins again because a merge took away the segment it was about to read.
_READ_TRIES = 10


class FingerIndex:
    """The index of a directory, open for changing; one at a time, or IndexBusy. Close it.

    Every change is on disk when the call returns, whole or not at all, and only then seen by ``snapshot``. Put, remove
    and merge take turns; searching goes on meanwhile. Raises IndexBroken when what is there does not open.
    """

    def __init__(self, directory: Path, key: bytes, disk: Disk | None = None) -> None:
        directory.mkdir(mode=_OWNER_DIRECTORY, parents=True, exist_ok=True)
        self._directory, self._key = directory, key
        self._disk: Disk = disk or RealDisk()
        self._turn = Lock()
        self._writer = _become_writer(directory)
        try:
            self._generation, self._snapshot = read_index(directory, key)
            self._bookmark = _read_manifest(directory, key).bookmark
            self._sweep()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Lets another process write."""
        if self._writer >= 0:
            os.close(self._writer)
            self._writer = -1

    @property
    def snapshot(self) -> Snapshot:
        """What is enrolled now; stays as it is while it is used."""
        return self._snapshot

    @property
    def generation(self) -> int:
        """Grows with every change."""
        return self._generation

    @property
    def bookmark(self) -> str:
        """What was last given to ``follow``; empty in a new index."""
        return self._bookmark

    def put(self, people: Sequence[Enrolled]) -> None:
        """Enrols these people with exactly these fingers; whoever was enrolled before is replaced."""
        with self._turn:
            self._commit(self._snapshot.put(people))
            self._merge_while_due()

    def follow(self, people: Sequence[Enrolled], gone: Sequence[str], bookmark: str) -> None:
        """Puts and removes, and keeps how far the index follows what it is made from: all at once or not at all."""
        with self._turn:
            changed = self._snapshot.put(people)
            self._commit(changed.remove(gone) if gone else changed, bookmark)
            self._merge_while_due()

    def remove(self, subjects: Iterable[str]) -> int:
        """Forgets these people, and says how many of them were enrolled."""
        with self._turn:
            before = self._snapshot.people
            self._commit(self._snapshot.remove(subjects))
            self._merge_while_due()
            return before - self._snapshot.people

    def merge_all(self) -> None:
        """Merges small segments and those with many dead as far as it goes."""
        with self._turn:
            self._merge_while_due(eager=True)

    def _merge_while_due(self, *, eager: bool = False) -> None:
        while chosen := plan_merge(self._snapshot.parts, eager=eager):
            self._commit(self._snapshot.merge(chosen))

    def _commit(self, snapshot: Snapshot, bookmark: str | None = None) -> None:
        """Segments first, the manifest last: cut anywhere, the index is what it was before or what it is after."""
        bookmark = self._bookmark if bookmark is None else bookmark
        if snapshot is self._snapshot and bookmark == self._bookmark:
            return
        here = {part.id for part in self._snapshot.parts}
        for part in snapshot.parts:
            if part.id not in here:
                name = file_name(part.id)
                self._write(name, seal(segment_codec.encode(part.segment), self._key, name))
        self._disk.sync(self._directory)
        manifest = manifests.describe(snapshot, self._generation + 1, bookmark)
        self._write(MANIFEST_NAME, seal([manifests.encode(manifest)], self._key, MANIFEST_NAME))
        self._disk.sync(self._directory)
        self._snapshot, self._generation, self._bookmark = snapshot, manifest.generation, bookmark
        for gone in here - {part.id for part in snapshot.parts}:
            self._disk.remove(self._directory / file_name(gone))

    def _write(self, name: str, pieces: Iterable[bytes]) -> None:
        draft = self._directory / f"{name}{_DRAFT}"
        self._disk.write(draft, pieces)
        self._disk.sync(draft)
        self._disk.rename(draft, self._directory / name)

    def _sweep(self) -> None:
        """Removes what a crash left: drafts, and segments that no manifest names."""
        named = {file_name(part.id) for part in self._snapshot.parts} | {MANIFEST_NAME, _LOCK_NAME}
        for file in self._directory.iterdir():
            if file.name not in named and (file.name.endswith(_DRAFT) or file.name.startswith(file_name(""))):
                self._disk.remove(file)


def _become_writer(directory: Path) -> int:
    descriptor = os.open(directory / _LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise IndexBusy("another process writes to the finger index") from error
    return descriptor


def read_index(directory: Path, key: bytes, *, shard: int = 0, shards: int = 1) -> tuple[int, Snapshot]:
    """Generation and contents of the index in that directory, or of every shards-th of its segments.

    An index that was never written is empty. Writers are not waited for: a reader sees the index before or after
    a change. Raises IndexBroken.
    """
    manifest = _read_manifest(directory, key)
    for _ in range(_READ_TRIES):
        try:
            parts = [_read_part(directory, key, listed) for listed in manifest.segments[shard::shards]]
            return manifest.generation, Snapshot(tuple(parts))
        except FileNotFoundError as error:
            newer = _read_manifest(directory, key)
            if newer == manifest:
                raise IndexBroken("a segment of the finger index is missing") from error
            manifest = newer
    raise IndexBroken("the finger index changes faster than it can be read")


def _read_manifest(directory: Path, key: bytes) -> Manifest:
    try:
        sealed = (directory / MANIFEST_NAME).read_bytes()
    except FileNotFoundError:
        return Manifest(0, ())
    return manifests.decode(bytes(unseal(sealed, key, MANIFEST_NAME)))


def _read_part(directory: Path, key: bytes, listed: ListedSegment) -> Part:
    name = file_name(listed.id)
    segment = segment_codec.decode(_unseal_file(directory / name, key))
    alive = np.ones(len(segment.subjects), np.bool_)
    if any(not 0 <= entry < len(alive) for entry in listed.dead):
        raise IndexBroken("the manifest buries somebody who was never there")
    alive[list(listed.dead)] = False
    return Part(listed.id, segment, alive)


def _unseal_file(file: Path, key: bytes) -> memoryview:
    with file.open("rb") as stream:
        # An empty file cannot be mapped.
        if not os.fstat(stream.fileno()).st_size:
            raise IndexBroken("a segment of the finger index is empty")
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as sealed:
            return unseal(sealed, key, file.name)
