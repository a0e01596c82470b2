"""Pages with code blocks, and sessions among them: commands and what they say."""

import re


def blocks(page: str) -> list[tuple[str, str]]:
    """What each code block of a Markdown page is marked as, one word or two, and its content."""
    return re.findall(r"^```(\S+ ?\S*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def script(session: str) -> str:
    """The commands of a session, for a shell to run."""
    lines = (line for line in _whole_lines(session) if line.startswith("$ "))
    return "\n".join(line.removeprefix("$ ") for line in lines)


def said(session: str) -> str:
    """What is shown as the answer to the commands of a session."""
    answers = (line for line in _whole_lines(session) if not line.startswith("$ "))
    return "".join(f"{line}\n" for line in answers)


def _whole_lines(session: str) -> list[str]:
    """The lines of a session; a command that goes on in the next is one."""
    return session.replace("\\\n", "").splitlines()
