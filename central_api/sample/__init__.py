"""An invented district to try things with: places, programmes, a small town of families, codes for three kiosks."""
