"""The catalogue of programmes."""
