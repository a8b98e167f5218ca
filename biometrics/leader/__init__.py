"""LEADER, a small network that reads minutiae from a finger picture, run by ONNX Runtime (docs/accuracy.md)."""
