"""NAME: how the name of a relocated image is made."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry_fixtures.bundles import Bundle, thick_bundle
from registry_fixtures.images import image, layers
from relocation_conformance.arrivals import relocated
from relocation_conformance.destination import Destination
from relocation_conformance.published import published_name
from relocation_conformance.references import LONGEST_REPOSITORY, parse, repository
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.strategies import (
    distinct_repositories,
    equivalents,
    long_repositories,
    names,
    tags,
)
from relocation_conformance.suite.relocated_names import reference_of, repository_of
from relocation_conformance.targets import Target

# Names are the matter here, so one small image serves them all.
IMAGE = image(layers(1))

LOOKALIKES = [
    "r.example.com/a/b-c",
    "r.example.com/a-b/c",
    "r.example.com/a/b/c",
    "r.example.com/a-b-c",
    "r.example.com/a--b/c",
    "r.example.com:443/a/b/c",
    "q.example.com/a/b/c",
    "library/a-b-c",
    "a-b/c",
    "localhost/a/b/c",
    "localhost:5000/a/b/c",
]


def bundle_of(names: list[str]) -> Bundle:
    """A thick bundle in which every name stands for the image."""
    return thick_bundle(*((name, IMAGE) for name in names))


@requirement("NAME-1")
@given(names=names([IMAGE.digest]))
def test_a_relocated_name_starts_with_the_prefix(
    target: Target, destination: Destination, names: list[str]
) -> None:
    """Every relocated name starts with the repository prefix, followed by a slash."""
    here = destination.afresh()

    done = relocated(target, bundle_of(names), to=here)

    elsewhere = [n for n in names if not done.mapping[n].startswith(f"{here.prefix}/")]
    assert elsewhere == []


@requirement("NAME-2")
@given(repositories=distinct_repositories(), tag=tags())
def test_tag_and_digest_do_not_count_for_the_repository(
    target: Target, destination: Destination, repositories: list[str], tag: str
) -> None:
    """x, x:t, x@d and x:t@d are relocated to one repository."""
    ends = ("", f":{tag}", f"@{IMAGE.digest}", f":{tag}@{IMAGE.digest}")
    spelled = {name: [name + end for end in ends] for name in repositories}
    bundle = bundle_of([full for names in spelled.values() for full in names])

    done = relocated(target, bundle, to=destination.afresh())

    for name, full in spelled.items():
        assert {repository_of(done.mapping[each]) for each in full} == {
            repository_of(done.mapping[name])
        }


@requirement("NAME-3")
@given(names=names([IMAGE.digest]))
def test_a_tag_is_kept(target: Target, destination: Destination, names: list[str]) -> None:
    """A relocated name has the tag of the original name, and none where that has none."""
    done = relocated(target, bundle_of(names), to=destination.afresh())

    lost = {n: done.mapping[n] for n in names if reference_of(done.mapping[n]).tag != parse(n).tag}
    assert lost == {}


@requirement("NAME-4")
@given(repositories=distinct_repositories())
@example(repositories=LOOKALIKES)
def test_source_repositories_never_share_a_destination(
    target: Target, destination: Destination, repositories: list[str]
) -> None:
    """Two source repositories never share one destination repository."""
    done = relocated(target, bundle_of(repositories), to=destination.afresh())

    landed = Counter(repository_of(done.mapping[name]) for name in repositories)
    shared = [place for place, number in landed.items() if number > 1]
    assert shared == []


@requirement("NAME-5")
@given(groups=st.lists(equivalents(), min_size=8, max_size=16))
def test_equivalent_names_share_a_destination(
    target: Target, destination: Destination, groups: list[list[str]]
) -> None:
    """ubuntu, library/ubuntu and docker.io/library/ubuntu are relocated to one repository."""
    spellings = list(dict.fromkeys(name for group in groups for name in group))

    done = relocated(target, bundle_of(spellings), to=destination.afresh())

    for group in groups:
        assert len({repository_of(done.mapping[name]) for name in group}) == 1, group


@requirement("NAME-6")
@given(
    repositories=st.lists(long_repositories(), min_size=8, max_size=16, unique_by=repository),
    depth=st.integers(min_value=0, max_value=160),
)
@example(repositories=[f"gcr.io/{'a' * 248}", f"gcr.io/a/{'b' * 246}"], depth=0)
def test_a_long_name_stays_a_valid_name(
    target: Target, destination: Destination, repositories: list[str], depth: int
) -> None:
    """A relocated name is a valid reference, with at most 255 characters in its repository."""
    here = destination.afresh().below("p" * (depth + 1))

    done = relocated(target, bundle_of(repositories), to=here)

    for name in repositories:
        assert len(repository_of(done.mapping[name])) <= LONGEST_REPOSITORY


@requirement("NAME-7")
@given(names=names([IMAGE.digest]))
def test_a_digest_is_kept(target: Target, destination: Destination, names: list[str]) -> None:
    """A relocated name has the digest of the original name, and none where that has none."""
    done = relocated(target, bundle_of(names), to=destination.afresh())

    lost = {
        n: done.mapping[n] for n in names if reference_of(done.mapping[n]).digest != parse(n).digest
    }
    assert lost == {}


@requirement("NAME-8")
@given(names=names([IMAGE.digest]))
def test_a_name_is_the_published_one(
    target: Target, destination: Destination, names: list[str]
) -> None:
    """A relocated name is the flattened path and the MD5 of the repository, under the prefix."""
    here = destination.afresh()

    done = relocated(target, bundle_of(names), to=here)

    expected = {name: published_name(name, here.prefix) for name in names}
    assert {name: done.mapping[name] for name in names} == expected


@requirement("NAME-9")
@pytest.mark.parametrize(
    "name",
    [
        "example.com/Capital/letters:v1",
        "example.com//empty:v1",
        "example.com/app:",
        "example.com/app:-v1",
        "example.com/app@sha256:abc",
        "example.com/../up:v1",
        "example.com/trailing-:v1",
        "example.com/white space:v1",
    ],
)
def test_a_malformed_name_is_refused(target: Target, destination: Destination, name: str) -> None:
    """A bundle with a name that the grammar of image references does not allow is refused."""
    twin = bundle_of(["example.com/app:v1"])
    malformed = twin.edited(lambda bundle: bundle["invocationImages"][0].update(image=name))

    relocation = target.relocate(malformed, to=destination)

    assert_refused(relocation, twin=target.relocate(twin, to=destination), met=None)


@requirement("NAME-10")
@given(names=names([IMAGE.digest]))
def test_a_name_lands_where_it_landed_before(
    target: Target, destination: Destination, names: list[str]
) -> None:
    """A name is relocated to the same name in every run and beside any other images."""
    here = destination.afresh()
    alone = names[::2]

    first = relocated(target, bundle_of(names), to=here)
    second = target.relocate(bundle_of(alone), to=here)

    moved = {n: second.mapping[n] for n in alone if second.mapping[n] != first.mapping[n]}
    assert moved == {}
