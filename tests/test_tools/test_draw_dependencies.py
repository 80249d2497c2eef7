import re
from xml.etree import ElementTree

from command_checks import load_script


def test_the_picture_has_all_rooms_and_imports(repository, tmp_path):
    tool = load_script(repository / 'tools/misc/draw_dependencies.py')
    rooms = tool.read_floors()
    folders = {path.parent.name for path in repository.glob('hamuco_mm/*/__init__.py')}
    assert set(rooms) == folders
    edges = tool.read_imports(rooms)
    assert ('models', 'geometry') in edges
    root = ElementTree.fromstring(tool.draw(rooms, edges))
    shown = [node.text for node in root.iter() if node.tag.endswith('text')]
    assert shown == rooms
    arrows = [node for node in root.iter() if re.search('path$', node.tag)]
    assert len(arrows) == len(edges) + 1  # and the tip


def test_edges_with_a_detour_are_not_needed(repository):
    needed = load_script(repository / 'tools/misc/draw_dependencies.py').needed
    detour = ('a', 'd')
    chain = {('a', 'b'), ('b', 'c'), ('c', 'd')}
    assert needed({*chain, detour}) == chain
