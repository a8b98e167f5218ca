"""The index's native parts, compiled or loaded before the first search waits for them."""

from __future__ import annotations

from biometrics.index.packed_template import pack
from biometrics.index.search import SearchLimits, search
from biometrics.index.segment import Enrolled
from biometrics.index.shard import LocalShard
from biometrics.index.snapshot import Snapshot
from biometrics.template import Template


def warm_up_index(finger: Template) -> None:
    """Files, merges and searches that finger once, by votes and without; nothing of it stays."""
    snapshot = Snapshot()
    for name in ("one", "other"):
        snapshot = snapshot.put([Enrolled(name, (pack(finger),))])
    snapshot = snapshot.merge((0, 1))
    for shortlist in (1, 2):
        search([LocalShard(snapshot)], [finger], SearchLimits(candidates=1, shortlist=shortlist))
