"""Documents of each kind: passages, or one line that says what is wrong. The samples of their tests are what inputs
begin with.
"""

from pathlib import Path

from fuzz.harness import TARGETS, Target, words

from interlingua.data.passages import passages
from tests.documents.samples import SAMPLES


def _document(suffix: str) -> Target:
    def run(data: bytes, folder: Path) -> object:
        path = folder / f"in{suffix}"
        path.write_bytes(data)
        return list(passages(path))

    content = SAMPLES[suffix].content
    kind = "xml" if content.startswith(b"<") else "json" if content.startswith(b"{") else "lines"
    return Target(name=f"document-{suffix[1:]}", run=run, seeds=lambda: [content, b""], tokens=words(kind))


for _suffix in {
    sample: suffix for suffix, sample in reversed(SAMPLES.items())
}.values():  # of those that are read alike
    TARGETS[f"document-{_suffix[1:]}"] = _document(_suffix)
