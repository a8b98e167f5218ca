"""The registry: one database of people, programmes, entitlements, cards and the proof of each delivery."""
