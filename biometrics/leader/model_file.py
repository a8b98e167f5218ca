"""The network's file in the data folder: made once from the installed weights, checked by digest at each opening.

python -m biometrics.leader.model_file        makes it, or says why not
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
from pathlib import Path

from biometrics.errors import NetworkWeightsRefused
from biometrics.leader.weights import WEIGHTS_SHA256, find_weights, read_weights

_log = logging.getLogger(__name__)
_HOME_VARIABLE, _HOME_DEFAULT, _FOLDER = "SINGLE_WINDOW_HOME", "var", "models"
_MODEL, _DIGESTS = "leader.onnx", "leader.sha256"
#: Rises when network.py or folding.py write another graph from the same weights, so that old files are made anew.
RECIPE = 1


def models_folder() -> Path:
    """Where models are kept: ``models`` in SINGLE_WINDOW_HOME, or in ``var`` where that is not set."""
    return Path(os.environ.get(_HOME_VARIABLE, _HOME_DEFAULT)) / _FOLDER


def find_model(models: Path) -> Path | None:
    """The model of that folder; None when there is none, or it is not the one that was made from these weights."""
    path = models / _MODEL
    try:
        stated = (models / _DIGESTS).read_text("ascii")
        made = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, UnicodeDecodeError):
        return None
    return path if stated == _digests(made) else None


def make_model(models: Path, weights: Path | None = None, expected_sha256: str = WEIGHTS_SHA256) -> Path:
    """The model of that folder, made from the weights of the installed wheel (or of that file).

    Raises NetworkWeightsRefused when there are no weights or they are not those that were measured, OSError when the
    folder cannot be written.
    """
    from biometrics.leader.network import build_network

    source = weights or find_weights()
    if source is None:
        raise NetworkWeightsRefused("the package pyfing, which holds the weights of LEADER, is not installed")
    encoded = build_network(read_weights(source, expected_sha256)).SerializeToString(deterministic=True)
    models.mkdir(parents=True, exist_ok=True)
    _replace(models / _MODEL, encoded)
    _replace(models / _DIGESTS, _digests(hashlib.sha256(encoded).hexdigest()).encode("ascii"))
    return models / _MODEL


def ensure_model(models: Path) -> Path | None:
    """The model, made where it is missing; None, with a note in the log, where it cannot be had."""
    found = find_model(models)
    if found is not None:
        return found
    try:
        made = make_model(models)
        _log.info("made %s", made)
        return made
    except (NetworkWeightsRefused, OSError) as reason:
        _log.warning("fingers are read by the classical engine: %s", reason)
        return None


def _digests(model_sha256: str) -> str:
    return f"recipe {RECIPE}\nweights {WEIGHTS_SHA256}\nmodel {model_sha256}\n"


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all, also when two processes make it at once."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(0 if ensure_model(models_folder()) else 1)
