"""Axes in signatures: jaxtyping's where it is loaded (the tests load it and execute them), otherwise names that cost
nothing to import.

jaxtyping takes a quarter of the time from the shell prompt to a first vector; modules on that way take their shapes
from here.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Bool as Bool
    from jaxtyping import Float as Float
    from jaxtyping import Float32 as Float32
    from jaxtyping import Float64 as Float64
    from jaxtyping import Int as Int
    from jaxtyping import Int32 as Int32
    from jaxtyping import Int64 as Int64
else:

    class _Shape:
        def __class_getitem__(cls, item: object) -> type:
            return cls

    Bool = Float = Float32 = Float64 = Int = Int32 = Int64 = _Shape
