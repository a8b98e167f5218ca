"""Whose fingers fail, at enrolment and at the desk: by age, sex, work, desk and operator, never by name."""
