"""What the documents name exists, and what exists is named."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
CODE = re.compile(r"`([^`]+)`")
FEATURE = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \|(.*?)\|(.*?)\|$", re.MULTILINE)


def features():
    return FEATURE.findall((DOCS / "features.md").read_text())


def test_every_capability_stands_once_in_the_list():
    ids = [row[0] for row in features()]
    assert len(ids) == len(set(ids)) == 201
    assert {f"F{number}" for number in range(1, 132)} <= set(ids)


@pytest.mark.parametrize("row", features(), ids=lambda row: row[0])
def test_a_capability_is_shown_by_a_test_that_exists_or_is_not_available_yet(row):
    _, _, state, where, test = row
    if state == "not available yet":
        assert (where.strip(), test.strip()) == ("", "")
        return
    assert state.startswith(("**works**", "**part**"))
    for path in CODE.findall(where) + CODE.findall(test):
        assert (ROOT / path).exists(), f"{path} does not exist"


def test_the_summary_counts_what_the_table_says():
    states = [row[2] for row in features()]
    works = sum(state.startswith("**works**") for state in states)
    part = sum(state.startswith("**part**") for state in states)
    assert f"{works} work, {part} in part, {len(states) - works - part} not" in (DOCS / "features.md").read_text()


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md", "docs/adr/README.md"])
def test_every_link_leads_somewhere(page):
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), f"{page}: {target}"


def test_every_decision_is_listed():
    listed = (DOCS / "adr" / "README.md").read_text()
    for page in (DOCS / "adr").glob("0*.md"):
        assert page.name in listed


def test_run_alone_lists_every_command():
    told = subprocess.run(["bash", str(ROOT / "run")], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z]+)\)", (ROOT / "run").read_text(), re.MULTILINE)
    assert commands
    for command in commands:
        assert f"./run {command}" in told


def test_the_lock_names_no_address_and_a_hash_for_every_file():
    lock = (ROOT / "requirements" / "lock.txt").read_text()
    assert "://" not in lock
    assert "index-url" not in lock
    for block in re.split(r"\n(?=[a-z])", lock.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_every_direct_dependency_is_exact_and_has_its_reason():
    project = (ROOT / "pyproject.toml").read_text()
    lines = project.split("dependencies = [", 1)[1].split("\n]", 1)[0].strip().splitlines()
    for line in lines:
        assert "==" in line, line
        assert "#" in line, line


def test_every_dependency_has_its_licence_listed():
    project = (ROOT / "pyproject.toml").read_text()
    listed = (DOCS / "licences.md").read_text().lower()
    for name in re.findall(r'"([a-z0-9-]+)(?:\[[a-z]+\])?==', project):
        assert name in listed, name


def test_every_source_file_stays_readable():
    """400 lines at most: when a file grows, a noun is hiding in it. Migrations are exempt: they are history."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    long = {}
    for name in listed.split():
        if "migrations/versions" in name or not (ROOT / name).exists():
            continue
        lines = len((ROOT / name).read_text().splitlines())
        if lines > 400:
            long[name] = lines
    assert not long
