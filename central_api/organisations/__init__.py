"""Organisations hired to register people and hand out cards: their desks, their quota, what they did."""
