"""Writing an ONNX graph, channels first, one call an operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from biometrics.leader.weights import Array, Convolution

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

#: Gelu is an operator from here on.
OPSET = 20
#: The oldest file format that holds this opset; a newer onnx package must not change the file.
_IR_VERSION = 9
_SAME_EPSILON_AS_KERAS = 1e-3


class Graph:
    """A growing graph; every method adds what it is named after and returns the name of the result.

    Names are running numbers, so that the same weights give the same bytes.
    """

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._epsilon = self.constant(np.float32(_SAME_EPSILON_AS_KERAS))

    def constant(self, value: Array | np.float32 | Sequence[int]) -> str:
        from onnx import numpy_helper

        name = f"c{len(self._constants)}"
        array = np.ascontiguousarray(value) if isinstance(value, np.ndarray) else np.array(value)
        self._constants.append(numpy_helper.from_array(array.copy(), name))
        return name

    def add_node(
        self, operator: str, inputs: Sequence[str], outputs: int = 1, **attributes: int | str | Sequence[int]
    ) -> list[str]:
        from onnx import helper

        names = [f"t{len(self._nodes)}_{n}" for n in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, None, None, None, None, **attributes))
        return names

    def convolve(self, x: str, convolution: Convolution, *, dilation: int = 1, groups: int = 1) -> str:
        """Zeros beyond the border, the picture's size kept."""
        reach_y = dilation * (convolution.kernel.shape[2] // 2)
        reach_x = dilation * (convolution.kernel.shape[3] // 2)
        (result,) = self.add_node(
            "Conv",
            [x, self.constant(convolution.kernel), self.constant(convolution.bias)],
            kernel_shape=convolution.kernel.shape[2:],
            pads=[reach_y, reach_x, reach_y, reach_x],
            dilations=[dilation, dilation],
            group=groups,
        )
        return result

    def convolve_channels(self, x: str, kernel: Array) -> str:
        """Each channel with its own kernel."""
        channels = kernel.shape[0]
        return self.convolve(x, Convolution(kernel, np.zeros(channels, np.float32)), groups=channels)

    def multiply(self, one: str, other: str) -> str:
        return self.add_node("Mul", [one, other])[0]

    def add(self, one: str, other: str) -> str:
        return self.add_node("Add", [one, other])[0]

    def subtract(self, one: str, other: str) -> str:
        return self.add_node("Sub", [one, other])[0]

    def gelu(self, x: str) -> str:
        return self.add_node("Gelu", [x], approximate="none")[0]

    def sigmoid(self, x: str) -> str:
        return self.add_node("Sigmoid", [x])[0]

    def join(self, parts: Sequence[str]) -> str:
        """Channels of all parts, one after the other."""
        return self.add_node("Concat", parts, axis=1)[0]

    def weighted_mean(self, x: str, weights: Array) -> str:
        """One channel: the sum of all channels times their weights."""
        return self.convolve(x, Convolution(weights.reshape(1, -1, 1, 1), np.zeros(1, np.float32)))

    def reciprocal_deviation(self, variance: str) -> str:
        root = self.add_node("Sqrt", [self.add(variance, self._epsilon)])[0]
        return self.add_node("Reciprocal", [root])[0]

    def halve(self, x: str, operator: str) -> str:
        """Half the size; operator is MaxPool or AveragePool."""
        return self.add_node(operator, [x], kernel_shape=[2, 2], strides=[2, 2])[0]

    def halve_both_ways(self, x: str, channels: int) -> str:
        """The greatest of four for the first half of the channels, their mean for the second."""
        parts = self.constant(np.array([channels // 2, channels - channels // 2], np.int64))
        sharp, soft = self.add_node("Split", [x, parts], outputs=2, axis=1)
        return self.join([self.halve(sharp, "MaxPool"), self.halve(soft, "AveragePool")])

    def double(self, x: str) -> str:
        """Twice the size, each pixel four times."""
        scales = self.constant(np.array([1, 1, 2, 2], np.float32))
        return self.add_node(
            "Resize",
            [x, "", scales],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )[0]

    def interleave(self, x: str) -> str:
        """Four channels of each result, for the four pixels of each 2 x 2 block, made one of twice the size."""
        return self.add_node("DepthToSpace", [x], blocksize=2, mode="CRD")[0]

    def model(self, source: str, results: dict[str, tuple[str, int]], producer: str) -> ModelProto:
        """The finished model: one grey picture of any size in, the named results (name, channels) out."""
        from onnx import TensorProto, helper

        size = ["batch", "height", "width"]
        picture = helper.make_tensor_value_info(source, TensorProto.FLOAT, [size[0], 1, *size[1:]])
        outputs = []
        for name, (inner, channels) in results.items():
            self._nodes.append(helper.make_node("Identity", [inner], [name]))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [size[0], channels, *size[1:]]))
        graph = helper.make_graph(self._nodes, producer, [picture], outputs, self._constants)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=_IR_VERSION, producer_name=producer
        )
