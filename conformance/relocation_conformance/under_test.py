"""Who is judged in a run, and by which rules: a relocator, a runtime, or both."""

from __future__ import annotations

from dataclasses import dataclass

from relocation_conformance.requirements import Subject, subject_of
from relocation_conformance.targets.profile import Deviation, Profile

_OPTIONS = {Subject.RELOCATOR: "--target", Subject.RUNTIME: "--runtime-target"}


def can_be(profile: Profile, subject: Subject) -> bool:
    """Tell whether *profile* says how its tool is called as a relocator or as a runtime."""
    if subject is Subject.RUNTIME:
        return profile.runtime is not None
    return profile.relocate is not None or profile.copy is not None


@dataclass(frozen=True, slots=True)
class NamedTarget:
    """A target: what the user named it by, its profile, and the version that it told, if any."""

    named: str
    profile: Profile
    version: str | None


@dataclass(frozen=True, slots=True)
class UnderTest:
    """The profiles of the relocator and the runtime that a run judges, None where it has none.

    The rules for whom it has not are exempt, like those that a profile declares so.
    """

    relocator: Profile | None = None
    runtime: Profile | None = None

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Who is judged."""
        return tuple(each for each in Subject if self.profile_of(each) is not None)

    @property
    def name(self) -> str:
        """Who is judged, for a reader; a tool that is both is named once."""
        profiles = (self.profile_of(each) for each in self.subjects)
        return " and ".join(dict.fromkeys(each.name for each in profiles if each))

    def profile_of(self, subject: Subject) -> Profile | None:
        """Return the profile of the relocator or the runtime, None if there is none."""
        return self.relocator if subject is Subject.RELOCATOR else self.runtime

    def tested(self, subject: Subject) -> Profile:
        """Return the profile of the relocator or the runtime, whose rules are not exempt.

        Raises LookupError if there is none.
        """
        profile = self.profile_of(subject)
        if profile is None:
            raise LookupError(f"no {subject} is judged")
        return profile

    def exemption(self, rule: str) -> str | None:
        """Return why *rule* does not apply to whom it is for, None if it does."""
        subject = subject_of(rule)
        profile = self.profile_of(subject)
        if profile is None:
            return f"no {subject} was given ({_OPTIONS[subject]})"
        return profile.exemption(rule)

    def deviation(self, rule: str) -> Deviation | None:
        """Return the documented deviation from *rule*, None if there is none."""
        profile = self.profile_of(subject_of(rule))
        return None if profile is None else profile.deviation(rule)
