"""An endpoint's address and key, and what its words mean: by what follows from a status, and without the key."""

import datetime as dt
import email.utils
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from mintmark.errors import InputError, ModelError
from mintmark.models.model import Trouble

_SHOWN = 300
"""Letters of an endpoint's own words that are passed on."""
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_TOO_LONG = ("context_length", "context length", "maximum context", "context window", "too long", "too many tokens")
_NO_CREDIT = ("insufficient_quota", "billing", "credit balance")
_BUSY = {429, 503, 529}
_AGAIN = {408, 409, 425}
_TOO_LARGE = 413


@dataclass(frozen=True)
class Address:
    """Where an endpoint is, with the key to it, which is never shown."""

    url: str
    key: str = field(repr=False)
    variable: str
    """The environment variable that the key came from."""

    def read(self, status: int, headers: Mapping[str, str], raw: bytes) -> Any:
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise self.trouble(status, headers, self.message(raw))
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            said = f"the endpoint answered what is no JSON: {self.clean(raw[:_SHOWN].decode(errors='replace'))!r}"
            raise Trouble("cut", said, reason="broken reply") from None

    def trouble(self, status: int, headers: Mapping[str, str], message: str) -> Exception:
        said = f"HTTP {status}: {message}"
        low = message.lower()
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return self._not_allowed(said)
        if status == HTTPStatus.PAYMENT_REQUIRED or (status in _BUSY and any(word in low for word in _NO_CREDIT)):
            return ModelError("the account at the endpoint has no credit left", where=self.url, found=said)
        if status in _BUSY:
            return Trouble("busy", said, reason="busy", wait_s=wait_s(headers))
        if status in _AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Trouble("failed", said, reason="failed again and again")
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            fix = f"give that address: it points to {headers.get('Location', 'nowhere')}"
            return InputError("the endpoint is elsewhere", where=self.url, found=said, fix=self.clean(fix))
        if status == _TOO_LARGE or any(word in low for word in _TOO_LONG):
            return Trouble("bad", said, reason="too long for the model")
        return Trouble("bad", said, reason="rejected by the endpoint")

    def _not_allowed(self, said: str) -> InputError:
        if not self.variable:
            fix = "give `key_from`, the name of the environment variable that holds the key"
        elif not self.key:
            fix = f"set the environment variable {self.variable} to the key"
        else:
            fix = f"check the key in the environment variable {self.variable}"
        return InputError("the endpoint does not let us in", where=self.url, found=said, fix=fix)

    def message(self, raw: bytes) -> str:
        """What the endpoint says is wrong, from any of the forms that are in use."""
        try:
            told = json.loads(raw)
        except (ValueError, RecursionError):
            return self.clean(raw.decode(errors="replace"))
        error = told.get("error", told) if isinstance(told, dict) else told
        if isinstance(error, dict):
            parts = [error.get(part) for part in ("code", "type", "message", "detail")]
            error = " ".join(str(part) for part in parts if part) or told
        return self.clean(str(error))

    def clean(self, said: str) -> str:
        return (said.replace(self.key, "***") if self.key else said)[:_SHOWN]


def wait_s(headers: Mapping[str, str]) -> float | None:
    """How long the endpoint asks to be left alone, in seconds or until a date (RFC 9110, 10.2.3); None if unsaid.

    The date is held against the endpoint's own clock, where it tells the time.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) / unit)
        except (KeyError, ValueError):
            continue
    until = _time(headers.get("retry-after"))
    now = _time(headers.get("date")) or dt.datetime.now(dt.UTC)
    return None if until is None else max(0.0, (until - now).total_seconds())


def _time(text: str | None) -> dt.datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def check(url: str, key_from: str) -> None:
    """Raises InputError for what is no address, and for a key that was put in the place of its variable's name.

    Parameters are recorded with what was made, so a key among them is refused at once, and not shown.
    """
    if key_from and not _VARIABLE.fullmatch(key_from):
        fix = "put the key into the environment, and the variable's name here: key_from: OPENAI_API_KEY"
        raise InputError("this is no name of an environment variable", where="key_from", fix=fix)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        fix = "write it as http://localhost:8000/v1"
        raise InputError("this is no address of an endpoint", where="url", fix=fix)
    if parts.username or parts.password or parts.query or parts.fragment:
        fix = "put the key into the environment, and the variable's name into `key_from`"
        raise InputError("an address may hold neither a key nor a query", where="url", fix=fix)


def find(url: str, key_from: str) -> Address:
    """The address with its key; raises InputError where the environment does not hold that."""
    key = os.environ.get(key_from, "").strip() if key_from else ""
    if key_from and not key:
        fix = f"set it to the key of {url}, or leave `key_from` out where none is needed"
        raise InputError(f"the environment variable {key_from} is not set", where="key_from", fix=fix)
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InputError(f"what the environment variable {key_from} holds is no key", where="key_from")
    return Address(url.rstrip("/"), key, key_from)
