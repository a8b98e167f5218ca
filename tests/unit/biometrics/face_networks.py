"""Tiny networks in the form of SFace and YuNet, made on the spot: the real loading code without anybody's weights.

The recogniser is a fixed random projection of a coarse colour picture: the same drawn face looks like itself, another
drawn face does not. It says nothing about real faces.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from biometrics.face_model import FaceModel, ModelFile

SIDE_PX, GRID, FEATURES = 112, 14, 128
STRIDES = (8, 16, 32)
#: The marker that the tiny detector takes for a face: nothing drawn is so green.
GREEN = (0, 255, 0)


def sface(features: int = FEATURES) -> bytes:
    """112 x 112 x 3 in, 128 numbers out, as SFace has it."""
    cells = SIDE_PX // (SIDE_PX // GRID)
    weights = np.random.default_rng(3).normal(size=(3 * cells * cells, features)).astype(np.float32)
    weights -= weights.mean(axis=0)
    nodes = [
        helper.make_node("AveragePool", ["data"], ["coarse"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["coarse"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "weights"], ["fc1"]),
    ]
    return _model(nodes, [_value("data", (1, 3, SIDE_PX, SIDE_PX))], [_value("fc1", (1, features))], weights=weights)


def yunet(side_px: int = 128) -> bytes:
    """A face ``side_px`` wide around every 32 x 32 square that is green all over; twelve outputs as YuNet has them."""
    nodes, tensors, outputs = [], {}, []
    for stride in STRIDES:
        for kind, width in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            name = f"{kind}_{stride}"
            weight, bias = _head(kind, stride, width, side_px)
            tensors |= {f"w_{name}": weight, f"b_{name}": bias, f"s_{name}": np.array([1, -1, width], np.int64)}
            pool = {"kernel_shape": [stride, stride], "strides": [stride, stride]}
            nodes += [
                helper.make_node("AveragePool", ["input"], [f"p_{name}"], **pool),
                helper.make_node("Conv", [f"p_{name}", f"w_{name}", f"b_{name}"], [f"c_{name}"]),
                helper.make_node("Clip", [f"c_{name}", "lowest", "highest"], [f"k_{name}"]),
                helper.make_node("Transpose", [f"k_{name}"], [f"t_{name}"], perm=[0, 2, 3, 1]),
                helper.make_node("Reshape", [f"t_{name}", f"s_{name}"], [name]),
            ]
            outputs.append(_value(name, (1, None, width)))
    tensors |= {"lowest": np.float32(-20), "highest": np.float32(20)}
    return _model(nodes, [_value("input", (1, 3, 640, 640))], outputs, **tensors)


def _head(kind: str, stride: int, width: int, side_px: int) -> tuple[np.ndarray, np.ndarray]:
    weight, bias = np.zeros((width, 3, 1, 1), np.float32), np.zeros(width, np.float32)
    if kind in ("cls", "obj"):
        # Blue, green, red: near 1 for pure green, below 0 for everything else; the finer strides see nothing.
        weight[0, :, 0, 0] = np.array([-1, 1, -1]) / 255
        bias[:] = 0.0 if stride == max(STRIDES) else -9.0
    elif kind == "bbox":
        bias[:] = [0.5, 0.5, np.log(side_px / stride), np.log(side_px / stride)]
    else:
        bias[:] = np.array([-0.5, 0, 1.5, 0, 0.5, 0.8, -0.3, 1.4, 1.3, 1.4]) * side_px / 128
    return weight, bias


def write(folder: Path, name: str, content: bytes) -> ModelFile:
    path = folder / name
    path.write_bytes(content)
    return ModelFile(path, hashlib.sha256(content).hexdigest())


def face_model(folder: Path, *, has_detector: bool = False, threshold: float = 0.8) -> FaceModel:
    """A model as a desk would have it, its files in that folder."""
    detector = write(folder, "yunet.onnx", yunet()) if has_detector else None
    return FaceModel("tiny", write(folder, "sface.onnx", sface()), detector, threshold, 1_000)


def _value(name: str, shape: tuple[int | None, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _model(nodes: list, inputs: list, outputs: list, **tensors: np.ndarray) -> bytes:  # type: ignore[type-arg]
    fixed = [numpy_helper.from_array(np.asarray(value), name) for name, value in tensors.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, fixed)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
