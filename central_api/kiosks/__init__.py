"""Kiosks joining the network, and the bundle they work from."""
