"""AUTH: who is shown which credentials, and who is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from registry_fixtures.auth import Anonymous, Basic, Token, Witness
from registry_fixtures.bundles import thin_bundle
from registry_fixtures.faults import Fault, Match, kind, method
from registry_fixtures.lures import lead_on, redirect_to, repeat_credentials, run_out
from registry_fixtures.shapes import multi_arch, single
from relocation_conformance.arrivals import relocated
from relocation_conformance.destination import Destination
from relocation_conformance.refusals import assert_refused
from relocation_conformance.requirements import requirement
from relocation_conformance.suite.logins import (
    HELPER,
    PASSWORD,
    USER,
    WRONG,
    assert_unseen,
    assert_untold,
    auths,
    helper,
    identity,
    login,
    secrets_of,
)
from relocation_conformance.suite.registries import Registries
from relocation_conformance.suite.ways import Side, Way, lines, on_each_side
from relocation_conformance.targets import Outcome, Target

Scheme = type[Basic] | type[Token]

of_each_scheme = pytest.mark.parametrize("scheme", [Basic, Token])


def assert_relocates(target: Target, way: Way, config: Mapping[str, object]) -> None:
    """Hold that the image goes all of *way* with *config*: that it was not refused before."""
    way.assert_arrived(target.relocate(way.bundle, to=way.destination, docker_config=config))


@requirement("AUTH-1")
@on_each_side
def test_basic_authentication_is_answered(
    target: Target, registries: Registries, side: Side
) -> None:
    """A registry that asks for Basic authentication gets the credentials of config.json."""
    way = Way.locked(registries, side, Basic(USER, PASSWORD))

    config = auths(login(way.there.host))
    done = target.relocate(way.bundle, to=way.destination, docker_config=config)

    way.assert_arrived(done)


@requirement("AUTH-2")
@on_each_side
def test_a_bearer_challenge_is_answered_with_a_token_from_its_realm(
    target: Target, registries: Registries, side: Side
) -> None:
    """A Bearer challenge is answered with a token of its service and scope, from its realm."""
    tokens = Token(USER, PASSWORD)
    way = Way.locked(registries, side, tokens)
    tokens.realm = f"{way.there.url}/auth/token"

    config = auths(login(way.there.host))
    done = target.relocate(way.bundle, to=way.destination, docker_config=config)

    way.assert_arrived(done)
    assert {each.path for each in way.there.recorder.matching(kind="token")} == {"/auth/token"}


@requirement("AUTH-2")
def test_a_realm_on_another_host_is_asked(target: Target, registries: Registries) -> None:
    """A token comes from the realm of a challenge on another host, as Docker Hub's do."""
    tokens = Token(USER, PASSWORD)
    way = Way.locked(registries, "source", tokens)
    realm = registries(auth=tokens)
    tokens.realm = f"{realm.url}/token"

    config = auths(login(way.there.host))
    done = target.relocate(way.bundle, to=way.destination, docker_config=config)

    if done.outcome is Outcome.REFUSED and not realm.recorder.exchanges:
        pytest.skip("the target asks for no token on another host that is no public one")
    way.assert_arrived(done)
    assert lines(way.there.recorder.matching(kind="token")) == []


@requirement("AUTH-3")
@of_each_scheme
def test_each_registry_is_given_its_own_credentials(
    target: Target, registries: Registries, scheme: Scheme
) -> None:
    """A source and a destination that both ask for credentials are each given their own."""
    way = Way.locked(registries, "source", scheme("ann", "one"), scheme("ben", "other"))

    config = auths(login(way.there.host, "ann", "one"), login(way.opposite.host, "ben", "other"))
    done = target.relocate(way.bundle, to=way.destination, docker_config=config)

    way.assert_arrived(done)


@requirement("AUTH-4")
@pytest.mark.parametrize(
    ("side", "scheme", "password"),
    [
        ("source", Basic, WRONG),
        ("source", Token, None),
        ("destination", Basic, None),
        ("destination", Token, WRONG),
    ],
    ids=["source, wrong", "source, none", "destination, none", "destination, wrong"],
)
def test_a_registry_that_stays_locked_is_refused(
    target: Target, registries: Registries, side: Side, scheme: Scheme, password: str | None
) -> None:
    """A registry that does not let the relocator in is refused."""
    way = Way.locked(registries, side, scheme(USER, PASSWORD))

    config = auths(login(way.there.host, USER, password) if password else {})
    refused = target.relocate(way.bundle, to=way.destination, docker_config=config)

    met = way.there.recorder.matching(status=401)
    config = auths(login(way.there.host))
    twin = target.relocate(way.bundle, to=way.destination.afresh(), docker_config=config)
    assert_refused(refused, twin=twin, met=met)


@requirement("AUTH-5")
@on_each_side
def test_credentials_for_one_registry_are_not_shown_to_another(
    target: Target, registries: Registries, side: Side
) -> None:
    """A registry that asks is not shown what there is for another of the same realm."""
    other = Witness(Basic("ben", "other"))
    way = Way.locked(registries, side, Basic(USER, PASSWORD), other)
    known, unknown = login(way.there.host), login(way.opposite.host, "ben", "other")

    target.relocate(way.bundle, to=way.destination, docker_config=auths(known))
    asked = way.opposite.recorder.matching(status=401)

    assert_relocates(target, way.afresh(), auths(known, unknown))
    assert asked
    assert_unseen(other, PASSWORD)


@requirement("AUTH-5")
def test_credentials_for_a_host_of_almost_that_name_are_not_shown(
    target: Target, registries: Registries
) -> None:
    """A registry is not shown what there is for its host without the port, or with another."""
    witness = Witness(Basic(USER, PASSWORD))
    way = Way.locked(registries, "destination", witness)
    host = way.there.host

    others = ("127.0.0.1", host[:-1], host.replace("127.0.0.1", "localhost"))
    config = auths(*(login(each, password=WRONG) for each in others))
    target.relocate(way.bundle, to=way.destination, docker_config=config)
    asked = way.there.recorder.matching(status=401)

    assert_relocates(target, way.afresh(), auths(login(host)))
    assert asked
    assert_unseen(witness, WRONG)


@requirement("AUTH-6")
@pytest.mark.parametrize(
    ("by", "host", "scheme"),
    [
        ("redirect", "localhost", Token),
        ("redirect", "127.0.0.1", Basic),  # at another port
        ("upload", "localhost", Basic),
        ("upload", "127.0.0.1", Token),
    ],
)
def test_credentials_are_not_taken_along_to_another_host(
    target: Target, registries: Registries, by: str, host: str, scheme: Scheme
) -> None:
    """A host that a redirect or an upload leads to is shown neither credentials nor tokens."""
    side: Side = "source" if by == "redirect" else "destination"
    auth, witness = scheme(USER, PASSWORD), Witness(Anonymous())
    way = Way.locked(registries, side, auth)
    elsewhere = registries(auth=witness, beside=way.there)
    origin = elsewhere.url.replace("127.0.0.1", host)
    away = Fault(redirect_to(origin), kind("blobs") & method("GET"))
    on = Fault(lead_on(origin), kind("uploads") & method("POST"))
    fault = way.there.faults.add(away if by == "redirect" else on)
    config = auths(login(way.there.host))

    target.relocate(way.bundle, to=way.destination, docker_config=config)

    way.there.faults.clear()
    assert_relocates(target, way.afresh(), config)
    assert fault.hits > 0
    assert_unseen(witness, *secrets_of(auth))


@requirement("AUTH-7")
@of_each_scheme
def test_nothing_secret_is_written(target: Target, registries: Registries, scheme: Scheme) -> None:
    """Neither a relocation nor a refusal writes passwords or tokens to output or mapping."""
    auth = scheme(USER, PASSWORD)
    way = Way.locked(registries, "destination", auth)
    host = way.there.host

    wrong = auths(login(host, USER, WRONG))
    refused = target.relocate(way.bundle, to=way.destination.afresh(), docker_config=wrong)
    met = way.there.recorder.matching(status=401)
    done = target.relocate(way.bundle, to=way.destination, docker_config=auths(login(host)))

    way.assert_arrived(done)
    assert_refused(refused, twin=done, met=met)
    assert_untold(done, *secrets_of(auth))
    assert_untold(refused, *secrets_of(auth, WRONG))


@requirement("AUTH-8")
@of_each_scheme
def test_secrets_that_a_registry_repeats_are_not_written(
    target: Target, registries: Registries, scheme: Scheme
) -> None:
    """An error that repeats passwords or tokens is not written as it is."""
    auth = scheme(USER, PASSWORD)
    way = Way.locked(registries, "destination", auth)
    fault = way.there.faults.add(Fault(repeat_credentials(), kind("manifests") & method("PUT")))
    config = auths(login(way.there.host))

    refused = target.relocate(way.bundle, to=way.destination, docker_config=config)

    way.there.faults.clear()
    twin = target.relocate(way.bundle, to=way.destination.afresh(), docker_config=config)
    assert_refused(refused, twin=twin, met=range(fault.hits))
    assert_untold(refused, *secrets_of(auth))


@requirement("AUTH-9")
@pytest.mark.parametrize("stored", [False, True], ids=["no config.json", "a store without any"])
def test_what_everybody_may_read_needs_no_credentials(
    target: Target, registries: Registries, folder: Path, stored: bool
) -> None:
    """An image that a registry gives to everybody is relocated by an anonymous token."""
    way = Way.locked(registries, "source", Token(USER, PASSWORD, anonymous_pull=True))

    done = target.relocate(
        way.bundle,
        to=way.destination,
        docker_config={"credsStore": HELPER} if stored else None,
        environment=helper(folder, "registry.example.com") if stored else None,
    )

    way.assert_arrived(done)


@requirement("AUTH-10")
@pytest.mark.parametrize("place", ["credHelpers", "credsStore"])
def test_credential_helpers_are_asked(
    target: Target, registries: Registries, folder: Path, place: str
) -> None:
    """Credentials come from the helper that config.json names for the registry, or for all."""
    way = Way.locked(registries, "destination", Basic(USER, PASSWORD))
    host = way.there.host

    done = target.relocate(
        way.bundle,
        to=way.destination,
        docker_config={place: {host: HELPER} if place == "credHelpers" else HELPER},
        environment=helper(folder, host),
    )

    way.assert_arrived(done)


@requirement("AUTH-11")
def test_an_identity_token_is_exchanged(target: Target, registries: Registries) -> None:
    """An identity token is exchanged for an access token at the realm of the challenge."""
    tokens = Token(USER, PASSWORD)
    way = Way.locked(registries, "destination", tokens)

    config = auths(identity(way.there.host, tokens.refresh_token()))
    done = target.relocate(way.bundle, to=way.destination, docker_config=config)

    way.assert_arrived(done)


@requirement("AUTH-11")
def test_an_identity_token_of_a_helper_is_exchanged(
    target: Target, registries: Registries, folder: Path
) -> None:
    """What a helper gives for the user <token> is exchanged for an access token."""
    tokens = Token(USER, PASSWORD)
    way = Way.locked(registries, "destination", tokens)

    done = target.relocate(
        way.bundle,
        to=way.destination,
        docker_config={"credHelpers": {way.there.host: HELPER}},
        environment=helper(folder, way.there.host, "<token>", tokens.refresh_token()),
    )

    way.assert_arrived(done)


@requirement("AUTH-12")
@pytest.mark.parametrize(
    ("side", "moment"),
    [
        ("source", kind("manifests") & method("GET")),
        ("destination", kind("manifests") & method("PUT")),
    ],
    ids=["source", "destination"],
)
def test_a_token_that_runs_out_is_replaced(
    target: Target, registries: Registries, side: Side, moment: Match
) -> None:
    """A token that the registry takes no longer, half way through, is replaced by a new one."""
    tokens = Token(USER, PASSWORD)
    way = Way.locked(registries, side, tokens, shape=multi_arch)
    fault = way.there.faults.add(Fault(run_out(tokens), moment, times=1))

    config = auths(login(way.there.host))
    done = target.relocate(way.bundle, to=way.destination, docker_config=config)

    way.assert_arrived(done)
    assert fault.hits == 1


@requirement("AUTH-13")
@pytest.mark.parametrize("text", ["{", "[]"], ids=["no JSON", "no object"])
def test_a_malformed_config_is_refused(target: Target, registries: Registries, text: str) -> None:
    """A config.json that is not a JSON object is refused, though nobody asks for credentials."""
    source, goal = registries(), Destination.fresh(registries())
    bundle = thin_bundle(source.push(single()))
    twin = relocated(target, bundle, to=goal.afresh())

    refused = target.relocate(bundle, to=goal, docker_config=text)

    assert_refused(refused, twin=twin, met=None)
