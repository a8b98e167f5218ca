"""Is the person just captured one who is registered already? By name, and by every finger."""
