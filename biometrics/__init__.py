"""Images in, templates and scores out: fingerprints and portraits, free of devices and databases."""
