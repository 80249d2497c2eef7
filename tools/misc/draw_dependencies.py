"""Draw which room of the package imports which, as an SVG.

The floors are those of ``setup.cfg``, the imports those of the source. Dark
arrows have no detour: there is no other way between the two rooms. Needs
``pip install -e ".[lint]"``.

    python tools/misc/draw_dependencies.py docs/images/dependencies.svg
"""

import argparse
import sys
from configparser import ConfigParser
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import _interruption  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = 'hamuco_mm'
BOX_WIDTH, BOX_HEIGHT, STEP = 132, 26, 46
LEFT, TOP, WIDTH = 250, 16, 640

Edges = set[tuple[str, str]]


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('out', type=Path, help='the .svg file to write')
    return parser


def read_floors() -> list[str]:
    """The rooms, top floor first, as import-linter checks them."""
    config = ConfigParser()
    config.read(ROOT / 'setup.cfg')
    lines = config['importlinter:contract:floors']['layers'].split('\n')
    return [room for line in lines for room in line.replace('|', ' ').split()]


def read_imports(rooms: list[str]) -> Edges:
    """Pairs of rooms: the first imports from the second."""
    import grimp

    graph = grimp.build_graph(PACKAGE)
    edges = set()
    for room in rooms:
        name = f'{PACKAGE}.{room}'
        for module in (name, *graph.find_descendants(name)):
            for imported in graph.find_modules_directly_imported_by(module):
                target = (imported + '.').split('.')[1]
                if target in rooms and target != room:
                    edges.add((room, target))
    return edges


def needed(edges: Edges) -> Edges:
    """Edges of the transitive reduction: those without a detour."""
    targets: dict[str, set[str]] = {}
    for source, target in edges:
        targets.setdefault(source, set()).add(target)

    def reachable(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for target in targets.get(waiting.pop(), set()) - found:
                found.add(target)
                waiting.append(target)
        return found

    return {
        (source, target)
        for source, target in edges
        if not any(
            target in reachable(other) for other in targets[source] if other != target
        )
    }


def draw(rooms: list[str], edges: Edges) -> str:
    """The picture: a column of rooms, arrows from importer to imported."""
    places = {room: TOP + row * STEP for row, room in enumerate(rooms)}
    dark = needed(edges)
    height = 2 * TOP + (len(rooms) - 1) * STEP + BOX_HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        f' width="{WIDTH}" font-family="sans-serif" font-size="13">',
        '<defs><marker id="tip" markerWidth="8" markerHeight="6" refX="7" refY="3"'
        ' orient="auto"><path d="M0,0 L8,3 L0,6 z" fill="context-stroke"/></marker>'
        '</defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]
    for edge in sorted(edges, key=lambda pair: (pair in dark, pair)):
        parts.append(_arrow(*(places[room] for room in edge), edge in dark))
    for room, y in places.items():
        parts.append(
            f'<rect x="{LEFT}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5"'
            ' fill="#eef3fa" stroke="#3b5b8c"/>'
            f'<text x="{LEFT + BOX_WIDTH / 2}" y="{y + 18}" text-anchor="middle">'
            f'{escape(room)}</text>'
        )
    return '\n'.join([*parts, '</svg>\n'])


def _arrow(start: int, end: int, dark: bool) -> str:
    """Dark arrows bend on the right, light ones on the left."""
    x = LEFT + BOX_WIDTH if dark else LEFT
    y1, y2 = start + BOX_HEIGHT / 2, end + BOX_HEIGHT / 2
    bend = 24 + 0.32 * abs(y2 - y1)
    bent = x + bend if dark else x - bend
    stroke, width = ('#24405f', 1.6) if dark else ('#b9c4d2', 0.8)
    return (
        f'<path d="M{x},{y1} C{bent:.0f},{y1} {bent:.0f},{y2} {x},{y2}" fill="none"'
        f' stroke="{stroke}" stroke-width="{width}" marker-end="url(#tip)"/>'
    )


def main() -> None:
    args = build_parser().parse_args()
    rooms = read_floors()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(draw(rooms, read_imports(rooms)))


if __name__ == '__main__':
    main()
