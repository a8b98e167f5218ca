"""A simulated chip card: a generic ISO/IEC 7816-4 card operating system that knows no card layout of ours.

It is written from docs/card-commands.md alone and shares only the APDU and TLV codecs with the reader side, so that
a mistake in one of the two shows up as a disagreement.
"""
