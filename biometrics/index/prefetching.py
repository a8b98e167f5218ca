"""Asking memory early: the processor fetches what will be read, and goes on meanwhile.

Numba does not look here when it decides whether what it kept of voting.py still holds: change both together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

#: llvm.prefetch: to be read, kept in all caches, data.
_READ, _KEEP, _DATA = 0, 3, 1


def _typed(_: Any, array: Any, place: Any) -> tuple[Any, Any]:
    # Whatever whole number it is: it is brought to the width of an address.
    del place

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte_address, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.bitcast(builder.gep(view.data, [arguments[1]]), byte_address)
        kind = ir.FunctionType(ir.VoidType(), [byte_address, word, word, word])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte_address], kind)
        builder.call(function, [address, word(_READ), word(_KEEP), word(_DATA)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


#: Inside compiled functions only: fetches the cache line of that item of a contiguous array. Changes nothing.
prefetch = cast(Callable[[NDArray[np.generic], int], None], intrinsic(_typed))
