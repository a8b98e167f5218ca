"""The limit of a desk travels in its bundle; nonsense there counts as not set."""

from __future__ import annotations

from domain.offline_limits import DEFAULT_DELIVERIES_A_DESK, OfflineLimits, read_offline_limits


def test_a_limit_reads_back_from_the_settings_it_was_put_into() -> None:
    limits = OfflineLimits(deliveries_a_desk=7)
    assert read_offline_limits(limits.to_settings()) == limits
    assert limits.has_room(6)
    assert not limits.has_room(7)


def test_missing_strange_and_senseless_settings_mean_the_default() -> None:
    for settings in ({}, {"offline.other": 3}, {"offline.deliveries_a_desk": 0}, {"offline.deliveries_a_desk": "x"}):
        assert read_offline_limits(settings).deliveries_a_desk == DEFAULT_DELIVERIES_A_DESK  # type: ignore[arg-type]
