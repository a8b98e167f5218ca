"""What every engine shares about one picture of a finger: where the print is, what to tell the person, the reading."""
