"""The touch-screen desk: screens bind, flows decide, the store remembers, workers hold the devices."""
