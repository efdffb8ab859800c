"""The house holds: imports point down, rooms stay small, one module assigns states."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "speakers", "sessions", "comments")
MODULE_LINES = 400
FUNCTION_LINES = 40
VIEW_LINES = 45
POSITIONAL = 4


def modules() -> list[Path]:
    return [
        path
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def functions():
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield path.relative_to(ROOT), node


def length(node: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    lines = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node):
        lines -= node.body[0].end_lineno - node.body[0].lineno + 1
    return lines


def test_every_module_of_the_composition_root_is_in_the_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    top, *below = contracts["contracts"][0]["layers"]
    found = {
        f"config.{path.stem}"
        for path in (ROOT / "config").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__")
        or (path.is_dir() and any(path.glob("*.py")))
    }
    assert set(top.split(" : ")) == found - {"config.lib"}
    assert below == ["comments", "sessions", "speakers", "config.lib"]


def test_modules_are_small():
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {path: lines for path, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_functions_are_short_and_take_few_positional_parameters():
    too_long, too_many = [], []
    for path, node in functions():
        limit = VIEW_LINES if "views" in str(path) else FUNCTION_LINES
        if length(node) > limit:
            too_long.append(f"{path}:{node.lineno} {node.name} {length(node)}")
        names = [argument.arg for argument in node.args.posonlyargs + node.args.args]
        if len([name for name in names if name not in ("self", "cls")]) > POSITIONAL:
            too_many.append(f"{path}:{node.lineno} {node.name}")
    # Django's own signatures, which an override has to repeat.
    django = {"process_view", "formfield_for_foreignkey", "validate"}
    assert too_long == []
    assert [name for name in too_many if name.split()[-1] not in django] == []


def test_there_is_no_room_for_everything():
    names = {path.stem for path in modules()}
    assert names & {"services", "utils", "helpers", "signals", "common", "misc"} == set()


def test_one_module_assigns_the_state_of_a_proposal():
    assigning = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in (leaf for item in targets for leaf in ast.walk(item)):
                if isinstance(target, ast.Attribute) and target.attr in {"state", "prepared_state"}:
                    assigning.add(str(path.relative_to(ROOT)))
    # Each concept has its verbs: proposals, pitches, comments.
    assert assigning <= {
        "sessions/decisions.py",
        "sessions/pitching.py",
        "sessions/curation.py",
        "comments/states.py",
    }


def test_nobody_catches_everything():
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    ]
    assert broad == []


@pytest.mark.parametrize("folder", ["", *APPS])
def test_every_test_folder_is_a_package(folder):
    """Else ``tests/sessions`` would shadow the app."""
    for path in (ROOT / "tests" / folder).rglob("test_*.py"):
        assert (path.parent / "__init__.py").exists(), path


@pytest.mark.parametrize("suffix", ["*.html", "*.txt"])
def test_templates_have_no_inline_script_style_or_token(suffix):
    for path in (ROOT / "templates").rglob(suffix):
        text = path.read_text("utf-8")
        assert "style=" not in text, path
        assert "<style" not in text, path
        assert " onclick=" not in text, path
        assert "csrf_token" not in text, path
        assert "http-equiv" not in text, path
        for tag in text.split("<script")[1:]:
            assert "src=" in tag.split(">")[0], path


def test_there_is_one_migration_per_app():
    for app in ("speakers", "sessions", "comments"):
        found = sorted(path.name for path in (ROOT / app / "migrations").glob("0*.py"))
        assert found == ["0001_initial.py"]
