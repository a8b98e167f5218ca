"""Algebra that makes the network cheaper without changing what it computes.

A normalisation takes the mean over the channels away, which is linear and so can be done by the weights next to it; two
convolutions of one pixel in a row are one; and such a convolution may be done before a picture is doubled instead
of after. Channels are filled up to multiples of eight, which ONNX Runtime's fast convolutions ask for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.leader.weights import (
    Array,
    BottleneckWeights,
    Convolution,
    HeadWeights,
    Normalisation,
    SeparableWeights,
)

#: Where channels lie among more.
Places = NDArray[np.int64]
_LANES = 8


def padded(channels: int) -> int:
    """The channels, filled up to a whole number of lanes."""
    return -(-channels // _LANES) * _LANES


def fill_outputs(convolution: Convolution, channels: int) -> Convolution:
    """The convolution with empty channels added to its result."""
    missing = channels - convolution.kernel.shape[0]
    kernel = np.pad(convolution.kernel, ((0, missing), (0, 0), (0, 0), (0, 0)))
    return Convolution(kernel, np.pad(convolution.bias, (0, missing)))


def scatter_inputs(convolution: Convolution, places: Places, channels: int) -> Convolution:
    """The convolution for an input whose channels lie at these places among more, the others empty."""
    shape = convolution.kernel.shape
    kernel = np.zeros((shape[0], channels, *shape[2:]), np.float32)
    kernel[:, places] = convolution.kernel
    return Convolution(kernel, convolution.bias)


def scatter_outputs(convolution: Convolution, places: Places, channels: int) -> Convolution:
    """The convolution with its results at these places among more, the others empty."""
    kernel = np.zeros((channels, *convolution.kernel.shape[1:]), np.float32)
    bias = np.zeros(channels, np.float32)
    kernel[places], bias[places] = convolution.kernel, convolution.bias
    return Convolution(kernel, bias)


def centring(channels: int) -> Array:
    """The matrix that takes the mean over the channels away."""
    return np.asarray(np.eye(channels) - 1.0 / channels, np.float32)


def after(outer: Array, inner: Convolution) -> Convolution:
    """A matrix over the channels, done after the convolution, as one convolution."""
    kernel = np.einsum("oi,icyx->ocyx", outer.astype(np.float64), inner.kernel.astype(np.float64))
    return Convolution(np.asarray(kernel, np.float32), np.asarray(outer @ inner.bias, np.float32))


def matrix_of(convolution: Convolution) -> Array:
    """The kernel of a convolution of one pixel."""
    return convolution.kernel[:, :, 0, 0]


def one_pixel(matrix: NDArray[np.floating], bias: NDArray[np.floating]) -> Convolution:
    """A convolution of one pixel."""
    return Convolution(np.asarray(matrix, np.float32)[:, :, None, None], np.asarray(bias, np.float32))


def normalised_input(convolution: Convolution, norm: Normalisation) -> Convolution:
    """The convolution for pixels whose channels are divided by their deviation, but neither centred nor adjusted."""
    matrix = matrix_of(convolution).astype(np.float64)
    centred = matrix * norm.gain @ centring(norm.gain.size)
    return one_pixel(centred, matrix @ norm.offset + convolution.bias)


def centred_output(weights: SeparableWeights) -> Convolution:
    """The pointwise convolution, its result centred and multiplied by the gain that comes later."""
    outer = weights.norm.gain[:, None] * centring(weights.norm.gain.size)
    return after(outer, weights.pointwise)


def is_cheaper_joined(weights: BottleneckWeights) -> bool:
    """Whether narrowing and adjusting cost less as one convolution."""
    return bool(weights.adjust.kernel.shape[0] <= weights.adjust.kernel.shape[1])


def joined(outer: Convolution, weights: BottleneckWeights) -> tuple[Convolution, Convolution]:
    """What outer would do with the block's sum, as one convolution of its input and one of its widened channels."""
    matrix = matrix_of(outer)
    from_input = one_pixel(matrix, matrix @ weights.narrow.bias + outer.bias)
    return from_input, one_pixel(matrix @ matrix_of(weights.narrow), np.zeros(matrix.shape[0], np.float32))


def head_mix(weights: HeadWeights) -> Convolution:
    """The head's last adjusting and its mixing as one convolution, its result centred."""
    mix = matrix_of(weights.mix)
    outer = centring(mix.shape[0]) @ mix
    adjust = weights.bottleneck.adjust
    bias = outer @ adjust.bias + centring(mix.shape[0]) @ weights.mix.bias
    return one_pixel(outer @ matrix_of(adjust), bias)


def before_doubling(convolution: Convolution) -> Convolution:
    """A convolution of 5 x 5 pixels on a doubled picture, done before: four results per output, one per quarter pixel.

    A doubled pixel and its twin hold the same value, so their weights add up; to the left pixel of a pair belong the
    places -1 -1 0 0 +1 of the picture before doubling, to the right one -1 0 0 +1 +1.
    """
    places = ((0, 0, 1, 1, 2), (0, 1, 1, 2, 2))
    outputs, inputs = convolution.kernel.shape[:2]
    kernel = np.zeros((outputs, 2, 2, inputs, 3, 3), np.float64)
    for down in range(2):
        for right in range(2):
            for y, to_y in enumerate(places[down]):
                for x, to_x in enumerate(places[right]):
                    kernel[:, down, right, :, to_y, to_x] += convolution.kernel[:, :, y, x]
    folded = kernel.reshape(4 * outputs, inputs, 3, 3)
    return Convolution(np.asarray(folded, np.float32), np.repeat(convolution.bias, 4))
