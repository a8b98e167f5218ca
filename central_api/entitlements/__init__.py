"""What registered households may draw: screened again by the registry itself, never taken from a kiosk."""
