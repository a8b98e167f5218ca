"""Cases for a person's decision: what a kiosk sent that could not be booked as it came. Nothing is ever dropped."""
