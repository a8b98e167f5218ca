"""Lists the benchmarks that there are."""

from pathlib import Path

#: What other files only take from has no such line.
_CAN_BE_RUN = 'if __name__ == "__main__":'

if __name__ == "__main__":
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        text = path.read_text()
        if _CAN_BE_RUN in text:
            first_line = text.split('"""')[1].strip().splitlines()[0]
            print(f"  ./run bench {path.stem:<24} {first_line}")
