"""Pages below other pages in the site's contents.

A directive in the page itself would show as code on GitHub, so that the contents
of such a page are added when the site is built.
"""

from sphinx.application import Sphinx


def add_contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Sphinx calls this for each page that it reads."""
    children = app.config.page_tree.get(name)
    if children:
        pages = '\n'.join(f'/{child}' for child in children)
        source[0] += f'\n\n```{{toctree}}\n:hidden:\n\n{pages}\n```\n'


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.add_config_value('page_tree', {}, 'env', dict)
    app.connect('source-read', add_contents)
    return dict(parallel_read_safe=True, parallel_write_safe=True)
