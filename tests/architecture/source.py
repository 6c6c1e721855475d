"""The product's own source, as trees: what the tests of this folder read."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Each room may import itself and what stands after it.
ORDER = [
    "seeds",
    "tracker.config",
    "tracker.reports",
    "tracker.reminders",
    "tracker.partners",
    "tracker.visits",
    "tracker.actions",
    "tracker.plans",
    "tracker.inspections",
    "tracker.privacy",
    "tracker.doors",
    "accounts",
    "tracker.dates",
    "tracker.audit",
    "tracker.govuk",
]


@cache
def files() -> list[Path]:
    """Every Python file of the product, migrations included."""
    found = [path for top in ("seeds", "accounts", "tracker") for path in (ROOT / top).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found if "__pycache__" not in path.parts)


@cache
def templates() -> list[Path]:
    """Every template of the product."""
    found = [path for top in ("accounts", "tracker") for path in (ROOT / top).rglob("templates/**/*") if path.is_file()]
    return sorted(path.relative_to(ROOT) for path in found)


@cache
def tree_of(path: Path) -> ast.Module:
    tree = ast.parse((ROOT / path).read_text(), str(path))
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    return tree


def room_of(module: str) -> str | None:
    """Return the room of a dotted name, or None for what is not in one."""
    return next((room for room in ORDER if module == room or module.startswith(f"{room}.")), None)


def module_of(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted name of everything a file imports, inside functions too."""
    package = module_of(path.parent / "x").rpartition(".")[0]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for name in node.names:
                yield node.lineno, f"{base}.{name.name}"


def calls_of(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Yield every call of a file with the last part of the name that is called."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = node.func
            name = (
                called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            )
            yield node, name


def chain_of(node: ast.AST) -> list[str]:
    """Return the names along a chain such as `Action.objects.filter(…).order_by(…)`, from any link of it."""
    top = node
    while isinstance(parent := getattr(top, "parent", None), (ast.Attribute, ast.Call)) and _continues(parent, top):
        top = parent
    names = []
    while isinstance(top, (ast.Attribute, ast.Call)):
        if isinstance(top, ast.Attribute):
            names.append(top.attr)
        top = top.value if isinstance(top, ast.Attribute) else top.func
    return names


def _continues(parent: ast.AST, child: ast.AST) -> bool:
    return parent.value is child if isinstance(parent, ast.Attribute) else parent.func is child  # type: ignore[attr-defined]


def outermost(node: ast.AST) -> ast.AST:
    """Return the whole chain that a link is part of."""
    while isinstance(parent := getattr(node, "parent", None), (ast.Attribute, ast.Call)) and _continues(parent, node):
        node = parent
    return node


def inside(node: ast.AST, *kinds: type[ast.AST]) -> ast.AST | None:
    """Return the nearest thing of a kind around a node."""
    while node is not None and not isinstance(node, kinds):
        node = getattr(node, "parent", None)  # type: ignore[assignment]
    return node


def receiver_names(call: ast.Call) -> set[str]:
    """Return the names along the chain on which a method is called."""
    names = set()
    node: ast.AST = call.func
    while True:
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            break
    if isinstance(node, ast.Name):
        names.add(node.id)
    return names


def place(path: Path, node: ast.AST) -> str:
    return f"{path}:{node.lineno}"  # type: ignore[attr-defined]
