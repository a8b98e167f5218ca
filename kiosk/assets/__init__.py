"""Fonts and the icon table, with the script that makes them."""
