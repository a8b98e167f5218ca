"""Lists the benchmarks that there are."""

from pathlib import Path

if __name__ == "__main__":
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        first_line = path.read_text().split('"""')[1].strip().splitlines()[0]
        print(f"  ./run bench {path.stem:<16} {first_line}")
