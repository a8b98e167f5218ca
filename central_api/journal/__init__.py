"""The transaction every request works in: state, audit line and feed change are committed together or not at all."""
