"""The network LEADER: made from the wheel's weights, checked, and chosen."""

from __future__ import annotations

import hashlib
import logging
import math
from pathlib import Path

import numpy as np
import pytest

from biometrics.engine import Engine
from biometrics.errors import NetworkWeightsRefused
from biometrics.extraction.pipeline import ExtractionConfiguration, engine_of, extract
from biometrics.images import decode_grey
from biometrics.iso19794 import decode_record, encode_record
from biometrics.leader.model_file import ensure_model, find_model, make_model
from biometrics.leader.runtime import open_network
from biometrics.leader.weights import WEIGHTS_SHA256, find_weights, read_weights
from biometrics.matcher import compare
from biometrics.template import Template
from biometrics.thresholds import FMR, decide
from domain.fingers import FingerPosition

from .fingers_in_tests import real_pictures
from .network_in_tests import MODELS, model_for_tests, read_plainly

INDEX = FingerPosition.RIGHT_INDEX


def _with_leader() -> ExtractionConfiguration:
    model_for_tests()
    return ExtractionConfiguration(Engine.LEADER, MODELS, threads=1)


def _read(name: str, configuration: ExtractionConfiguration) -> Template:
    image = decode_grey((real_pictures() / "fvc2002_db1_b" / f"{name}.png").read_bytes())
    return extract(image, dpi=500, position=INDEX, configuration=configuration).template


def test_the_network_computes_what_its_weights_say_layer_by_layer() -> None:
    weights_file = find_weights()
    assert weights_file is not None
    y, x = np.mgrid[0:64, 0:96] - 40.0
    picture = np.asarray(128 + 100 * np.cos(0.7 * np.hypot(x, y) + np.arctan2(y, x)), np.uint8)
    position, direction, kind = read_plainly(read_weights(weights_file), picture.astype(np.float64))
    (maps,) = open_network(model_for_tests(), 1).read([picture], background=0)
    assert np.abs(maps.position - position).max() < 1e-4
    assert np.abs(maps.direction - direction).max() < 1e-4
    assert np.abs(maps.kind - kind).max() < 1e-3


def test_pictures_read_together_are_read_as_each_alone() -> None:
    network = open_network(model_for_tests(), 1)
    rng = np.random.default_rng(3)
    pictures = [rng.integers(0, 256, (64, 64), dtype=np.uint8) for _ in range(3)]
    together = network.read(pictures, background=255)
    for picture, maps in zip(pictures, together, strict=True):
        (alone,) = network.read([picture], background=255)
        assert np.abs(alone.position - maps.position).max() < 1e-5
    assert network.read([], background=0) == []


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = make_model(tmp_path / "one"), make_model(tmp_path / "two")
    assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(two.read_bytes()).digest()
    assert (tmp_path / "one" / "leader.sha256").read_text() == (tmp_path / "two" / "leader.sha256").read_text()


def test_weights_of_another_digest_are_refused(tmp_path: Path) -> None:
    weights = find_weights()
    assert weights is not None
    altered = tmp_path / "LEADER.weights.h5"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    altered.write_bytes(content)
    with pytest.raises(NetworkWeightsRefused):
        make_model(tmp_path / "models", altered)
    assert find_model(tmp_path / "models") is None
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == WEIGHTS_SHA256


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkWeightsRefused):
        make_model(tmp_path, tmp_path / "nothing.h5")


@pytest.mark.parametrize("victim", ["leader.onnx", "leader.sha256"])
def test_a_model_that_was_altered_is_not_used_and_made_again(tmp_path: Path, victim: str) -> None:
    for name in ("leader.onnx", "leader.sha256"):
        (tmp_path / name).write_bytes((model_for_tests().parent / name).read_bytes())
    assert find_model(tmp_path) is not None
    content = bytearray((tmp_path / victim).read_bytes())
    content[-2] ^= 1
    (tmp_path / victim).write_bytes(content)
    assert find_model(tmp_path) is None
    assert ensure_model(tmp_path) == tmp_path / "leader.onnx"
    assert find_model(tmp_path) is not None


def test_without_a_model_the_classical_engine_is_chosen_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    configuration = ExtractionConfiguration(models=tmp_path / "empty")
    with caplog.at_level(logging.WARNING):
        extraction = extract(np.full((288, 256), 200, np.uint8), dpi=500, position=INDEX, configuration=configuration)
    assert extraction.engine is Engine.CLASSICAL
    assert "classical engine" in caplog.text
    assert engine_of(configuration) is Engine.CLASSICAL


def test_whoever_insists_on_the_network_is_told_that_it_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NetworkWeightsRefused):
        engine_of(ExtractionConfiguration(Engine.LEADER, tmp_path / "empty"))


def test_with_a_model_the_network_is_chosen() -> None:
    model_for_tests()
    assert engine_of(ExtractionConfiguration(models=MODELS)) is Engine.LEADER


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_picture_of_nothing_has_no_minutiae(grey: int) -> None:
    picture = np.full((288, 256), grey, np.uint8)
    extraction = extract(picture, dpi=500, position=INDEX, configuration=_with_leader())
    assert (extraction.template.minutiae, extraction.quality) == ((), 0)
    assert extraction.hints


def test_a_picture_of_one_pixel_or_a_strip_does_no_harm() -> None:
    for shape in ((1, 1), (3, 900), (900, 3)):
        extraction = extract(np.full(shape, 7, np.uint8), dpi=500, position=INDEX, configuration=_with_leader())
        assert extraction.quality == 0


def test_real_fingers_are_told_apart_by_both_engines_and_across_them() -> None:
    leader, classical = _with_leader(), ExtractionConfiguration(Engine.CLASSICAL)
    one, again, other = (_read(name, leader) for name in ("101_1", "101_2", "102_1"))
    assert one.engine is Engine.LEADER
    assert decide(compare(one, again), fmr=FMR.ONE_IN_10_000)
    assert decide(compare(one, _read("101_2", classical)), fmr=FMR.ONE_IN_1_000)
    assert not decide(compare(one, other), fmr=FMR.ONE_IN_100)


def test_a_picture_upside_down_has_its_minutiae_turned() -> None:
    image = decode_grey((real_pictures() / "fvc2002_db1_b" / "101_1.png").read_bytes())
    upright = extract(image, dpi=500, position=INDEX, configuration=_with_leader()).template
    turned = extract(
        np.ascontiguousarray(image[::-1, ::-1]), dpi=500, position=INDEX, configuration=_with_leader()
    ).template
    height_px, width_px = image.shape
    found = 0
    for m in upright.minutiae:
        found += any(
            math.hypot(t.x_px - (width_px - 1 - m.x_px), t.y_px - (height_px - 1 - m.y_px)) < 5
            and abs((t.angle_256 - m.angle_256) % 256 - 128) < 16
            for t in turned.minutiae
        )
    assert found >= 0.7 * len(upright.minutiae)


def test_the_engine_is_kept_in_the_record() -> None:
    template = _read("101_1", _with_leader())
    (decoded,) = decode_record(encode_record([template]))
    assert decoded == template
    assert decoded.engine is Engine.LEADER
