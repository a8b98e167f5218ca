"""The control API: everything a person or a script can do at a simulated desk, over HTTP on 127.0.0.1."""
