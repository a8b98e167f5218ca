"""A few plain pages for the office: what happened today, what waits, what went wrong. No person's name on any."""
