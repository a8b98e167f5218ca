"""What the registry learns of a person's fingers after enrolment, and what it tells desks of them."""
