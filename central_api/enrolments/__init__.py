"""Registrations of households: opened, checked, searched for duplicates, decided, registered."""
