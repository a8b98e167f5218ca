"""Secured personalisation sessions, and the quotas of officers' cards."""
