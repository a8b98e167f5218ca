"""Shards in processes and on machines give the answer of one process."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from biometrics.index.errors import IndexBroken, ShardLost
from biometrics.index.machine_shards import open_machine_shards
from biometrics.index.process_shards import ProcessShards, ShardSource
from biometrics.index.search import SearchLimits, search
from biometrics.index.shard import LocalShard
from biometrics.index.store import FingerIndex
from domain.errors import NotAvailableYet
from tests.unit.biometrics_index.people_in_index import KEY, enrolled, name_of, people, probes_of

if TYPE_CHECKING:
    import distributed

LIMITS = SearchLimits(candidates=4, shortlist=9)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[FingerIndex]:
    """Five segments."""
    index = FingerIndex(tmp_path, KEY)
    for first in range(0, 50, 10):
        index.put(people(first, first + 10))
    yield index
    index.close()


def test_two_processes_answer_as_one(index: FingerIndex, tmp_path: Path) -> None:
    with ProcessShards(tmp_path, KEY, 2) as processes:
        for probes in (probes_of(4), [*probes_of(33)[:1], *probes_of(41)]):
            whole = search([LocalShard(index.snapshot)], probes, LIMITS)
            assert whole.candidates
            assert search(processes.shards, probes, LIMITS) == whole
        everybody = SearchLimits(candidates=4, shortlist=100)
        assert search(processes.shards, probes_of(8), everybody) == search(
            [LocalShard(index.snapshot)], probes_of(8), everybody
        )
        index.put([enrolled(70)])
        index.merge_all()
        assert search(processes.shards, probes_of(70), LIMITS).candidates == ()
        processes.refresh()
        assert search(processes.shards, probes_of(70), LIMITS).candidates[0].subject == name_of(70)


def test_a_lost_process_is_told_and_not_taken_for_nobody_found(index: FingerIndex, tmp_path: Path) -> None:
    with ProcessShards(tmp_path, KEY, 2) as processes:
        victim = processes.process_ids[1]
        os.kill(victim, signal.SIGKILL)
        with pytest.raises(ShardLost):
            search(processes.shards, probes_of(4), LIMITS)


def test_processes_with_another_key_say_that_the_index_does_not_open(index: FingerIndex, tmp_path: Path) -> None:
    with pytest.raises(IndexBroken):
        ProcessShards(tmp_path, bytes(32), 1)


def test_the_key_is_not_in_a_sources_repr(tmp_path: Path) -> None:
    assert repr(ShardSource(tmp_path, KEY, 1, 2)) == "ShardSource(1 of 2)"


def test_machines_without_the_extra_are_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NotAvailableYet, match="shards"):
        open_machine_shards(cast("distributed.Client", None), [], timeout_s=1.0)


def _open_there(directory: Path, shard: int) -> LocalShard:
    return ShardSource(directory, KEY, shard, 2).open()[1]


def test_two_machines_answer_as_one(index: FingerIndex, tmp_path: Path) -> None:
    # Not skipped where it is missing: the tests' own installation has the extra.
    import distributed

    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            scheduler_port=0,
            dashboard_address=None,
            worker_dashboard_address=None,
            local_directory=str(tmp_path / "dask"),
            silence_logs=50,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        workers = sorted(client.scheduler_info()["workers"])
        sources = [(worker, partial(_open_there, tmp_path, n)) for n, worker in enumerate(workers)]
        shards = open_machine_shards(client, sources, timeout_s=60.0)
        for probes in (probes_of(4), [*probes_of(33)[:1], *probes_of(41)]):
            assert search(shards, probes, LIMITS) == search([LocalShard(index.snapshot)], probes, LIMITS)
        assert sum(shard.counts(np.empty(0, np.uint32)).people for shard in shards) == 50
