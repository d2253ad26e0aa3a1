"""Addresses of database servers as they may be shown: without their passwords."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from mintmark.errors import DataError

SERVERS = ("postgres://", "postgresql://", "mysql://")

# The last @ ends the password, so that one which holds an @ that was not percent-coded is hidden whole.
_PASSWORD = re.compile(r"(://[^:/@]*:)(.*)@")
_HIDDEN = "(?i:password|passwd|pwd|sslpassword)"


def redacted(url: str) -> str:
    """The address without its password; what is no address of a server is left alone."""
    hidden = re.sub(r"(://[^:/@]*):.*@", r"\1:***@", url)
    return re.sub(rf"({_HIDDEN}=)[^&\s]+", r"\1***", hidden)


def without_password(url: str) -> str:
    """The address as a recipe may hold it: the password, which stands elsewhere, left out."""
    bare = re.sub(r"(://[^:/@]*):.*@", r"\1@", url)
    return re.sub(rf"[?&]{_HIDDEN}=[^&\s]*", "", bare)


def scrubbed(message: str, url: str) -> str:
    """What a driver says, without any password of the address."""
    message = redacted(message)
    for secret in filter(None, _secrets(url)):
        message = message.replace(secret, "***").replace(unquote(secret), "***")
    return message


def refuse_ambiguous(url: str) -> None:
    """DataError where signs in the password would make another address of it, and send a part of it elsewhere."""
    password = _PASSWORD.search(url)
    if password and re.search(r"[/?#@\[\]]", password[2]):
        fix = "write signs of the password in percent code: @ is %40, / is %2F, ? is %3F, # is %23, [ is %5B, ] is %5D"
        raise DataError("this address can be read in two ways", where=redacted(url), fix=fix)


def _secrets(url: str) -> list[str]:
    password = _PASSWORD.search(url)
    named = parse_qsl(urlsplit(url).query)
    return [password[2] if password else "", *(value for key, value in named if re.match(_HIDDEN, key))]
