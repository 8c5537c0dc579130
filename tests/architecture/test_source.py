"""House rules that can be read from the source."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bin.translations import MARKS

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
DOMAINS = (
    "accounts",
    "messages",
    "courses",
    "calculators",
    "diagnosis",
    "community",
    "mentoring",
    "certification",
    "desk",
    "search",
)
SHARED_PARTS = {"models", "policy", "queries", "operations", "login", "vocabulary", "catalogue"}
#: How every file below content/ is read.
SHARED_PARTS |= {"facts", "lesson_file", "problems", "proofreading", "publishing", "shelf", "toml_file"}
SHARED_PARTS |= {"fee_tables", "questions", "waiting"}
#: The texts of notices, which are read as all content is.
SHARED_PARTS |= {"texts"}
#: Answers of the community that stand in lessons, what they rest on, and how threads are found.
SHARED_PARTS |= {"dependents", "step_answers", "finding"}
SHARED_PARTS |= {"circle_models", "match_models", "visit_models"}
#: What is printed: how a paper is made, and the plan that operators can have made again.
SHARED_PARTS |= {"paper", "handout_pdf", "plan", "plan_models"}
#: What people of the desk read and answer.
SHARED_PARTS |= {"replies", "reply_models", "rehearsals", "rehearsal_models"}
#: What operators look after in mentoring.
SHARED_PARTS |= {"appeals", "referral_queries"}
#: What mentors have to show for their work, which operators can have drawn again.
SHARED_PARTS |= {"impact", "statements", "statement_models"}
#: What waits around exams, which the desk lists.
SHARED_PARTS |= {"exam_desk", "marking_models", "twin_prints"}
#: What waits for staff, which the desk counts.
SHARED_PARTS |= {"pending"}
#: What many get at once, and whether it can be drawn again.
SHARED_PARTS |= {"batches", "redrawing"}
#: How a telephone number is typed.
SHARED_PARTS |= {"identifier"}
#: What a mentor is asked, which the first screen of a mentor shows.
SHARED_PARTS |= {"offered"}
FILE_LINES, FUNCTION_LINES, POSITIONAL = 400, 40, 5


def sources(folder: Path = PORTAL) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_imports_keep_the_contracts() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


def test_one_place_commits() -> None:
    found = [name(path) for path in sources() if ".commit()" in path.read_text(encoding="utf-8")]

    assert found == ["portal/core/db.py"]


@pytest.mark.parametrize("path", list(sources()), ids=name)
def test_files_and_functions_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES
    for function in functions(path):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= FUNCTION_LINES, f"{function.name} has {length} lines: a name is missing"
        assert len(function.args.args) <= POSITIONAL, f"{function.name}: make the rest keyword-only"


def test_every_static_file_is_used() -> None:
    users = [*sources(), *PORTAL.rglob("*.html")]
    said = "".join(path.read_text(encoding="utf-8") for path in users)

    assert [path.name for path in (PORTAL / "static").iterdir() if path.name not in said] == []


def test_imports_stand_at_the_top() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in sources()
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]

    assert found == []


def test_another_domain_is_reached_through_its_open_parts_only() -> None:
    found = []
    for path in sources():
        parts = path.relative_to(PORTAL).parts
        if parts[0] not in DOMAINS:
            continue
        for module in re.findall(r"^(?:from|import) portal\.(\w+(?:\.\w+)?)", path.read_text("utf-8"), re.M):
            domain, _, part = module.partition(".")
            if domain in DOMAINS and domain != parts[0] and part and part not in SHARED_PARTS:
                found.append(f"{name(path)} -> {module}")

    assert found == []


def kind_of(module: str) -> str:
    """Return what a module is by its name, ``views`` for ``circle_views``; empty for rules."""
    last = module.rpartition(".")[2]
    return next(
        (kind for kind in ("views", "forms", "jobs", "cli") if last in {kind} or last.endswith(f"_{kind}")),
        "",
    )


def imported(path: Path) -> Iterator[str]:
    """Yield the modules a file imports, and what it takes from them, which may be modules too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_views_ask_queries_forms_know_shapes_and_nobody_else_reaches_for_either() -> None:
    """By the names of modules, so that a new room is held to it without a list."""
    found = []
    for path in sources():
        parts = path.relative_to(PORTAL).parts
        if parts[0] not in DOMAINS:
            continue
        kind = kind_of(path.stem)
        for module in imported(path):
            target = kind_of(module) if module.startswith("portal.") and module.count(".") == 2 else ""
            is_sql = module.partition(".")[0] == "sqlalchemy" and kind in {"views", "forms"}
            last = module.rpartition(".")[2]
            is_row = (
                kind == "forms"
                and module.startswith("portal.")
                and last in {"models", "operations", "queries"}
            )
            is_reached = (kind, target) in {("views", "views"), ("views", "forms"), ("forms", "forms")}
            if is_sql or is_row or (target and not is_reached):
                found.append(f"{name(path)} -> {module}")

    assert found == []


def test_init_files_hold_a_docstring_only() -> None:
    found = [
        name(path)
        for path in PORTAL.rglob("__init__.py")
        if len(ast.parse(path.read_text(encoding="utf-8")).body) > 1
    ]

    assert found == []


def test_each_domains_templates_stand_in_a_folder_of_its_name() -> None:
    found = [
        str(path.relative_to(PORTAL))
        for domain in DOMAINS
        for path in (PORTAL / domain / "templates").iterdir()
        if path.name != domain
    ]

    assert found == []


def test_templates_carry_no_style_script_handler_or_foreign_address() -> None:
    forbidden = re.compile(
        r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*(?:\bsrc=|type="application/ld\+json"))|(?:src|href)=["']https?:"""
    )
    found = [
        f"{path.relative_to(PORTAL)}: {match.group()}"
        for path in PORTAL.rglob("*.html")
        for match in forbidden.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_every_class_a_template_names_is_in_the_style_sheet() -> None:
    sheet = (PORTAL / "static" / "portal.css").read_text(encoding="utf-8")
    known = set(re.findall(r"\.([a-z][\w-]*)", sheet))
    found = {
        f"{path.relative_to(PORTAL)}: {word}"
        for path in PORTAL.rglob("*.html")
        for attribute in re.findall(r'class="([^"{%]*)"', path.read_text(encoding="utf-8"))
        for word in attribute.split()
        if word not in known
    }

    assert found == set()


def test_every_test_function_is_a_test_a_fixture_or_called() -> None:
    for path in sources(ROOT / "tests"):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if not isinstance(node, ast.FunctionDef) or not path.name.startswith("test_"):
                continue
            is_fixture = any("fixture" in ast.unparse(mark) for mark in node.decorator_list)
            is_used = len(re.findall(rf"\b{node.name}\b", text)) > 1
            assert node.name.startswith("test_") or is_fixture or is_used, f"{name(path)}: {node.name}"


def test_nothing_of_ours_is_mocked() -> None:
    found = [
        name(path)
        for path in sources(ROOT / "tests")
        if path != Path(__file__)
        and re.search(r"unittest\.mock|mock\.patch|monkeypatch\.setattr", path.read_text("utf-8"))
    ]

    assert found == []


#: Each holds what the one before it holds.
LOCKS = ("requirements.lock", "requirements-matching.lock", "requirements-dev.lock")


def test_every_dependency_stands_in_its_lock_and_in_the_decision() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run_time = project["project"]["dependencies"]
    groups = project["dependency-groups"]
    development = [line for line in groups["dev"] if isinstance(line, str)]
    locks = [(ROOT / lock).read_text(encoding="utf-8") for lock in LOCKS]
    decision = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8").lower()

    for first_lock, requirements in enumerate((run_time, groups["matching"], development)):
        for requirement in requirements:
            named = re.split(r"[\[<>=; ]", requirement)[0].lower()
            for lock in locks[first_lock:]:
                assert re.search(rf"^{re.escape(named)}(\[[a-z,]+\])?==", lock, re.M), named
            assert named in decision


def test_the_locks_name_hashes_and_no_address() -> None:
    for lock in LOCKS:
        text = (ROOT / lock).read_text(encoding="utf-8")

        assert "--hash=sha256:" in text
        assert "://" not in text


#: What speaks English: whole packages and modules, in which every sentence is marked.
SPEAKS_ENGLISH = (
    *("web", "practice/choice.py", "practice/order.py", "practice/match.py", "practice/text.py"),
    *("practice/number.py", "practice/photo.py", "practice/checklist.py", "practice/reply.py"),
    *("practice/typed.py", "practice/word_rules.py", "practice/arithmetic.py", "courses/views.py"),
    *("courses/sheet.py", "courses/markup.py", "courses/facts.py", "courses/catalogue.py"),
    *("accounts/views.py", "accounts/codes.py", "accounts/limits.py", "accounts/identifier.py"),
)
#: What is Korean in them and is no sentence: what people type, and a mark of the writing.
NOT_SAID = {"practice/typed.py": {"COUNTERS", "_DECIMAL", "_AMOUNT", "amount"}}
NOT_SAID |= {"practice/checklist.py": {"reference_answer"}, "web/shell.py": {"_KEPT_SPACE", "_KEPT_EDGE"}}
_HANGUL = re.compile("[가-힣]")


def _owner(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> set[str]:
    """Return the names of what a constant stands in: assignments and functions."""
    names = set()
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names.add(node.targets[0].id)
    return names


@pytest.mark.parametrize("part", SPEAKS_ENGLISH)
def test_every_sentence_of_what_speaks_english_is_marked(part: str) -> None:
    found = []
    for path in sources(PORTAL / part) if (PORTAL / part).is_dir() else [PORTAL / part]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            above = parents[node]
            is_marked = (
                isinstance(above, ast.Call) and isinstance(above.func, ast.Name) and above.func.id in MARKS
            )
            allowed = NOT_SAID.get(path.relative_to(PORTAL).as_posix(), set())
            is_said = _HANGUL.search(node.value) and not isinstance(above, ast.Expr)
            if is_said and not is_marked and not _owner(node, parents) & allowed:
                found.append(f"{name(path)}:{node.lineno}: {node.value}")

    assert found == []
