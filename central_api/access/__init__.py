"""Who is asking: kiosks sign each request (RFC 9421, domain/messages/signing.py)."""
