"""Whose fingers fail, at enrolment and at the desk: by age, sex, work, desk, operator and device, never by name."""
