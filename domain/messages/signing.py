"""How a kiosk signs every request to the registry: HTTP message signatures (RFC 9421) with its Ed25519 key.

Both sides take these values from here, so that they cannot drift apart. A request is signed with
``http_message_signatures.HTTPMessageSigner`` and

- ``covered_component_ids=COVERED_COMPONENTS`` and ``body=<the exact bytes sent>`` (``b""`` when there are none):
  the library adds the Content-Digest header (RFC 9530) and its coverage;
- ``key_id`` = the kiosk's id, ``created`` = now, ``nonce`` = ``NONCE_BYTES`` random bytes in hex, never used twice;
- ``tag=SIGNATURE_TAG``, ``label=SIGNATURE_LABEL``, ``include_alg=True``.

``@method``, ``@path`` and ``@query`` are covered and not ``@target-uri``: scheme and host change behind a proxy that
ends XX"""

from __future__ import annotations

#: Signed in every request (RFC 9421, 2.2). Content-Digest is there for an empty body too.
COVERED_COMPONENTS = ("@method", "@path", "@query", "content-digest")

#: RFC 9421, 2.3: says what the signature is for, so that none made for another purpose is taken for a request.
SIGNATURE_TAG = "single-window-kiosk"

#: Name of the signature in the Signature and Signature-Input headers.
SIGNATURE_LABEL = "kiosk"

#: A request older than this is refused; a kiosk whose clock is off is told the registry's time.
MAX_AGE_S = 300

#: A nonce is this many random bytes, in hex.
NONCE_BYTES = 16

#: 401: no signature, an unknown kiosk, or a signature that does not hold.
CODE_UNAUTHORIZED = "err.request.unauthorized"

#: 401: the signature holds but was made too long ago, or in the future; ``params["registry_time"]`` is the registry's
#: time in seconds since 1970.
CODE_WRONG_TIME = "err.request.wrong_time"

#: 409: this nonce was used before.
CODE_REPLAYED = "err.request.replayed"
