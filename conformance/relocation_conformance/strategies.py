"""Image names to relocate, as hypothesis draws them: many to a bundle, as bundles are dear.

All that is drawn is JSON, so that a record can hold it.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from relocation_conformance.references import LONGEST_REPOSITORY, repository

DOMAINS = ("docker.io", "gcr.io", "localhost", "localhost:5000", "registry.example.com:8443")
MANY = 32
"""Names in a bundle, at least: a process for each name would take minutes."""


def components() -> SearchStrategy[str]:
    """Components of a path, with every separator that the grammar allows."""
    words = st.text("abcxyz0189", min_size=1, max_size=5)
    separators = st.sampled_from([".", "_", "__", "-", "--", "---"])
    tails = st.lists(st.tuples(separators, words).map("".join), max_size=2).map("".join)
    return st.tuples(words, tails).map("".join)


def repositories() -> SearchStrategy[str]:
    """Repositories, `domain/path` and short-hands, up to the longest that may be."""
    paths = st.lists(components(), min_size=1, max_size=6).map("/".join)
    # Without a domain, the first component must not look like one.
    bare = st.tuples(st.text("abcxyz", min_size=1, max_size=6), paths).map("/".join)
    full = st.tuples(st.sampled_from(DOMAINS), paths).map("/".join)
    return st.one_of(full, bare, st.text("abcxyz", min_size=1, max_size=8), long_repositories())


def long_repositories() -> SearchStrategy[str]:
    """Repositories that are too long to be kept whole under any prefix."""
    paths = st.lists(components(), min_size=12, max_size=60).map("/".join)
    return paths.map(lambda path: f"gcr.io/{path}"[:LONGEST_REPOSITORY].rstrip("/._-"))


def distinct_repositories() -> SearchStrategy[list[str]]:
    """Many repositories, no two of which are the same."""
    return st.lists(
        repositories(), min_size=MANY, max_size=2 * MANY, unique_by=lambda name: repository(name)
    )


def tags() -> SearchStrategy[str]:
    """Tags, with every character that the grammar allows, up to the longest that may be."""
    first = st.sampled_from("abzABZ019_")
    return st.tuples(first, st.text("abzABZ019_.-", max_size=127)).map("".join)


def names(digests: Sequence[str]) -> SearchStrategy[list[str]]:
    """Many names of distinct repositories: bare, or with a tag, or one of *digests*, or both."""

    def completed(drawn: tuple[str, str | None, str | None]) -> str:
        name, tag, digest = drawn
        return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")

    digest = st.none() | st.sampled_from(digests)
    drawn = st.tuples(repositories(), st.none() | tags(), digest)
    return st.lists(
        drawn, min_size=MANY, max_size=2 * MANY, unique_by=lambda each: repository(each[0])
    ).map(lambda many: [completed(each) for each in many])


def equivalents() -> SearchStrategy[list[str]]:
    """Spellings of one repository of Docker Hub."""
    word = st.text("abcxyz0189", min_size=1, max_size=8).filter(lambda text: not text.isdigit())
    official = word.map(lambda name: [name, f"library/{name}", *_on_hub(f"library/{name}")])
    owned = st.tuples(word, word).map("/".join).map(lambda name: [name, *_on_hub(name)])
    return official | owned


def _on_hub(path: str) -> tuple[str, str]:
    return f"docker.io/{path}", f"index.docker.io/{path}"
