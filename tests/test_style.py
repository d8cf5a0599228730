"""The tree keeps its own style where a linter has no rule for it: the tail is capped, and words mean one thing."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES = 300
FUNCTION_LINES = 40
VAGUE = re.compile(r"(^|_)(manager|handler|processor|helpers?|utils?|data(?!_key)|info|process|do)(_|$)")
IMPURE = {"now", "utcnow", "today"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _sources() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return tuple(path for name in listed.splitlines() if (path := ROOT / name).is_file())


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _place(path: Path, node: ast.expr | ast.stmt) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def _length(function: Function) -> int:
    """Lines of the body, its docstring not counted."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or function.lineno) - body[0].lineno + 1 if body else 0


def _functions() -> list[tuple[Path, Function]]:
    return [(path, node) for path in _sources() for node in ast.walk(_tree(path)) if isinstance(node, Function)]


def _is_core(path: Path) -> bool:
    return path.is_relative_to(ROOT / "exchange" / "core")


def _is_broad(caught: ast.ExceptHandler) -> bool:
    """Everything is caught and kept: a block that raises again at its end only tidies up on the way."""
    named = isinstance(caught.type, ast.Name) and caught.type.id not in {"Exception", "BaseException"}
    return not (named or isinstance(caught.type, ast.Tuple | ast.Attribute) or isinstance(caught.body[-1], ast.Raise))


def test_files_stay_below_300_lines() -> None:
    """No Python file is longer than 300 lines; a migration is a table of columns and may be."""
    files = [path for path in _sources() if "migrations" not in path.parts]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in files}
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_functions_stay_below_40_lines() -> None:
    """No function's body is longer than 40 lines; a migration is a table of columns and may be."""
    functions = [(path, node) for path, node in _functions() if "migrations" not in path.parts]
    assert [f"{_place(path, node)} {node.name}" for path, node in functions if _length(node) > FUNCTION_LINES] == []


def test_every_test_says_the_behaviour_it_shows() -> None:
    """Each test has a docstring."""
    unsaid = [
        f"{_place(path, node)} {node.name}"
        for path, node in _functions()
        if node.name.startswith("test_") and path.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert unsaid == []


def test_names_say_what_a_thing_is() -> None:
    """No module, function or class is a manager, a handler, a helper, a util, data, info or process."""
    vague = [str(path.relative_to(ROOT)) for path in _sources() if VAGUE.search(path.stem)]
    for path in _sources():
        for node in ast.walk(_tree(path)):
            if isinstance(node, Function | ast.ClassDef):
                name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).lower()
                if VAGUE.search(name) and not name.startswith(("test_", "do_get", "do_post", "do_head")):
                    vague.append(f"{_place(path, node)} {node.name}")
    assert vague == []


def test_errors_are_caught_by_name() -> None:
    """A broad `except` that keeps what it caught stands once: outermost, where a foreign text must not be shown."""
    broad = [
        str(path.relative_to(ROOT))
        for path in _sources()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    assert broad == ["exchange/cli/app.py"]


@pytest.mark.parametrize("word", ["MagicMock", "mock.patch", "monkeypatch.setattr", "time.sleep("])
def test_tests_meet_the_real_thing(word: str) -> None:
    """No test replaces code by a stand-in, and none waits for a time instead of an event."""
    tests = [path for path in _sources() if path.is_relative_to(ROOT / "tests") and path != Path(__file__).resolve()]
    assert [str(path.relative_to(ROOT)) for path in tests if word in path.read_text("utf-8")] == []


def test_core_asks_for_no_time() -> None:
    """Nothing in exchange/core calls now(), utcnow() or today(): the time is an argument."""
    asked = [
        _place(path, node)
        for path in filter(_is_core, _sources())
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in IMPURE
    ]
    assert asked == []


def test_only_the_settings_read_the_environment() -> None:
    """`os.environ` and `os.getenv` stand in the settings, the command and the servers' child processes only."""
    readable = ("exchange/edge/settings.py", "exchange/cli/", "exchange/embedded/", "exchange/simulate/")
    allowed = (*readable, "exchange/verify/", "dags/", "tests/", "scripts/", "benchmarks/")
    readers = [
        name
        for path in _sources()
        if not (name := str(path.relative_to(ROOT))).startswith(allowed)
        and re.search(r"\bos\.(environ|getenv)\b", path.read_text("utf-8"))
    ]
    assert readers == []
