"""The catalogues and how a ``Text`` becomes a sentence on the screen, on paper and in the ear."""
