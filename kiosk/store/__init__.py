"""What the kiosk keeps: encrypted, every row that matters sealed, every promise kept by one transaction."""
