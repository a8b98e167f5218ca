"""Which engine reads a finger, and with what."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from biometrics.engine import Engine
from biometrics.extraction.parameters import DEFAULT_PARAMETERS, ExtractionParameters
from biometrics.leader.model_file import models_folder
from biometrics.leader.parameters import DEFAULT_LEADER_PARAMETERS, LeaderParameters


@dataclass(frozen=True, slots=True)
class ExtractionConfiguration:
    """The desk's choice. Without one: LEADER where its model has been made, else the classical engine."""

    engine: Engine | None = None
    models: Path = field(default_factory=models_folder)
    threads: int | None = None
    """For the network; None: two where this process may use two cores, else one."""
    classical: ExtractionParameters = DEFAULT_PARAMETERS
    leader: LeaderParameters = DEFAULT_LEADER_PARAMETERS


CLASSICAL_ENGINE = ExtractionConfiguration(Engine.CLASSICAL)
