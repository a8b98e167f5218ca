"""What can stop the finger index."""

from __future__ import annotations

from biometrics.errors import BiometricsError


class FingerIndexError(BiometricsError):
    """The root of the index's errors."""

    code = "biometrics.finger_index"


class SubjectRefused(FingerIndexError):
    """A person cannot be filed: an unusable id, or more fingers than a segment has room for."""

    code = "biometrics.index_subject_refused"


class IndexBroken(FingerIndexError):
    """The index on disk does not open: altered, cut short, from another index, or the key is another.

    The index is derived from the templates: the answer is to rebuild it, never to search half of it.
    """

    code = "biometrics.index_broken"


class IndexBusy(FingerIndexError):
    """Another process is the index's writer; there is one at a time."""

    code = "biometrics.index_busy"


class ShardLost(FingerIndexError):
    """A shard's process or machine does not answer. A search without it would miss people, so there is none."""

    code = "biometrics.index_shard_lost"
