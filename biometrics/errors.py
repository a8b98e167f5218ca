"""What can stop the biometrics room.

A bad finger is not an error: it is a template of quality 0 with hints.
"""

from __future__ import annotations

from domain.errors import ProjectError


class BiometricsError(ProjectError):
    """The root of this room's errors."""

    code = "biometrics.error"


class ImageRefused(BiometricsError):
    """The bytes are no picture we are willing to decode (not PNG or JPEG, too many pixels, damaged)."""

    code = "biometrics.image_refused"
    message_key = "error.image_refused"


class TemplateMalformed(BiometricsError):
    """The bytes are not a well-formed ISO/IEC 19794-2 template."""

    code = "biometrics.template_malformed"
    message_key = "error.template_malformed"


class TemplateUnencodable(BiometricsError):
    """The template holds values its ISO/IEC 19794-2 form has no room for."""

    code = "biometrics.template_unencodable"
    message_key = "error.template_malformed"


class PortraitTooLarge(BiometricsError):
    """No JPEG quality brings the portrait under the bytes the card has for it."""

    code = "biometrics.portrait_too_large"
    message_key = "error.portrait_too_large"


class NoFaceToCrop(BiometricsError):
    """The portrait report holds no face to crop around."""

    code = "biometrics.no_face_to_crop"
    message_key = "error.no_face_to_crop"


class NetworkWeightsRefused(BiometricsError):
    """The weights of the minutia network are missing, unreadable or not the ones that were measured."""

    code = "biometrics.network_weights_refused"
