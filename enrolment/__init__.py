"""Capturing a household at a desk: device ports and drivers, capture loops, the sealed submission."""
