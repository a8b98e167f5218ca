"""The fingers of an area for its desks, so that they look for double registrations themselves."""
