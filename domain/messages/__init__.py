"""What travels between kiosk and registry over HTTP, checked at the edge; unknown fields are refused."""
