"""Push: events come in, each gets a verdict. Pull: changes go out by cursor."""
