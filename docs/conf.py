"""Sphinx reads this; ``bash tools/build_docs.sh`` calls Sphinx."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / '_ext')]

import hamuco_mm  # noqa: E402

project = 'hamuco_mm'
author = 'the hamuco_mm maintainers'
copyright = author
version = release = hamuco_mm.__version__

extensions = [
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinx.ext.viewcode',
    'sphinx_copybutton',
    'sphinx_design',
    # ours, in _ext/
    'api_pages',
    'config_reference',
    'page_tree',
    'python_names',
    'repository_files',
]
# Names beginning with an underscore are parts of other pages.
exclude_patterns = ['_build', '_ext', '_[!g]*.md']
nitpicky = True  # a reference that leads nowhere is a warning

page_tree = {
    'datasets/README': [
        'datasets/freihand',
        'datasets/interhand',
        'datasets/dexycb',
        'datasets/ho3d',
        'datasets/h2o',
        'datasets/assemblyhands',
    ],
    'model_zoo': ['photo_weights', 'self_supervised_weights', 'demo_weights'],
}

myst_enable_extensions = ['colon_fence', 'deflist']
myst_heading_anchors = 4  # the anchors that GitHub makes, too

autodoc_member_order = 'bysource'
autodoc_default_options = {
    'members': True,
    'special-members': '__call__',
    'ignore-module-all': True,  # what a module defines, not what it hands on
}
autodoc_inherit_docstrings = False
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
# Types in docstrings are words, those in signatures are links.
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_custom_sections = [('Attributes', 'params_style')]
# Where names are looked for that a docstring uses and its module does not import.
python_names_modules = [
    'mmengine.dataset',
    'mmengine.evaluator',
    'mmengine.runner',
    'mmengine.structures',
    'mmpose.datasets.datasets.base',
    'mmpose.datasets.transforms',
    'mmpose.engine.hooks',
    'mmpose.models',
    'mmpose.structures',
    'mmpose.visualization',
]

html_theme = 'furo'
html_title = 'hamuco_mm'
html_static_path = ['_static']
html_css_files = ['site.css']
html_copy_source = False
html_show_sphinx = False
copybutton_exclude = '.linenos, .gp, .go'
