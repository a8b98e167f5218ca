"""The list of refused cards, as kiosks fetch it."""
