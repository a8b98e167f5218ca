"""The network as an ONNX graph: two stems, a coarse and a fine encoder-decoder with a gate between, three heads.

The architecture is LEADER's ("Lightweight End-to-end Attention-gated Dual Encoder-decodeR", R. Cappelli), as its
weights and its published description tell it. What is added here is folding.py: the same function for less work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from biometrics.leader import folding
from biometrics.leader.graph import Graph
from biometrics.leader.weights import (
    Array,
    BottleneckWeights,
    Convolution,
    HeadWeights,
    LeaderWeights,
    SeparableWeights,
    StemWeights,
)

if TYPE_CHECKING:
    from onnx import ModelProto

#: Width and height of what goes in must be multiples of this: five halvings.
SIZE_MULTIPLE_PX = 32
SOURCE = "picture"
#: What comes out, per pixel: how likely a minutia is near, a vector along its direction, and the odds of an ending.
POSITION, DIRECTION, KIND = "position", "direction", "kind"
_STEM_DILATION = 2
_ATTENTION_DILATIONS = (1, 3, 6)


@dataclass(frozen=True, slots=True)
class _Feature:
    """A result and where its channels lie: a filled-up part has empty channels at its end."""

    name: str
    places: tuple[int, ...]
    channels: int

    @staticmethod
    def full(name: str, channels: int) -> _Feature:
        return _Feature(name, tuple(range(channels)), channels)


def build_network(weights: LeaderWeights) -> ModelProto:
    """The ONNX model: dark ridges as grey levels 0..255 in, three maps of the same size out."""
    graph = Graph()
    coarse = _stem(graph, SOURCE, weights.context_stem, "MaxPool")
    detail = _stem(graph, SOURCE, weights.detail_stem, "AveragePool")
    context = _context(graph, coarse, weights)
    features = _refined(graph, graph.join([_gated(graph, context, weights), detail]), weights)
    blur = Convolution(weights.blur[None, None], np.zeros(1, np.float32))
    position = graph.interleave(graph.sigmoid(_head(graph, features, weights.position)))
    results = {
        POSITION: (graph.convolve(position, blur), 1),
        DIRECTION: (graph.interleave(_head(graph, features, weights.direction)), 2),
        KIND: (graph.interleave(_head(graph, features, weights.kind)), 1),
    }
    return graph.model(SOURCE, results, "leader")


def _stem(graph: Graph, x: str, weights: StemWeights, pooling: str) -> str:
    both = graph.join([graph.convolve(x, weights.plain), graph.convolve(x, weights.dilated, dilation=_STEM_DILATION)])
    channels = weights.norm.gain.size
    even = np.full(channels, 1 / channels, np.float32)
    mean = graph.weighted_mean(both, even)
    centred = graph.subtract(both, mean)
    deviation = graph.reciprocal_deviation(graph.weighted_mean(graph.multiply(centred, centred), even))
    scaled = graph.multiply(graph.multiply(centred, deviation), _per_channel(graph, weights.norm.gain))
    return graph.halve(graph.gelu(graph.add(scaled, _per_channel(graph, weights.norm.offset))), pooling)


def _per_channel(graph: Graph, values: Array) -> str:
    return graph.constant(values.reshape(1, -1, 1, 1))


def _context(graph: Graph, x: str, weights: LeaderWeights) -> str:
    skips = []
    for block in weights.context_encoder:
        skips.append(_separable(graph, x, block))
        x = graph.halve_both_ways(skips[-1], block.norm.gain.size)
    for block, skip in zip(weights.context_decoder, reversed(skips), strict=True):
        x = graph.join([graph.double(_separable(graph, x, block)), skip])
    return x


def _separable(graph: Graph, x: str, weights: SeparableWeights) -> str:
    gain = weights.norm.gain
    centred = graph.convolve(graph.convolve_channels(x, weights.depthwise), folding.centred_output(weights))
    squares = graph.weighted_mean(graph.multiply(centred, centred), np.asarray(1 / (gain.size * gain**2), np.float32))
    normalised = graph.multiply(centred, graph.reciprocal_deviation(squares))
    return graph.gelu(graph.add(normalised, _per_channel(graph, weights.norm.offset)))


def _gated(graph: Graph, x: str, weights: LeaderWeights) -> str:
    views = [
        graph.gelu(graph.convolve(x, convolution, dilation=dilation))
        for convolution, dilation in zip(weights.attention, _ATTENTION_DILATIONS, strict=True)
    ]
    return graph.multiply(x, graph.sigmoid(graph.convolve(graph.join(views), weights.gate)))


def _refined(graph: Graph, x: str, weights: LeaderWeights) -> _Feature:
    feature = _Feature.full(x, weights.refine_encoder[0].norm.gain.size)
    skips = []
    for block in weights.refine_encoder:
        skips.append(_bottleneck(graph, feature, block))
        halved = graph.halve_both_ways(skips[-1].name, skips[-1].channels)
        feature = _Feature.full(halved, skips[-1].channels)
    for block, skip in zip(weights.refine_decoder, reversed(skips), strict=True):
        raised = _bottleneck(graph, feature, block)
        feature = _joined(graph, replace(raised, name=graph.double(raised.name)), skip)
    return feature


def _joined(graph: Graph, one: _Feature, other: _Feature) -> _Feature:
    places = one.places + tuple(one.channels + place for place in other.places)
    return _Feature(graph.join([one.name, other.name]), places, one.channels + other.channels)


def _bottleneck(graph: Graph, x: _Feature, weights: BottleneckWeights) -> _Feature:
    widened = _widened(graph, x, weights)
    outputs = weights.adjust.kernel.shape[0]
    channels = folding.padded(outputs)
    if folding.is_cheaper_joined(weights):
        from_input, from_widened = folding.joined(weights.adjust, weights)
        result = _sum_of(graph, x, folding.fill_outputs(from_input, channels), widened, from_widened)
    else:
        narrow = folding.scatter_outputs(weights.narrow, np.array(x.places), x.channels)
        total = graph.add(x.name, graph.convolve(widened, narrow))
        adjust = folding.fill_outputs(_scattered(weights.adjust, x), channels)
        result = graph.convolve(total, adjust)
    return _Feature(result, tuple(range(outputs)), channels)


def _widened(graph: Graph, x: _Feature, weights: BottleneckWeights) -> str:
    """Filtered inside channels, divided by each pixel's deviation, and widened to four times the channels."""
    count = len(x.places)
    kernel = np.zeros((x.channels, *weights.depthwise.shape[1:]), np.float32)
    kernel[list(x.places)] = weights.depthwise
    even = np.zeros(x.channels, np.float32)
    even[list(x.places)] = 1 / count
    filtered = graph.convolve_channels(x.name, kernel)
    mean = graph.weighted_mean(filtered, even)
    square = graph.weighted_mean(graph.multiply(filtered, filtered), even)
    variance = graph.subtract(square, graph.multiply(mean, mean))
    scaled = graph.multiply(filtered, graph.reciprocal_deviation(variance))
    return graph.gelu(graph.convolve(scaled, _scattered(folding.normalised_input(weights.widen, weights.norm), x)))


def _scattered(convolution: Convolution, x: _Feature) -> Convolution:
    return folding.scatter_inputs(convolution, np.array(x.places), x.channels)


def _sum_of(graph: Graph, x: _Feature, from_input: Convolution, widened: str, from_widened: Convolution) -> str:
    filled = folding.fill_outputs(from_widened, from_input.kernel.shape[0])
    return graph.add(graph.convolve(x.name, _scattered(from_input, x)), graph.convolve(widened, filled))


def _head(graph: Graph, x: _Feature, weights: HeadWeights) -> str:
    """The head's answer at half the size, four channels a result."""
    widened = _widened(graph, x, weights.bottleneck)
    mixed = _sum_of(graph, x, *_split(folding.joined(folding.head_mix(weights), weights.bottleneck), widened))
    return graph.convolve(_remixed(graph, mixed, weights), folding.before_doubling(weights.answer))


def _split(parts: tuple[Convolution, Convolution], widened: str) -> tuple[Convolution, str, Convolution]:
    return parts[0], widened, parts[1]


def _remixed(graph: Graph, mixed: str, weights: HeadWeights) -> str:
    channels = weights.norm.gain.size
    squares = graph.weighted_mean(graph.multiply(mixed, mixed), np.full(channels, 1 / channels, np.float32))
    scaled = graph.multiply(mixed, graph.reciprocal_deviation(squares))
    remix = folding.normalised_input(weights.remix, weights.norm)
    return graph.gelu(graph.convolve(scaled, remix))
