"""Brings texts from outside of docs into the site: README as its first page, and each file that a page links to, at its own path.

Of two pictures NAME-light.png and NAME-dark.png the page shows the one of its own mode.
"""

import pathlib
import re

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = {"index.md": "README.md", **{name: name for name in ["CONTRIBUTING.md", "CHANGELOG.md", "deploy/spark/README.md"]}}
LINK = re.compile(r"\]\(([^)\s#]+)")
PICTURE = re.compile(r"(!\[[^]]*\]\([^)\s]*?(\w+)-)light(\.png)\)")


def linked(text, origin, uri):
    """The text of the file `origin` with links as in the site, where docs is the top as well as the project, and where they lead."""

    def link(match):
        target = (origin.parent / match[1]).resolve()
        if not target.exists():
            return match[0]
        path = target.relative_to(ROOT)
        path = path.relative_to("docs") if path.parts[0] == "docs" else path
        targets.append("index.md" if path.as_posix() == "README.md" else path.as_posix())
        return "](" + "../" * uri.count("/") + targets[-1]

    targets = []
    return LINK.sub(link, text), targets


def on_files(files, config):
    origins = [(ROOT / "docs" / file.src_uri, file.src_uri) for file in files.documentation_pages()]
    for uri, name in PAGES.items():
        origins.append((ROOT / name, uri))
        files.append(File.generated(config, uri, content=linked((ROOT / name).read_text("utf-8"), ROOT / name, uri)[0]))
    for origin, uri in origins:
        for target in linked(origin.read_text("utf-8"), origin, uri)[1]:
            if (ROOT / target).is_file() and target not in files.src_uris:
                files.append(File.generated(config, target, abs_src_path=str(ROOT / target)))
    return files


def in_both_modes(match):
    if not (ROOT / "docs/pictures" / f"{match[2]}-dark.png").exists():
        return match[0]
    return "".join(f"{match[1]}{mode}{match[3]}#only-{mode})" for mode in ("light", "dark"))


def on_page_markdown(markdown, page, **_):
    uri = page.file.src_uri
    return PICTURE.sub(in_both_modes, markdown if uri in PAGES else linked(markdown, ROOT / "docs" / uri, uri)[0])
