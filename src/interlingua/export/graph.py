"""An ONNX graph as it grows: nodes, constants, and large tables that stay in a file of their own so that only
touched pages are read.
"""

from pathlib import Path
from typing import Any

import numpy as np

TABLE = "table.bin"
"""The file of the word embeddings, mapped into memory, of which a text touches a few rows."""
MICROSOFT = "com.microsoft"
OPSETS = {"": 20, MICROSOFT: 1}
IR_VERSION = 10


class Graph:
    """Nodes in the order of computation. Names are made here; a value is known by the name that `add` or `constant`
    returned.
    """

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._known: dict[bytes, str] = {}
        self._table: np.ndarray | None = None

    def add(self, kind: str, *inputs: str, domain: str = "", name: str = "", **attributes: Any) -> str:
        """The output of one more node; an input named "" is left out."""
        from onnx import helper

        output = name or f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], domain=domain, **attributes))
        return output

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """A constant; the same value has the same name."""
        from onnx import numpy_helper

        array = np.asarray(value, dtype, order="C")
        key = f"{array.dtype}{array.shape}".encode() + array.tobytes()
        if key not in self._known:
            self._known[key] = f"constant_{len(self._constants)}"
            self._constants.append(numpy_helper.from_array(array, self._known[key]))
        return self._known[key]

    def table(self, value: np.ndarray) -> str:
        """The one constant that lives in TABLE."""
        from onnx import TensorProto, helper

        if self._table is not None:
            raise ValueError("there is one table already")
        self._table = np.ascontiguousarray(value)
        tensor = TensorProto(name="table", data_type=helper.np_dtype_to_tensor_dtype(value.dtype), dims=value.shape)
        tensor.data_location = TensorProto.EXTERNAL
        for key, entry in (("location", TABLE), ("offset", "0"), ("length", str(value.nbytes))):
            tensor.external_data.add(key=key, value=entry)
        self._constants.append(tensor)
        return "table"

    def write(self, folder: Path, output: str, width: int, extra: tuple[str, ...] = ()) -> None:
        """Write model.onnx (and TABLE): ids (B, T) to embeddings (B, width); `extra` values are further outputs."""
        from onnx import TensorProto, helper

        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"])
        self._nodes.append(helper.make_node("Identity", [output], ["embeddings"]))
        outputs = [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["texts", width])]
        outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in extra]
        body = helper.make_graph(self._nodes, "encoder", [ids], outputs, self._constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        model = helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="interlingua")
        (folder / "model.onnx").write_bytes(model.SerializeToString())
        if self._table is not None:
            (folder / TABLE).write_bytes(self._table.data)
