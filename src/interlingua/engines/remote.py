"""Encoders behind a URL: any server that speaks OpenAI's embeddings protocol (POST URL/embeddings), such as vLLM,
TEI, Ollama or ours.
"""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.parse import urldefrag, urlsplit

import numpy as np

from interlingua.encoding.batches import CHARACTERS
from interlingua.errors import RemoteError
from interlingua.languages import require
from interlingua.network import is_here, is_offline
from interlingua.progress import track
from interlingua.texts import texts_of
from interlingua.types import Embeddings
from interlingua.vectors import require_finite

KEY = "INTERLINGUA_API_KEY"
"""Environment variable of the key, sent as a bearer token to the named server only."""
BATCH_TEXTS, BATCH_CHARACTERS = 128, 100_000
"""Texts of one request, and their characters unless it is one text."""
TRIES = 5
TIMEOUT_SECONDS = 120.0
LONGEST_WAIT_SECONDS = 60.0
TRY_AGAIN = (408, 409, 425, 429, 500, 502, 503, 504)
"""Status codes of servers that are busy or about to be back."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Following one would carry the key and the texts to a server that was not named."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> None:
        return None


class Remote:
    """A model behind an embeddings server."""

    def __init__(self, url: str, model: str, key: str | None, sleep: Callable[[float], None] = time.sleep) -> None:
        self.url, self.model = url.rstrip("/"), model
        self._key, self._sleep = key, sleep
        # a proxy stands between this machine and others, and nowhere on the way to itself
        direct = [urllib.request.ProxyHandler({})] if is_here(_host(url)) else []
        self._open = urllib.request.build_opener(_NoRedirect, *direct).open
        self._width = 0

    @property
    def width(self) -> int:
        """D, the width of an embedding; asks the server once."""
        if not self._width:
            self._request(["width"])
        return self._width

    def encode(self, texts: Iterable[str], language: str = "und") -> Embeddings:
        """Embed `texts` in the order given: (N, D) float32.

        Raises RemoteError where the server cannot be reached, refuses, or answers with something else than one vector a
        text; DataError for half a character, for what is no language and for a vector that is not finite;
        InputTypeError for what is no text.
        """
        require((language,), ())
        texts = texts_of(texts)
        unique = list(dict.fromkeys(texts))
        embeddings: dict[str, np.ndarray] = {}
        with track(sum(map(len, unique)), "encoding", CHARACTERS) as progress:
            for batch in _batches(unique):
                vectors = self._request(batch)
                require_finite(vectors, batch)
                embeddings.update(zip(batch, vectors, strict=True))
                progress.advance(sum(map(len, batch)))
        return np.stack([embeddings[text] for text in texts]) if texts else np.empty((0, self.width), np.float32)

    def describe(self) -> dict[str, Any]:
        """What results should name; of what the server does with a text nothing is known."""
        return {"kind": "remote", "url": self.url, "model": self.model, "width": self.width}

    def _request(self, texts: Sequence[str]) -> Embeddings:
        answer = self.ask("embeddings", {"model": self.model, "input": list(texts), "encoding_format": "float"})
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            indices = [row["index"] for row in rows]
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise self._problem(
                f"answered with something else than embeddings ({type(error).__name__}: {error})"
            ) from error
        if indices != list(range(len(texts))) or vectors.ndim != 2 or (self._width and vectors.shape[1] != self._width):
            raise self._problem(
                f"answered {len(texts)} texts with {len(rows)} vectors of shape {vectors.shape[1:]}, width "
                f"{self._width or '?'}"
            )
        self._width = vectors.shape[1]
        return vectors

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON the server answers with, after as many tries as it takes, up to TRIES."""
        try:
            data = None if body is None else json.dumps(body).encode()
            headers = {"Content-Type": "application/json", "User-Agent": "interlingua"}
            if self._key:
                headers["Authorization"] = f"Bearer {self._key}"
            request = urllib.request.Request(f"{self.url}/{path}", data, headers)
        except ValueError as error:
            raise self._problem(f"is no URL ({error})") from error
        for attempt in range(1, TRIES + 1):
            try:
                with self._open(request, timeout=TIMEOUT_SECONDS) as response:
                    return json.load(response)
            except urllib.error.HTTPError as error:
                with error:
                    said = error.read(2000).decode("utf-8", "replace")
                if error.code not in TRY_AGAIN or attempt == TRIES:
                    raise self._problem(_refusal(error.code, said, bool(self._key))) from error
                self._sleep(_wait(attempt, error.headers))
            except (OSError, HTTPException) as error:  # refused, unknown host, timed out, cut short
                if attempt == TRIES:
                    reason = getattr(error, "reason", None) or error
                    raise self._problem(f"cannot be reached, tried {TRIES} times ({reason})") from error
                self._sleep(_wait(attempt, None))
            except ValueError as error:
                raise self._problem(
                    "answered with something else than JSON; the URL should end like http://HOST:PORT/v1"
                ) from error
        raise AssertionError("the last try returns or raises")

    def _problem(self, problem: str) -> RemoteError:
        return RemoteError(f"{self.url}: the server {problem}")


def load(name: str) -> Remote:
    """The model that "URL#MODEL" names; without #MODEL the server's only one. Raises RemoteError where the server is
    not so, and in offline mode where it is another machine.
    """
    url, model = urldefrag(name)
    if is_offline() and not is_here(_host(url)):
        raise RemoteError(
            f"{url}: offline mode forbids to send texts to another machine; name a server of this one "
            "(http://localhost:PORT/v1), or leave offline mode (--offline, INTERLINGUA_OFFLINE)"
        )
    key = os.environ.get(KEY) or None
    if model:
        return Remote(url, model, key)
    remote = Remote(url, "", key)
    try:
        models = [str(each["id"]) for each in remote.ask("models")["data"]]
    except (KeyError, TypeError) as error:
        raise RemoteError(f"{url}: the server does not list its models; name one: {url}#MODEL") from error
    if len(models) != 1:
        raise RemoteError(
            f"{url}: the server has {len(models)} models ({', '.join(models[:20])}); name one: {url}#MODEL"
        )
    return Remote(url, models[0], key)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # no URL, as the first request will say
        return ""


def _batches(texts: Sequence[str]) -> list[list[str]]:
    groups: list[list[str]] = []
    characters = 0
    for text in texts:
        if not groups or len(groups[-1]) == BATCH_TEXTS or characters + len(text) > BATCH_CHARACTERS:
            groups.append([])
            characters = 0
        groups[-1].append(text)
        characters += len(text)
    return groups


def _wait(attempt: int, headers: Message | None) -> float:
    """Seconds until the next try: what the server asks for, else 0.5, 1, 2, 4."""
    asked = (headers.get("Retry-After") or "") if headers else ""
    return min(LONGEST_WAIT_SECONDS, float(asked)) if asked.isdigit() else 0.5 * 2 ** (attempt - 1)


def _refusal(code: int, said: str, has_key: bool) -> str:
    try:
        answer = json.loads(said)
        said = answer["error"]["message"] if isinstance(answer["error"], dict) else answer["error"]
    except (ValueError, KeyError, TypeError):
        pass
    remedy = {
        401: f"; put the right key into {KEY}" if has_key else f"; put its key into the environment variable {KEY}",
        403: f"; the key in {KEY} may not do this" if has_key else f"; put its key into the environment variable {KEY}",
        404: "; the URL should end like http://HOST:PORT/v1, and the model must be one of the server's",
    }
    moved = "; redirects are not followed, give the final URL" if 300 <= code < 400 else ""
    return f"refused with status {code}: {' '.join(str(said).split())[:300]}{remedy.get(code, moved)}"
