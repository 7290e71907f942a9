"""A map of embeddings in two dimensions, as an SVG file that loads nothing and shows a text where the mouse is."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from jaxtyping import Float

from interlingua.errors import ConfigError
from interlingua.outputs import write_whole
from interlingua.types import Embeddings

WIDTH, HEIGHT, BORDER = 900, 640, 60
"""Of a plot, in pixels."""
LEGEND = 140
"""Width of the column of names at the right."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")
"""Okabe and Ito's, which colour-blind people tell apart."""
POINTS = 4000
"""More are drawn from at random."""


def checked(file: Path | None) -> None:
    """Raise ConfigError for a file that is not named as a plot."""
    if file is not None and file.suffix.lower() != ".svg":
        raise ConfigError(f"{file}: a plot is an SVG file, its name must end in .svg")


def principal_plane(embeddings: Embeddings) -> Float[np.ndarray, "N 2"]:
    """The rows on their first two principal components, each directed so that its largest weight is positive."""
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0, dtype=np.float64)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    coordinates = centred @ axes
    return np.pad(coordinates, ((0, 0), (0, 2 - coordinates.shape[1])))


def scatter(
    file: Path, title: str, embeddings: Embeddings, texts: Sequence[str], groups: Sequence[str], joined: int = 0
) -> None:
    """Write a map of `embeddings`: coloured by group, the text shown on hovering.

    With `joined` = n, row i and row n + i are joined by a line (i < n): a pair and how far apart it is.
    """
    points = principal_plane(embeddings)
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([WIDTH - BORDER - LEGEND, HEIGHT - 2 * BORDER])
    places = BORDER + (points - low) / np.where(high > low, high - low, 1) * room
    names = list(dict.fromkeys(groups))
    random = np.random.default_rng(0)
    number = joined or len(points)
    rows: list[int] = np.sort(random.permutation(number)[: POINTS // 2 if joined else POINTS]).tolist()
    drawn: list[str] = []
    for row in rows if joined else []:
        (x, y), (to_x, to_y) = places[row], places[joined + row]
        drawn.append(
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="#bbb" stroke-width="0.6"/>'
        )
    for row in rows + ([row + joined for row in rows] if joined else []):
        x, y = places[row]
        colour = COLOURS[names.index(groups[row]) % len(COLOURS)]
        drawn.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" fill-opacity="0.7">'
            f"<title>{_clean(texts[row])}</title></circle>"
        )
    _write(file, title, drawn, names)


def _write(file: Path, title: str, drawn: Sequence[str], names: Sequence[str]) -> None:
    legend = [
        f'<circle cx="{WIDTH - LEGEND + 20}" cy="{20 + 16 * n}" r="4" fill="{COLOURS[n % len(COLOURS)]}"/>'
        f'<text x="{WIDTH - LEGEND + 30}" y="{24 + 16 * n}" font-size="12">{_clean(name)}</text>'
        for n, name in enumerate(names)
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    heading = f'<text x="{BORDER}" y="30" font-size="16">{_clean(title)}</text>'
    with write_whole(file) as temporary:
        temporary.write_text("\n".join([head, ground, heading, *drawn, *legend, "</svg>"]) + "\n", encoding="utf-8")


def _clean(text: str) -> str:
    """Text as XML may hold it: escaped, without control characters and halves of characters."""
    return escape(re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "\ufffd", text[:200]))
