"""Encoders as ONNX graphs built by hand from their weights.

Texts of one call have the same number of tokens, so nothing is padding and nothing is masked. In int8, weights have a
scale for each output channel and activations one fixed, calibrated scale for each matrix product: unlike with scales
found anew for every batch, a text's vector does not depend on its batch mates. Before a product is quantised, its input
channels are evened out and the weights scaled to match (Xiao et al. 2023, "SmoothQuant", arXiv:2211.10438, section 4).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from interlingua.encoders.architecture import Direction, Head, Linear, Norm, Recurrent, Transformer
from interlingua.export.graph import MICROSOFT, Graph

SMALLEST = 0.1
"""Rows are not divided by less than this, so that what is small stays small."""


@dataclass(frozen=True, eq=False)
class Range:
    """What calibration saw at the input of a matrix product, after each channel was divided by `smoothing`."""

    low: float
    high: float
    smoothing: Float32[np.ndarray, " K"] | None = None
    by_token: bool = False
    """Whether each token's row is first divided by its largest value, for inputs of which few tokens are far larger
    than the others."""


Ranges = dict[str, Range]


@dataclass(frozen=True, eq=False)
class Quantised:
    """A value ready for integer products."""

    name: str
    scale: str
    zero: str
    smoothing: Float32[np.ndarray, " K"] | None
    largest: str
    """The largest value of each row, where rows were divided by it."""


class Products:
    """Matrix products in fp32, or in int8 where there are ranges. Every input has a name, by which calibration knows
    it.
    """

    def __init__(self, graph: Graph, ranges: Ranges | None) -> None:
        self.graph, self.ranges = graph, ranges or {}
        self.inputs: dict[str, tuple[str, list[Linear]]] = {}
        """What calibration has to look at: of every input, the value's name in the graph and the weights it meets."""

    def __call__(self, name: str, value: str, linears: list[Linear]) -> list[str]:
        """The products of one value (rows, K) with several matrices."""
        self.inputs[name] = (value, linears)
        if name not in self.ranges:
            return [self._float(value, linear) for linear in linears]
        quantised = self._quantise(value, self.ranges[name])
        return [self._integer(quantised, linear) for linear in linears]

    def _float(self, value: str, linear: Linear) -> str:
        inputs = [value, self.graph.constant(linear.weight)]
        if linear.bias is None:
            return self.graph.add("MatMul", *inputs)
        return self.graph.add("Gemm", *inputs, self.graph.constant(linear.bias))

    def _quantise(self, value: str, measured: Range) -> Quantised:
        graph = self.graph
        if measured.smoothing is not None:
            value = graph.add("Mul", value, graph.constant(1 / measured.smoothing))
        largest = ""
        if measured.by_token:
            largest = graph.add(
                "Max",
                graph.add("ReduceMax", value, graph.constant([-1], np.int64), keepdims=1),
                graph.constant(SMALLEST),
            )
            value = graph.add("Div", value, largest)
        low, high = min(measured.low, 0.0), max(measured.high, 1e-6)
        scale = (high - low) / 255
        scaling, zero = graph.constant(scale), graph.constant(round(-low / scale), np.uint8)
        return Quantised(graph.add("QuantizeLinear", value, scaling, zero), scaling, zero, measured.smoothing, largest)

    def _integer(self, value: Quantised, linear: Linear) -> str:
        weight = linear.weight if value.smoothing is None else linear.weight * value.smoothing[:, None]
        scales = np.maximum(np.abs(weight).max(axis=0), 1e-12) / 127
        whole = self.graph.constant(np.rint(weight / scales), np.int8)
        bias = "" if linear.bias is None else self.graph.constant(linear.bias)
        inputs = (
            value.name,
            whole,
            value.scale,
            self.graph.constant(scales),
            value.zero,
            "",
            "" if value.largest else bias,
        )
        product = self.graph.add("MatMulIntegerToFloat", *inputs, domain=MICROSOFT)
        if not value.largest:
            return product
        product = self.graph.add("Mul", product, value.largest)
        return self.graph.add("Add", product, bias) if bias else product


def words(graph: Graph, table: Float32[np.ndarray, "V H"], integer: bool) -> str:
    """The word vectors of all tokens of a call, one below the other: (rows, H). In int8 every word has its own
    scale.
    """
    ids = graph.add("Reshape", "ids", graph.constant([-1], np.int64))
    if not integer:
        return graph.add("Gather", graph.table(table), ids)
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12) / 127
    whole = graph.add("Gather", graph.table(np.rint(table / scales).astype(np.int8)), ids)
    return graph.add("Mul", graph.add("Cast", whole, to=1), graph.add("Gather", graph.constant(scales), ids))


def transformer(graph: Graph, model: Transformer, ranges: Ranges | None, plain: bool = False) -> tuple[str, Products]:
    """The states of a transformer: (B, T, H). `plain` keeps to operators that are in the ONNX standard."""
    products = Products(graph, ranges)
    width = model.words.shape[1]
    flat, split = graph.constant([-1, width], np.int64), _shape(graph, width)
    length = graph.add("Gather", graph.add("Shape", "ids"), graph.constant([1], np.int64))
    places = graph.add("Slice", graph.constant(model.places), graph.constant([0], np.int64), length)
    states = graph.add("Add", graph.add("Reshape", words(graph, model.words, ranges is not None), split), places)
    states = _norm(graph, graph.add("Reshape", states, flat), model.embedding_norm)
    bias = "" if model.distances is None else _distances(graph, model.distances, length)
    every = [states]
    activate = {
        "gelu": ("Gelu", {"approximate": "none"}),
        "gelu_tanh": ("Gelu", {"approximate": "tanh"}),
        "relu": ("Relu", {}),
    }
    kind, options = activate[model.activation]
    for number, layer in enumerate(model.layers):
        read = _norm(graph, states, layer.attention_norm) if model.norm_first else states
        projected = products(f"{number}.attention", read, [layer.query, layer.key, layer.value])
        three = [graph.add("Reshape", value, split) for value in projected]
        mixed = _attend(graph, three, bias, model.heads, plain)
        (mixed,) = products(f"{number}.mixed", graph.add("Reshape", mixed, flat), [layer.output])
        states = graph.add("Add", states, mixed)
        states = states if model.norm_first else _norm(graph, states, layer.attention_norm)
        read = _norm(graph, states, layer.norm) if model.norm_first else states
        (hidden,) = products(f"{number}.inner", read, [layer.inner])
        (changed,) = products(f"{number}.outer", graph.add(kind, hidden, **options), [layer.outer])
        states = graph.add("Add", states, changed)
        states = states if model.norm_first else _norm(graph, states, layer.norm)
        every.append(states)
    chosen = [every[number] for number in model.averaged]
    states = graph.add("Mean", *chosen) if len(chosen) > 1 else chosen[0]
    return graph.add("Reshape", _norm(graph, states, model.final_norm), split), products


def _attend(graph: Graph, three: list[str], bias: str, heads: int, plain: bool) -> str:
    """What every token takes from the others of its text: (B, T, H)."""
    if not plain:
        inputs = [*three, "", "", bias] if bias else three
        return graph.add("MultiHeadAttention", *inputs, domain=MICROSOFT, num_heads=heads)
    apart = graph.constant([0, 0, heads, -1], np.int64)
    query, key, value = (
        graph.add("Transpose", graph.add("Reshape", part, apart), perm=[0, 2, 3, 1] if number == 1 else [0, 2, 1, 3])
        for number, part in enumerate(three)
    )
    size = graph.add("Cast", graph.add("Shape", query, start=3), to=1)
    scores = graph.add("Div", graph.add("MatMul", query, key), graph.add("Sqrt", size))
    weights = graph.add("Softmax", graph.add("Add", scores, bias) if bias else scores, axis=-1)
    together = graph.add("Transpose", graph.add("MatMul", weights, value), perm=[0, 2, 1, 3])
    return graph.add("Reshape", together, graph.constant([0, 0, -1], np.int64))


def recurrent(graph: Graph, model: Recurrent) -> str:
    """The states of a bidirectional LSTM: (B, T, 2H)."""
    split = _shape(graph, model.words.shape[1])
    states = graph.add("Transpose", graph.add("Reshape", words(graph, model.words, False), split), perm=[1, 0, 2])
    for both in model.layers:
        size = both[0].recalls.shape[1]
        reads, recalls = (
            np.stack([_gates(array) for array in arrays])
            for arrays in zip(*((d.reads, d.recalls) for d in both), strict=True)
        )
        bias = np.stack([_biases(direction) for direction in both])
        inputs = (states, graph.constant(reads), graph.constant(recalls), graph.constant(bias))
        output = graph.add("LSTM", *inputs, hidden_size=size, direction="bidirectional")  # (T, 2, B, H)
        side = graph.add("Transpose", output, perm=[0, 2, 1, 3])
        states = graph.add("Reshape", side, graph.constant([0, 0, 2 * size], np.int64))
    return graph.add("Transpose", states, perm=[1, 0, 2])


def head(graph: Graph, states: str, model: Head) -> str:
    """States (B, T, H) to embeddings (B, D)."""
    axis = graph.constant([1], np.int64)
    match model.pooling:
        case "mean":
            vectors = graph.add("ReduceMean", states, axis, keepdims=0)
        case "max":
            vectors = graph.add("ReduceMax", states, axis, keepdims=0)
        case "cls" | "last":
            vectors = graph.add("Gather", states, graph.constant(0 if model.pooling == "cls" else -1, np.int64), axis=1)
        case _:
            raise ValueError(model.pooling)
    if model.projection is not None:
        vectors = Products(graph, None)("projection", vectors, [model.projection])[0]
    if not model.normalize:
        return vectors
    length = graph.add("ReduceL2", vectors, axis, keepdims=1)
    return graph.add("Div", vectors, graph.add("Max", length, graph.constant(1e-12)))


def _shape(graph: Graph, width: int) -> str:
    """The shape (B, T, width), read from ids."""
    return graph.add("Concat", graph.add("Shape", "ids"), graph.constant([width], np.int64), axis=0)


def _norm(graph: Graph, value: str, norm: Norm | None) -> str:
    """ONNX Runtime's fused SkipLayerNormalization takes nine times as long as an Add and a LayerNormalization."""
    if norm is None:
        return value
    weights = graph.constant(norm.weight), graph.constant(norm.bias)
    return graph.add("LayerNormalization", value, *weights, axis=-1, epsilon=norm.epsilon)


def _distances(graph: Graph, table: Float32[np.ndarray, "heads _"], length: str) -> str:
    """The bias of every query and key: (1, heads, T, T)."""
    zero, one = graph.constant(0, np.int64), graph.constant(1, np.int64)
    places = graph.add("Range", zero, graph.add("Squeeze", length), one)
    rows = graph.add("Unsqueeze", places, graph.constant([1], np.int64))
    apart = graph.add("Sub", places, rows)
    index = graph.add("Add", apart, graph.constant(table.shape[1] // 2, np.int64))
    return graph.add(
        "Unsqueeze", graph.add("Gather", graph.constant(table), index, axis=1), graph.constant([0], np.int64)
    )


def _gates(array: np.ndarray) -> np.ndarray:
    """From torch's order of gates (input, forget, cell, output) to ONNX's (input, output, forget, cell)."""
    given, forget, cell, output = np.split(array, 4)
    return np.concatenate([given, output, forget, cell])


def _biases(direction: Direction) -> np.ndarray:
    return np.concatenate([_gates(half) for half in np.split(direction.bias, 2)])
