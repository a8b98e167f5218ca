"""What each screen shows, as plain values. One class a screen; ``kiosk/screens`` draws it under the same name."""
