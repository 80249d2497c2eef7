"""Links to files outside docs/ lead to a page that shows the file.

On GitHub ``[config](../configs/hamuco_demo.py)`` opens the file. On the site it opens
a page with the same text: Markdown as it is, everything else as code.
"""

import os
import re
from pathlib import Path

from api_pages import write_if_changed
from sphinx.application import Sphinx

FOLDER = '_generated/files'
_LINK = re.compile(r'(\]\()([^)\s:#]+)(#[^)\s]*)?(?=\))')
_LANGUAGES = {'.py': 'python', '.sh': 'bash', '.yml': 'yaml', '.cff': 'yaml'}


class RepositoryFiles:
    """Rewrites links and writes the pages that they lead to.

    Args:
        docs (Path): The folder of the site's pages, in the repository's root.
    """

    def __init__(self, docs: Path):
        self.docs = docs
        self.root = docs.parent
        self.written = set()

    def rewrite(self, text: str, page: Path) -> str:
        """Text of the Markdown file ``page`` with the site's links."""

        def site_link(match: re.Match) -> str:
            target = Path(os.path.normpath(page.parent / match[2]))
            if not target.is_file() or not target.is_relative_to(self.root):
                return match[0]
            if target.is_relative_to(self.docs):
                if not page.is_relative_to(self.docs):
                    name = target.relative_to(self.docs)
                    return f'{match[1]}/{name}{match[3] or ""}'
                return match[0]
            self.write(target)
            name = self.page_of(target).relative_to(self.docs)
            return f'{match[1]}/{name}{match[3] or ""}'

        return _LINK.sub(site_link, text)

    def write(self, file: Path) -> None:
        """The page that shows a file; it may link to others."""
        if file in self.written:
            return
        self.written.add(file)
        name, text = file.relative_to(self.root), file.read_text()
        if file.suffix == '.md':
            shown = self.rewrite(text, file)
        else:
            language = _LANGUAGES.get(file.suffix, 'text')
            shown = f'# {file.name}\n\n`{name}`\n\n````{language}\n{text}````\n'
        write_if_changed(self.page_of(file), f'---\norphan: true\n---\n\n{shown}')

    def page_of(self, file: Path) -> Path:
        """Where the page that shows a file is."""
        name = file.relative_to(self.root)
        end = '' if file.suffix == '.md' else '.md'
        return self.docs / FOLDER / f'{name}{end}'


def prepare(app: Sphinx) -> None:
    """Write the pages before Sphinx looks which there are."""
    files = app.repository_files = RepositoryFiles(Path(app.srcdir))
    for page in files.docs.rglob('*.md'):
        if not page.relative_to(files.docs).parts[0].startswith('_'):
            files.rewrite(page.read_text(), page)
    pages = {files.page_of(file) for file in files.written}
    for page in (files.docs / FOLDER).rglob('*.md'):
        if page not in pages:
            page.unlink()


def rewrite_links(app: Sphinx, name: str, source: list[str]) -> None:
    """Sphinx calls this for each page that it reads."""
    page = Path(app.env.doc2path(name))
    if page.suffix == '.md' and not name.startswith('_generated'):
        source[0] = app.repository_files.rewrite(source[0], page)


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.connect('builder-inited', prepare)
    app.connect('source-read', rewrite_links)
    return dict(parallel_read_safe=True, parallel_write_safe=True)
