"""A whole help desk of simulated devices."""
