"""Which rows of docs/features.md have a test: python3 tests/feature_report.py"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Print each row with the number of test modules that carry its mark, then the total."""
    rows = re.findall(
        r"^\| ([A-Z]\d+) \| (.+?) \|", (ROOT / "docs/features.md").read_text("utf8"), re.MULTILINE
    )
    tests = [path.read_text("utf8") for path in (ROOT / "tests").rglob("test_*.py")]
    marks = {
        name: sum(bool(re.search(rf'feature\("{name}"\)', text)) for text in tests)
        for name, _ in rows
    }
    for name, words in rows:
        print(f"{name:4} {marks[name] or '-':>3}  {words}")
    print(f"{sum(map(bool, marks.values()))} of {len(rows)} rows have a test.")


if __name__ == "__main__":
    main()
