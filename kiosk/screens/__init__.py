"""Everything that draws with Kivy. Importing this package settles Kivy's environment before Kivy itself is imported."""

import os
from pathlib import Path

for _name, _value in {
    "KIVY_TEXT": "pil",  # the one provider that draws shaped text
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",  # a settings file of some other Kivy program must not change a kiosk
    "KIVY_NO_FILELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",  # else Kivy takes over stderr and swallows tracebacks
    "KIVY_HOME": str(Path.home() / ".cache" / "single-window" / "kivy"),
}.items():
    os.environ.setdefault(_name, _value)
