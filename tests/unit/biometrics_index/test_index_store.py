"""The index on disk: sealed, changed by one, read by many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from biometrics.index import segment_codec
from biometrics.index.errors import IndexBroken, IndexBusy
from biometrics.index.manifest import MANIFEST_NAME
from biometrics.index.sealed_file import PIECE_BYTES, seal, unseal
from biometrics.index.search import SearchLimits, search
from biometrics.index.segment_building import build_segment
from biometrics.index.shard import LocalShard
from biometrics.index.snapshot import Snapshot
from biometrics.index.store import FingerIndex, read_index
from biometrics.template import Template
from tests.unit.biometrics_index.people_in_index import KEY, enrolled, name_of, people, probes_of

OTHER_KEY = bytes(32)


def first_candidate(snapshot: Snapshot, probes: list[Template]) -> str | None:
    found = search([LocalShard(snapshot)], probes, SearchLimits(candidates=1, shortlist=5)).candidates
    return found[0].subject if found else None


def files(directory: Path) -> list[Path]:
    return sorted(file for file in directory.iterdir() if file.suffix != ".lock")


def test_what_was_put_is_there_when_opened_again(tmp_path: Path) -> None:
    index = FingerIndex(tmp_path, KEY)
    index.put(people(0, 20))
    index.put(people(20, 25))
    assert index.remove([name_of(3), name_of(22), "nobody"]) == 2
    index.close()
    generation, snapshot = read_index(tmp_path, KEY)
    assert generation == index.generation == 3
    assert sorted(snapshot.subjects()) == sorted(index.snapshot.subjects())
    assert (snapshot.people, snapshot.fingers) == (23, 46)
    assert np.array_equal(snapshot.key_counts, index.snapshot.key_counts)
    assert first_candidate(snapshot, probes_of(21)) == name_of(21)
    assert first_candidate(snapshot, probes_of(3)) is None


def test_small_segments_are_merged_as_they_come(tmp_path: Path) -> None:
    index = FingerIndex(tmp_path, KEY)
    for number in range(40):
        index.put([enrolled(number)])
    assert index.snapshot.people == 40
    assert len(index.snapshot.parts) < 15
    assert len(files(tmp_path)) == len(index.snapshot.parts) + 1
    index.merge_all()
    assert len(index.snapshot.parts) == 1
    index.remove(name_of(number) for number in range(15))
    assert len(index.snapshot.parts[0].segment.slots) == 50
    assert all(first_candidate(index.snapshot, probes_of(number)) == name_of(number) for number in (15, 39))
    index.remove(name_of(number) for number in range(40))
    assert index.snapshot.parts == ()
    assert [file.name for file in files(tmp_path)] == [MANIFEST_NAME]
    index.close()


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    index = FingerIndex(tmp_path, KEY)
    with pytest.raises(IndexBusy):
        FingerIndex(tmp_path, KEY)
    assert read_index(tmp_path, KEY)[1].people == 0
    index.close()
    index.close()
    FingerIndex(tmp_path, KEY).close()


def test_a_reader_keeps_what_it_opened_while_segments_are_merged_away(tmp_path: Path) -> None:
    index = FingerIndex(tmp_path, KEY)
    for number in range(7):
        index.put([enrolled(number)])
    _, snapshot = read_index(tmp_path, KEY)
    index.merge_all()
    index.remove([name_of(2)])
    assert len(files(tmp_path)) == 2
    assert first_candidate(snapshot, probes_of(2)) == name_of(2)
    assert first_candidate(read_index(tmp_path, KEY)[1], probes_of(2)) is None
    index.close()


def test_shards_of_a_directory_are_the_whole_together(tmp_path: Path) -> None:
    index = FingerIndex(tmp_path, KEY)
    for number in range(7):
        index.put([enrolled(number)])
    shards = [LocalShard(read_index(tmp_path, KEY, shard=n, shards=3)[1]) for n in range(3)]
    limits = SearchLimits(candidates=3, shortlist=4)
    assert search(shards, probes_of(5), limits) == search([LocalShard(index.snapshot)], probes_of(5), limits)
    index.close()


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    FingerIndex(tmp_path, KEY).close()
    index = FingerIndex(tmp_path, KEY)
    index.put([enrolled(1)])
    index.close()
    with pytest.raises(IndexBroken):
        read_index(tmp_path, OTHER_KEY)
    with pytest.raises(IndexBroken):
        FingerIndex(tmp_path, OTHER_KEY)
    FingerIndex(tmp_path, KEY).close()


def test_an_index_made_by_an_older_version_is_refused_and_not_searched(tmp_path: Path) -> None:
    index = FingerIndex(tmp_path, KEY)
    index.put(people(0, 2))
    index.close()
    now = bytes(unseal((tmp_path / MANIFEST_NAME).read_bytes(), KEY, MANIFEST_NAME))
    older = now.replace(b'"format":2', b'"format":1')
    other_keys = now.replace(b'"scheme":[401856', b'"scheme":[401857')
    for manifest in (older, other_keys):
        assert manifest != now
        (tmp_path / MANIFEST_NAME).write_bytes(b"".join(seal([manifest], KEY, MANIFEST_NAME)))
        with pytest.raises(IndexBroken, match="another version"):
            FingerIndex(tmp_path, KEY)


def test_no_subject_and_no_minutia_is_readable_on_disk(tmp_path: Path) -> None:
    index = FingerIndex(tmp_path, KEY)
    index.put(people(0, 5))
    index.close()
    for file in files(tmp_path):
        assert file.stat().st_mode & 0o077 == 0
        content = file.read_bytes()
        for person in people(0, 5):
            assert person.subject.encode() not in content
            assert all(finger.rows[:3].tobytes() not in content for finger in person.fingers)


def test_a_changed_exchanged_or_missing_file_is_refused(tmp_path: Path) -> None:
    index = FingerIndex(tmp_path, KEY)
    for number in range(3):
        index.put([enrolled(number)])
    index.close()
    trials = 0
    for file in files(tmp_path):
        whole = file.read_bytes()
        for place in (0, 5, 21, len(whole) // 2, len(whole) - 1):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            trials += _refused(tmp_path)
        for length in (0, 10, 37, len(whole) // 2, len(whole) - 1):
            file.write_bytes(whole[:length])
            trials += _refused(tmp_path)
        file.write_bytes(whole + b"\0")
        trials += _refused(tmp_path)
        file.write_bytes(whole)
    one, other = [file for file in files(tmp_path) if file.name != MANIFEST_NAME][:2]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    trials += _refused(tmp_path)
    one.unlink()
    trials += _refused(tmp_path)
    one.write_bytes(first)
    assert read_index(tmp_path, KEY)[1].people == 3
    assert trials == 4 * 11 + 2


def _refused(directory: Path) -> int:
    with pytest.raises(IndexBroken):
        read_index(directory, KEY)
    return 1


@pytest.mark.parametrize("length", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_a_sealed_file_of_any_length_opens_only_whole(length: int) -> None:
    plain = bytes(n % 251 for n in range(1000)) * (length // 1000 + 1)
    sealed = b"".join(seal([plain[: length // 3], plain[length // 3 : length]], KEY, "name"))
    assert bytes(unseal(sealed, KEY, "name")) == plain[:length]
    for spoiled in (sealed[:-1], sealed + b"\0", sealed[: -PIECE_BYTES - 16], sealed[:20], b""):
        with pytest.raises(IndexBroken):
            unseal(spoiled, KEY, "name")
    with pytest.raises(IndexBroken):
        unseal(sealed, KEY, "another name")


def test_a_segment_read_back_is_the_same_and_refused_when_cut_or_longer() -> None:
    for size in (0, 1, 6):
        segment = build_segment(people(0, size))
        encoded = b"".join(bytes(part) for part in segment_codec.encode(segment))
        read = segment_codec.decode(memoryview(encoded))
        for name in ("subjects", "entry_starts", "slots", "minutia_starts", "minutiae", "postings"):
            assert np.array_equal(getattr(read, name), getattr(segment, name)), name
        for name in ("words", "ranks", "starts"):
            assert np.array_equal(getattr(read.directory, name), getattr(segment.directory, name)), name
        step = 1 if size < 2 else 97
        for length in range(0, len(encoded), step):
            with pytest.raises(IndexBroken):
                segment_codec.decode(memoryview(encoded[:length]))
        with pytest.raises(IndexBroken):
            segment_codec.decode(memoryview(encoded + b"\0"))


def test_a_segment_that_lies_about_its_arrays_is_refused() -> None:
    encoded = bytearray(b"".join(bytes(part) for part in segment_codec.encode(build_segment(people(0, 2)))))
    for field in range(6):
        for value in (0, 1, 2**31, 2**63):
            lying = bytearray(encoded)
            lying[8 * field : 8 * field + 8] = value.to_bytes(8, "little")
            if lying != encoded:
                with pytest.raises(IndexBroken):
                    segment_codec.decode(memoryview(lying))
    outside = bytearray(encoded)
    # The last posting: slot 4 of 4.
    outside[-2:] = (4).to_bytes(2, "little")
    with pytest.raises(IndexBroken):
        segment_codec.decode(memoryview(outside))
