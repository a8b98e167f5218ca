"""Each device in a process of its own, behind a deadline: none can hold the screen, and none can take it down."""
