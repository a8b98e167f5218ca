"""Cards: ordered for a chip, written and read back at a kiosk, countersigned, and only then active."""
