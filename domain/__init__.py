"""The shared language of Single Window: pure records and rules, no input or output, no clock, no randomness."""
