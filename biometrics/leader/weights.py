"""The weights of LEADER, read from the installed wheel of pyfing: its weights file only, none of its code.

pyfing is under the MIT licence, copyright (c) 2023 Raffaele Cappelli. Keras names the arrays by the kind of layer and a
running number; the numbers count layers from the farthest to the nearest to the output. The tables here give each
block of the network its numbers.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import NetworkWeightsRefused

Array = NDArray[np.float32]

#: Of models/LEADER.weights.h5 in pyfing 0.7.3: what every figure of docs/accuracy.md was measured with.
WEIGHTS_SHA256 = "0cbf12af936482d10ba54b23f40a9b192ab767df2f81bc96c5954585735fefe6"
_PACKAGE, _FILE = "pyfing", ("models", "LEADER.weights.h5")


@dataclass(frozen=True, slots=True)
class Convolution:
    """Kernel as (output channels, input channels, height, width), and a bias per output channel."""

    kernel: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What each channel is multiplied by and raised by after its pixel's channels have mean 0 and variance 1."""

    gain: Array
    offset: Array


@dataclass(frozen=True, slots=True)
class StemWeights:
    """Two convolutions side by side, the second with gaps, then normalised."""

    plain: Convolution
    dilated: Convolution
    norm: Normalisation


@dataclass(frozen=True, slots=True)
class SeparableWeights:
    """A convolution inside each channel, one across channels, then normalised."""

    depthwise: Array
    pointwise: Convolution
    norm: Normalisation


@dataclass(frozen=True, slots=True)
class BottleneckWeights:
    """An inverted bottleneck: inside channels, normalised, widened, narrowed, added to the input, adjusted."""

    depthwise: Array
    norm: Normalisation
    widen: Convolution
    narrow: Convolution
    adjust: Convolution


@dataclass(frozen=True, slots=True)
class HeadWeights:
    """From the shared features to one map of answers."""

    bottleneck: BottleneckWeights
    mix: Convolution
    norm: Normalisation
    remix: Convolution
    answer: Convolution


@dataclass(frozen=True, slots=True)
class LeaderWeights:
    """All weights, by where they are used; encoders from fine to coarse, decoders from coarse to fine."""

    context_stem: StemWeights
    detail_stem: StemWeights
    context_encoder: tuple[SeparableWeights, ...]
    context_decoder: tuple[SeparableWeights, ...]
    attention: tuple[Convolution, ...]
    gate: Convolution
    refine_encoder: tuple[BottleneckWeights, ...]
    refine_decoder: tuple[BottleneckWeights, ...]
    position: HeadWeights
    direction: HeadWeights
    kind: HeadWeights
    blur: Array


def find_weights() -> Path | None:
    """The weights file of the installed wheel, None where the wheel is not installed. Imports nothing of it."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]).joinpath(*_FILE)
    return path if path.is_file() else None


def read_weights(path: Path, expected_sha256: str = WEIGHTS_SHA256) -> LeaderWeights:
    """The weights of the file. Raises NetworkWeightsRefused when it is not the file that was measured."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NetworkWeightsRefused("the weights cannot be read") from error
    if hashlib.sha256(content).hexdigest() != expected_sha256:
        raise NetworkWeightsRefused("the weights are not those that were measured")
    return _Numbered(path).network()


class _Numbered:
    """The arrays by kind of layer and running number."""

    def __init__(self, path: Path) -> None:
        import h5py

        with h5py.File(path) as file:
            self._arrays = {
                (layer, int(part)): np.asarray(array, np.float32)
                for layer, group in file["layers"].items()
                for part, array in group["vars"].items()
            }

    def network(self) -> LeaderWeights:
        return LeaderWeights(
            context_stem=StemWeights(self._convolution(0), self._convolution(1), self._norm(0)),
            detail_stem=StemWeights(self._convolution(2), self._convolution(3), self._norm(9)),
            context_encoder=tuple(self._separable(n) for n in range(4)),
            context_decoder=tuple(self._separable(n) for n in range(4, 8)),
            attention=tuple(self._convolution(n) for n in (4, 5, 6)),
            gate=self._convolution(7),
            refine_encoder=tuple(self._bottleneck(n, 10 + n, 8 + 3 * n) for n in range(4)),
            refine_decoder=tuple(self._bottleneck(n, 10 + n, 8 + 3 * n) for n in range(4, 8)),
            position=self._head(8, 18, (32, 33, 35), 40, 21, 42, 44),
            direction=self._head(9, 19, (34, 36, 39), 43, 22, 46, 48),
            kind=self._head(10, 20, (37, 38, 41), 45, 23, 49, 50),
            blur=self._array("conv2d", 47, 0)[:, :, 0, 0],
        )

    def _array(self, kind: str, number: int, part: int) -> Array:
        return self._arrays[(f"{kind}_{number}" if number else kind, part)]

    def _convolution(self, number: int) -> Convolution:
        kernel = self._array("conv2d", number, 0).transpose(3, 2, 0, 1)
        return Convolution(np.ascontiguousarray(kernel), self._array("conv2d", number, 1))

    def _norm(self, number: int) -> Normalisation:
        kind = "layer_normalization"
        return Normalisation(self._array(kind, number, 0), self._array(kind, number, 1))

    def _separable(self, number: int) -> SeparableWeights:
        kind = "separable_conv2d"
        depthwise = self._array(kind, number, 0).transpose(2, 3, 0, 1)
        pointwise = self._array(kind, number, 1).transpose(3, 2, 0, 1)
        bias = self._array(kind, number, 2)
        # The normalisations of the context half have the numbers 1 to 8 in the same order.
        return SeparableWeights(depthwise, Convolution(pointwise, bias), self._norm(number + 1))

    def _bottleneck(self, depthwise: int, norm: int, first: int) -> BottleneckWeights:
        return self._bottleneck_of(depthwise, norm, (first, first + 1, first + 2))

    def _bottleneck_of(self, depthwise: int, norm: int, numbers: tuple[int, int, int]) -> BottleneckWeights:
        kernel = self._array("depthwise_conv2d", depthwise, 0).transpose(2, 3, 0, 1)
        widen, narrow, adjust = (self._convolution(n) for n in numbers)
        return BottleneckWeights(kernel, self._norm(norm), widen, narrow, adjust)

    def _head(
        self, depthwise: int, norm: int, numbers: tuple[int, int, int], mix: int, inner: int, remix: int, answer: int
    ) -> HeadWeights:
        return HeadWeights(
            self._bottleneck_of(depthwise, norm, numbers),
            self._convolution(mix),
            self._norm(inner),
            self._convolution(remix),
            self._convolution(answer),
        )
