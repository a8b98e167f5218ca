"""Deliveries with the card's own proof, each booked once."""
