"""The people who work at the desks."""
