"""Draws who imports whom into docs/architecture.md, and looks for circles among the imports.

`python scripts/draw_imports.py` writes the picture, `--check` says whether the committed one is the present one, and
`--circles` prints every circle at the level of files, folders and rooms. Imports within functions count.
"""

import argparse
import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- imports: drawn by `make picture` -->", "<!-- end of imports -->"
PACKAGES = {"advisor": ROOT, "advisor_rules": ROOT / "rules", "advisor_agents": ROOT / "agents"}

Graph = Mapping[str, set[str]]


def file_graph() -> Graph:
    """Every module of the three packages, and the modules it imports; a package's name stands for its `__init__`."""
    files = {name: path for package, home in PACKAGES.items() for name, path in _modules(home / package, home)}
    return {
        name: {found for wanted in _imports(path, name) if (found := _known(wanted, files)) and found != name}
        for name, path in sorted(files.items())
    }


def _modules(folder: Path, home: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*.py"):
        parts = path.relative_to(home).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _imports(path: Path, module: str) -> Iterator[str]:
    """Dotted names; of `from a import b` both a.b and, should that be no module, a."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{module} has a relative import in line {node.lineno}; write its whole name")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _known(wanted: str, files: Iterable[str]) -> str:
    """The longest beginning of `wanted` that is a module of ours, "" for other people's."""
    while wanted and wanted not in files:
        wanted = wanted.rpartition(".")[0]
    return wanted


def room_of(module: str) -> str:
    """advisor's second level; the rules and the agents are one room each."""
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] if package == "advisor" else package


def folder_of(module: str, files: Iterable[str]) -> str:
    """The package that `module` lies in, which is itself for a package's `__init__`; what lies directly in advisor/ is
    a room of its own."""
    is_package = any(other.startswith(f"{module}.") for other in files)
    parent = module.rpartition(".")[0]
    return module if is_package or parent == "advisor" else parent


def room_graph(files: Graph) -> Graph:
    return _merged(files, {module: room_of(module) for module in files})


def folder_graph(files: Graph) -> Graph:
    """Without what an `__init__` imports: it is its folder's table of contents, and stands above what lies in it."""
    homes = {module: folder_of(module, files) for module in files}
    return _merged({module: set() if homes[module] == module else wanted for module, wanted in files.items()}, homes)


def _merged(files: Graph, homes: Mapping[str, str]) -> Graph:
    graph: dict[str, set[str]] = {home: set() for home in sorted(homes.values()) if home}
    for module, wanted in files.items():
        if homes[module]:
            graph[homes[module]] |= {homes[other] for other in wanted} - {homes[module], ""}
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """The sets of nodes that reach one another, each sorted; none when the imports run one way."""
    reached = {node: reachable(node, graph) for node in graph}
    knots = {tuple(sorted({node} | {other for other in reached[node] if node in reached[other]})) for node in graph}
    return sorted(list(knot) for knot in knots if len(knot) > 1)


def reachable(start: str, graph: Graph) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(graph[node])
    return found


def reduced(graph: Graph) -> Graph:
    """Without the arrows that a longer way along other arrows says already. Only for a graph without circles."""
    return {
        node: {one for one in wanted if not any(one in reachable(other, graph) for other in wanted - {one})}
        for node, wanted in graph.items()
    }


def layers() -> str:
    """The rooms of `advisor` from top to bottom, as the import contract of pyproject.toml has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (contract,) = (one for one in contracts if one["type"] == "layers" and one["containers"] == ["advisor"])
    return "\n".join(["```text", *contract["layers"], "```"])


def picture() -> str:
    """A Mermaid flowchart of the rooms with the fewest arrows that say it all, and the whole list below it."""
    rooms = room_graph(file_graph())
    arrows = [f"    {room} --> {other}" for room, wanted in reduced(rooms).items() for other in sorted(wanted)]
    named = " ".join(arrows).split()
    alone = [f"    {room}" for room in rooms if room not in named]
    rows = [f"| `{room}` | {_listed(wanted)} |" for room, wanted in rooms.items()]
    chart = ["```mermaid", "flowchart TD", *arrows, *alone, "```"]
    return "\n".join([*chart, "", "| room | imports |", "|---|---|", *rows])


def _listed(rooms: Iterable[str]) -> str:
    return ", ".join(f"`{room}`" for room in sorted(rooms)) or "-"


def drawn_into(page: str) -> str:
    """`page` with the present picture between the two markers. Raises ValueError when they are not there."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} lacks the lines {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{layers()}\n\n{picture()}\n\n{END}{tail}"


def main() -> int:
    """0: all is well; 1: the committed picture is not the present one, or there is a circle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when the picture is out of date")
    parser.add_argument("--circles", action="store_true", help="print the circles; 1 when there is one")
    chosen = parser.parse_args()
    if chosen.circles:
        files = file_graph()
        levels = {"files": files, "folders": folder_graph(files), "rooms": room_graph(files)}
        found = [f"{level}: {' <-> '.join(knot)}" for level, graph in levels.items() for knot in circles(graph)]
        sys.stdout.write("\n".join([*found, ""]))
        return 1 if found else 0
    page = PAGE.read_text(encoding="utf-8")
    present = drawn_into(page)
    if chosen.check:
        return 0 if page == present else 1
    PAGE.write_text(present, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
