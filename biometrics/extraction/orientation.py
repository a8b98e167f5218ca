"""Stage 2: which way the ridges run, from the structure tensor."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.extraction.parameters import OrientationParameters

FloatMap = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class OrientationField:
    """Per pixel: ridge direction in radians, 0..pi, clockwise from the x axis (y down); coherence 0..1."""

    angle_rad: FloatMap
    coherence: FloatMap


@dataclass(frozen=True, slots=True)
class _Tensor:
    cosine: FloatMap
    sine: FloatMap
    energy: FloatMap

    def smoothed(self, sigma_px: float) -> _Tensor:
        return _Tensor(*(_blur(part, sigma_px) for part in (self.cosine, self.sine, self.energy)))


def estimate_orientation(normalised: FloatMap, parameters: OrientationParameters) -> OrientationField:
    """The field of a raw picture: fine where the ridges are clear, coarser where they are not."""
    tensor = _gradient_tensor(normalised)
    fine, coarse = tensor.smoothed(parameters.fine_sigma_px), tensor.smoothed(parameters.coarse_sigma_px)
    fine_coherence = _coherence(fine)
    cosine = fine.cosine * fine_coherence + coarse.cosine * (1 - fine_coherence)
    sine = fine.sine * fine_coherence + coarse.sine * (1 - fine_coherence)
    return OrientationField(_ridge_angle(cosine, sine), fine_coherence)


def refine_orientation(enhanced: FloatMap, parameters: OrientationParameters) -> OrientationField:
    """The field of an already enhanced picture, where a smaller window suffices."""
    tensor = _gradient_tensor(enhanced).smoothed(parameters.refined_sigma_px)
    return OrientationField(_ridge_angle(tensor.cosine, tensor.sine), _coherence(tensor))


def _gradient_tensor(picture: FloatMap) -> _Tensor:
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0)
    gx = cv2.Scharr(smooth, cv2.CV_32F, 1, 0)
    gy = cv2.Scharr(smooth, cv2.CV_32F, 0, 1)
    return _Tensor(gx * gx - gy * gy, 2 * gx * gy, gx * gx + gy * gy)


def _blur(part: FloatMap, sigma_px: float) -> FloatMap:
    return np.asarray(cv2.GaussianBlur(part, (0, 0), sigma_px), np.float32)


def _coherence(tensor: _Tensor) -> FloatMap:
    coherence: FloatMap = np.sqrt(tensor.cosine**2 + tensor.sine**2) / (tensor.energy + 1e-6)
    return coherence


def _ridge_angle(cosine: FloatMap, sine: FloatMap) -> FloatMap:
    """Half the doubled gradient angle, turned by a right angle, since ridges run across the gradient."""
    angle: FloatMap = np.mod(0.5 * np.arctan2(sine, cosine) + np.pi / 2, np.pi).astype(np.float32)
    return angle
