"""An embeddings server of our own on localhost: batches, tries, refusals and nonsense."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from interlingua import cli, loading
from interlingua.engines import remote
from interlingua.errors import DataError, InputTypeError, InterlinguaError, RemoteError


class Server:
    """Answers as OpenAI's protocol says, unless `answers` holds something else: (status, headers, body), used up
    first."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.models = ["tiny"]
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, {}, json.dumps({"data": [{"id": name} for name in server.models]}).encode())

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append(body)
                server.keys.append(self.headers.get("Authorization"))
                if server.answers:
                    self._send(*server.answers.pop(0))
                    return
                rows = [{"index": n, "embedding": vector(text)} for n, text in enumerate(body["input"])]
                self._send(200, {}, json.dumps({"data": rows[::-1], "model": body["model"]}).encode())  # any order

            def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"


def vector(text: str) -> list[float]:
    return [float(len(text)), float(sum(text.encode()) % 97), 1.0]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv(remote.KEY, raising=False)
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.http.shutdown()
    thread.join()
    server.http.server_close()


def model(
    server: Server, sleep: Callable[[float], None] = lambda seconds: None, key: str | None = None
) -> remote.Remote:
    return remote.Remote(server.url, "tiny", key, sleep)


def test_texts_keep_their_order_and_each_is_asked_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "BATCH_TEXTS", 3)
    texts = ["one", "", "日本語", "one", "four", "x" * 50]
    found = model(server).encode(texts)
    assert found.dtype == np.float32
    assert found.tolist() == [vector(text) for text in texts]
    assert [body["input"] for body in server.asked] == [["one", "", "日本語"], ["four", "x" * 50]]
    assert server.asked[0]["model"] == "tiny"
    monkeypatch.setattr(remote, "BATCH_CHARACTERS", 50)
    server.asked.clear()
    model(server).encode(texts)
    assert [len(body["input"]) for body in server.asked] == [3, 1, 1]
    assert model(server).encode([]).shape == (0, 3)


def test_it_loads_by_url_and_names_its_only_model(server: Server) -> None:
    found = loading.load(server.url)
    assert isinstance(found, loading.Model)
    assert found.describe() == {"kind": "remote", "url": server.url, "model": "tiny", "width": 3}
    server.models = ["a", "b"]
    with pytest.raises(RemoteError, match=r"the server has 2 models \(a, b\); name one: http.*#MODEL"):
        loading.load(server.url)
    assert loading.load(f"{server.url}#b").describe()["model"] == "b"


def test_the_key_comes_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    loading.load(f"{server.url}#m").encode(["a"])
    monkeypatch.setenv(remote.KEY, "secret")
    loading.load(f"{server.url}#m").encode(["a"])
    assert (server.keys[0], server.keys[-1]) == (None, "Bearer secret")


def test_a_busy_server_is_asked_again(server: Server) -> None:
    waited: list[float] = []
    server.answers = [(503, {}, b""), (429, {"Retry-After": "7"}, b""), (500, {"Retry-After": "soon"}, b"")]
    assert model(server, waited.append).encode(["a"]).tolist() == [vector("a")]
    assert waited == [0.5, 7.0, 2.0]
    server.answers = [(503, {}, b'{"error": {"message": "over capacity"}}')] * remote.TRIES
    with pytest.raises(RemoteError, match="refused with status 503: over capacity"):
        model(server).encode(["a"])
    assert not server.answers


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (400, b'{"error": {"message": "input is empty"}}', "refused with status 400: input is empty"),
        (
            401,
            b'{"error": "who are you"}',
            f"refused with status 401: who are you; put its key into the environment variable {remote.KEY}",
        ),
        (404, b"<html>", "refused with status 404: <html>; the URL should end like http://HOST:PORT/v1"),
        (307, b"", "redirects are not followed"),
        (200, b"<html>", "something else than JSON"),
        (200, b'{"object": "list"}', "something else than embeddings"),
        (200, b'{"data": [{"index": 0, "embedding": "AAAA"}]}', "something else than embeddings"),
        (200, b'{"data": []}', "answered 1 texts with 0 vectors"),
        (200, b'{"data": [{"index": 1, "embedding": [1]}]}', "answered 1 texts with 1 vectors"),
    ],
)
def test_refusals_and_nonsense_are_one_clear_error(server: Server, status: int, body: bytes, problem: str) -> None:
    server.answers = [(status, {"Location": "http://127.0.0.1:9/"} if status == 307 else {}, body)]
    with pytest.raises(RemoteError) as caught:
        model(server).encode(["a"])
    assert problem in str(caught.value)
    assert str(caught.value).startswith(server.url)
    assert len(server.asked) == 1  # what will not change is not tried again


def test_a_width_that_changes_is_an_error(server: Server) -> None:
    found = model(server)
    found.encode(["a"])
    server.answers = [(200, {}, b'{"data": [{"index": 0, "embedding": [1, 2]}]}')]
    with pytest.raises(RemoteError, match=r"vectors of shape \(2,\), width 3"):
        found.encode(["b"])


def test_an_answer_cut_short_is_tried_again(server: Server) -> None:
    server.answers = [(200, {"Content-Length": "999", "Connection": "close"}, b'{"data"')]
    assert model(server).encode(["a"]).tolist() == [vector("a")]


def test_nobody_there() -> None:
    waited: list[float] = []
    with pytest.raises(RemoteError, match="cannot be reached, tried 5 times"):
        remote.Remote("http://127.0.0.1:9/v1", "m", None, waited.append).encode(["a"])
    assert waited == [0.5, 1, 2, 4]


def test_half_a_character_is_found_before_it_is_sent(server: Server) -> None:
    with pytest.raises(InterlinguaError, match="text 2 holds a lone surrogate"):
        model(server).encode(["a", "\ud800"])
    assert server.asked == []


def test_what_is_no_text_and_what_is_not_finite(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    one = model(server)
    with pytest.raises(InputTypeError, match="one text as"):
        one.encode("abc")
    monkeypatch.setattr(remote.Remote, "ask", lambda *_: {"data": [{"index": 0, "embedding": [1.0, float("nan")]}]})
    with pytest.raises(DataError, match="embedding of 'a' is not finite"):
        one.encode(["a"])


def test_evaluate_takes_a_url(server: Server, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.tsv").write_text("score\tsentence1\tsentence2\n1\ta\tbcd\n2\te\tfgh\n5\ti\ti\n")
    line = ["evaluate", "sts", str(tmp_path / "x.tsv"), "-m", server.url, "--cache", str(tmp_path / "kept"), "--json"]
    assert cli.run(line) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["model"]["model"] == "tiny"
    asked = len(server.asked)
    assert cli.run(line) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == shown["rows"]
    assert len(server.asked) == asked + 1  # for the width alone


def test_a_proxy_is_no_way_to_this_machine(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1:9")  # of nobody: texts would go there
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert loading.load(server.url).encode(["a text"]).tolist() == [vector("a text")]


def test_in_offline_mode_a_server_is_of_this_machine(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLINGUA_OFFLINE", "1")
    assert loading.load(server.url).width == 3
    for url in ("http://192.0.2.1/v1", "https://example.org/v1#model", "http://[not/v1"):
        with pytest.raises(RemoteError, match="forbids to send texts to another machine"):
            loading.load(url)
