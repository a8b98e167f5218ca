"""A scanner behind the Secure Biometric Interface of MOSIP (SBI, also MDS; specification 0.9.5)."""
