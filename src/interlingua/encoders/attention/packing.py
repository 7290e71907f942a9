"""Batches without padding: short texts share rows, every layer but attention sees real tokens only, and attention stays
inside a text.

Krell et al. 2021, "Efficient Sequence Packing without Cross-contamination".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from interlingua.placement import send
from interlingua.tensors import Tokens

WIDTHS = (32, 48, 64, 96)
"""Widths a shared row may have; a longer text has a row of its own, rounded up to a multiple of STEP."""
STEP = 16
ATTENTION = 640
"""A token costs 1 + width / ATTENTION: in a row this wide, attention is as dear as all linear layers (measured, 384
wide states)."""
ENOUGH = 0.03
"""A batch with less padding than this stays as it is."""
HIDDEN = -1e30
FUSED = ("cuda",)
"""Devices on which torch's fused attention is used."""
Size: TypeAlias = int | torch.SymInt
"""A number, or the name of one in a graph that is being exported."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Rows of one width, side by side in the slots [start, start + rows * width)."""

    start: int
    rows: Size
    width: Size
    hidden: Float[Tensor, "R 1 W W"] | Float[Tensor, "R 1 1 W"]
    """Added to attention scores: 0 inside a text, HIDDEN elsewhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Packing:
    """Where the tokens of a padded batch (B, T) stand among P slots. A slot that is left over repeats a token and is
    never read.
    """

    source: Int[Tensor, " P"]
    """The place in the flattened batch each slot is filled from."""
    columns: Int[Tensor, " P"]
    """How many tokens of its text stand before each slot."""
    grids: tuple[Grid, ...]
    back: Int[Tensor, "B T"] | None
    """The slot of each token; any for padding. None where the slots are the flattened batch itself."""
    shape: tuple[Size, Size]

    def pack(self, values: Int[Tensor, "B T"]) -> Int[Tensor, " P"]:
        """One value a slot."""
        return values.flatten()[self.source]

    def unpack(self, states: Float[Tensor, "P H"]) -> Float[Tensor, "B T H"]:
        """The states of every token; those of padding mean nothing."""
        if self.back is None:
            return states.unflatten(0, self.shape)
        return states.index_select(0, self.back.flatten()).unflatten(0, self.shape)


def pack(tokens: Tokens) -> Packing:
    """The cheapest arrangement of the real tokens of a batch, by best fit into rows of several widths. It is planned on
    the processor, and lies where the tokens do.
    """
    real = tokens.real
    lengths = real.sum(1)
    width = real.shape[1]
    rows: list[tuple[int, list[int]]] = []
    if 0 < lengths.sum() < (1 - ENOUGH) * real.size:
        order = [int(text) for text in np.argsort(-lengths, kind="stable") if lengths[text]]
        rows = min((_fill(lengths.tolist(), order, width) for width in WIDTHS), key=_cost)
    if not rows or _cost(rows) >= real.size * (1 + width / ATTENTION):
        return as_is(tokens.mask)
    return _arrange(sorted(rows, key=lambda row: -row[0]), real, tokens.mask.device)


def as_is(mask: Bool[Tensor, "B T"]) -> Packing:
    """The padded batch itself: one text a row."""
    texts, width = mask.shape
    hidden = torch.zeros(mask.shape, dtype=torch.float32, device=mask.device).masked_fill(~mask, HIDDEN)[
        :, None, None, :
    ]
    grid = Grid(0, texts, width, hidden)
    slots, columns = torch.arange(texts * width, device=mask.device), torch.arange(width, device=mask.device)
    return Packing(slots, columns.repeat(texts), (grid,), None, (texts, width))


def _cost(rows: Sequence[tuple[int, list[int]]]) -> float:
    return sum(width * (1 + width / ATTENTION) for width, _ in rows)


def _fill(lengths: Sequence[int], order: Sequence[int], width: int) -> list[tuple[int, list[int]]]:
    """Rows of `width` (longer texts: of their own) and the texts in each: longest first, into the fullest row that
    still has room.
    """
    rows: list[tuple[int, list[int]]] = []
    by_room: list[list[int]] = [[] for _ in range(max(width, STEP) + 1)]
    for text in order:
        length = lengths[text]
        room = next((room for room in range(length, width + 1) if by_room[room]), None)
        if room is None:
            room = max(width, -(-length // STEP) * STEP)
            rows.append((room, []))
            row = len(rows) - 1
        else:
            row = by_room[room].pop()
        rows[row][1].append(text)
        by_room[room - length].append(row)
    return rows


def _arrange(rows: Sequence[tuple[int, list[int]]], real: Bool[np.ndarray, "B T"], device: torch.device) -> Packing:
    first = int(np.flatnonzero(real)[0])
    total = sum(width for width, _ in rows)
    source, columns, texts = np.full(total, first), np.zeros(total, np.int64), np.full(total, -1)
    back = np.zeros(real.shape, np.int64)
    start, starts = 0, list[int]()
    for width, members in rows:
        starts.append(start)
        place = start
        for text in members:
            (column,) = np.nonzero(real[text])
            slots = np.arange(place, place + len(column))
            source[slots], columns[slots], texts[slots] = text * real.shape[1] + column, column, text
            back[text, column] = slots
            place += len(column)
        start += width
    widths = np.array([width for width, _ in rows])
    grids: list[Grid] = []
    for width in dict.fromkeys(widths.tolist()):
        some = np.flatnonzero(widths == width)
        begin = starts[some[0]]
        owner = send(torch.from_numpy(texts[begin : begin + width * len(some)]), device).view(-1, width)
        hidden = torch.zeros(len(some), 1, width, width, dtype=torch.float32, device=device).masked_fill_(
            (owner[:, :, None] != owner[:, None, :])[:, None], HIDDEN
        )
        grids.append(Grid(begin, len(some), width, hidden))
    from_, before, to = (send(torch.from_numpy(part), device) for part in (source, columns, back))
    return Packing(from_, before, tuple(grids), to, real.shape)


def attention(
    parts: Float[Tensor, "P parts"],
    packing: Packing,
    heads: int,
    *,
    dropout: float = 0.0,
    bias: Callable[[int], Float[Tensor, "1 heads W W"]] | None = None,
) -> Float[Tensor, "P H"]:
    """What every token gathers from its own text. `parts` are queries, keys and values side by side; `bias(width)` is
    added to the scores.

    On a processor by plain products: for texts as short as sentences, torch's fused attention spends half of a training
    step in its CPU backward. On a GPU it is the fused one, which keeps no scores in memory.
    """
    mixed: list[Tensor] = []
    for grid in packing.grids:
        some = parts[grid.start : grid.start + grid.rows * grid.width]
        query, key, value = some.view(grid.rows, grid.width, 3, heads, -1).permute(2, 0, 3, 1, 4)
        added = grid.hidden if bias is None else grid.hidden + bias(int(grid.width))
        if parts.device.type in FUSED:
            lowest = torch.finfo(query.dtype).min  # rows of padding alone have no -inf to divide by
            gathered = F.scaled_dot_product_attention(
                query, key, value, added.clamp(min=lowest).to(query.dtype), dropout_p=dropout
            )
        else:
            scores = (query @ key.transpose(-1, -2)) * query.shape[-1] ** -0.5 + added
            gathered = F.dropout(scores.softmax(-1).to(value.dtype), dropout) @ value
        mixed.append(gathered.transpose(1, 2).reshape(grid.rows * grid.width, -1))
    return mixed[0] if len(mixed) == 1 else torch.cat(mixed)
