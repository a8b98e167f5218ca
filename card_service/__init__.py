"""The smart card: codecs, cryptographic protocols, personalisation, verification and the issuing authority."""
