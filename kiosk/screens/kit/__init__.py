"""The widget kit: small parts, drawn from the tokens, without shadows."""
