"""The exception register: everybody who was turned away, with the reason and the alternative offered."""
