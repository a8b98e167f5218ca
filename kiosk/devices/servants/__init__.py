"""What runs inside the device processes: the only modules of the kiosk beside which a driver is loaded."""
