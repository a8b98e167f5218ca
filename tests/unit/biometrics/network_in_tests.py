"""The network for tests: its model made once and kept in var/, and a slow, plain reading of the same weights."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.leader.model_file import ensure_model
from biometrics.leader.weights import (
    BottleneckWeights,
    Convolution,
    HeadWeights,
    LeaderWeights,
    Normalisation,
    SeparableWeights,
    StemWeights,
)

Map = NDArray[np.float64]
MODELS = Path(__file__).resolve().parents[3] / "var" / "models"
_EPSILON = 1e-3


@cache
def model_for_tests() -> Path:
    """The model, made at the first use (a few seconds) and found again by later runs."""
    model = ensure_model(MODELS)
    if model is None:
        pytest.skip("the package pyfing is not installed")
    return model


def read_plainly(weights: LeaderWeights, picture: Map) -> tuple[Map, Map, Map]:
    """Position, direction and kind, layer by layer as Keras computes them: no folding, no padding of channels."""
    x = _stem(picture[None], weights.context_stem, np.max)
    detail = _stem(picture[None], weights.detail_stem, np.mean)
    skips = []
    for block in weights.context_encoder:
        skips.append(_separable(x, block))
        x = _halved(skips[-1])
    for block, skip in zip(weights.context_decoder, skips[::-1], strict=True):
        x = np.concatenate([_doubled(_separable(x, block)), skip])
    views = [_gelu(_convolved(x, c, dilation)) for c, dilation in zip(weights.attention, (1, 3, 6), strict=True)]
    x = np.concatenate([x * _sigmoid(_convolved(np.concatenate(views), weights.gate)), detail])
    skips = []
    for bottleneck in weights.refine_encoder:
        skips.append(_bottleneck(x, bottleneck))
        x = _halved(skips[-1])
    for bottleneck, skip in zip(weights.refine_decoder, skips[::-1], strict=True):
        x = np.concatenate([_doubled(_bottleneck(x, bottleneck)), skip])
    blur = Convolution(weights.blur[None, None], np.zeros(1, np.float32))
    position = _convolved(_sigmoid(_head(x, weights.position)), blur)
    return position[0], _head(x, weights.direction), _head(x, weights.kind)[0]


def _convolved(x: Map, convolution: Convolution, dilation: int = 1) -> Map:
    outputs, _, side, _ = convolution.kernel.shape
    reach = dilation * (side // 2)
    height, width = x.shape[1:]
    framed = np.pad(x, ((0, 0), (reach, reach), (reach, reach)))
    total = np.zeros((outputs, height, width))
    for row in range(side):
        for column in range(side):
            part = framed[:, row * dilation :, column * dilation :][:, :height, :width]
            total += np.einsum("oi,ihw->ohw", convolution.kernel[:, :, row, column].astype(np.float64), part)
    return total + convolution.bias[:, None, None]


def _inside_channels(x: Map, kernel: NDArray[np.float32]) -> Map:
    maps = [
        _convolved(x[n : n + 1], Convolution(kernel[n : n + 1], np.zeros(1, np.float32))) for n in range(x.shape[0])
    ]
    return np.concatenate(maps)


def _normalised(x: Map, norm: Normalisation) -> Map:
    centred = x - x.mean(axis=0)
    scaled = centred / np.sqrt((centred**2).mean(axis=0) + _EPSILON)
    return np.asarray(scaled * norm.gain[:, None, None] + norm.offset[:, None, None])


def _gelu(x: Map) -> Map:
    return np.asarray(x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))))


def _sigmoid(x: Map) -> Map:
    return np.asarray(1 / (1 + np.exp(-x)))


def _blocks(x: Map) -> Map:
    channels, height, width = x.shape
    return x.reshape(channels, height // 2, 2, width // 2, 2)


def _stem(x: Map, weights: StemWeights, pool: object) -> Map:
    both = np.concatenate([_convolved(x, weights.plain), _convolved(x, weights.dilated, 2)])
    answer = _blocks(_gelu(_normalised(both, weights.norm)))
    return np.asarray(answer.max(axis=(2, 4)) if pool is np.max else answer.mean(axis=(2, 4)))


def _halved(x: Map) -> Map:
    half = x.shape[0] // 2
    return np.concatenate([_blocks(x[:half]).max(axis=(2, 4)), _blocks(x[half:]).mean(axis=(2, 4))])


def _doubled(x: Map) -> Map:
    return x.repeat(2, axis=1).repeat(2, axis=2)


def _separable(x: Map, weights: SeparableWeights) -> Map:
    return _gelu(_normalised(_convolved(_inside_channels(x, weights.depthwise), weights.pointwise), weights.norm))


def _bottleneck(x: Map, weights: BottleneckWeights) -> Map:
    widened = _gelu(_convolved(_normalised(_inside_channels(x, weights.depthwise), weights.norm), weights.widen))
    return _convolved(x + _convolved(widened, weights.narrow), weights.adjust)


def _head(x: Map, weights: HeadWeights) -> Map:
    mixed = _convolved(_doubled(_bottleneck(x, weights.bottleneck)), weights.mix)
    return _convolved(_gelu(_convolved(_normalised(mixed, weights.norm), weights.remix)), weights.answer)
