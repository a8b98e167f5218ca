"""A whole help desk without devices: cards, sensor, camera, printer, network, people, and their faults."""
