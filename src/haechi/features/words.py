"""Machine words: read and write one number at an address, from compiled code.

The memory is one large reservation of bytes; records are addresses in it. Plain loads and stores keep the kernel's
arguments to a few integers, which is what makes a call from Python cheap. Every address comes from `arena.py`, and no
other room touches these functions.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = [
    "as_bits",
    "copy_bytes",
    "from_bits",
    "load_f4",
    "load_f8",
    "load_i8",
    "load_u1",
    "load_u2",
    "load_u4",
    "popcount",
    "power_of_two",
    "prefetch",
    "store_f4",
    "store_f8",
    "store_i8",
    "store_u1",
    "store_u2",
    "store_u4",
    "unknown_bytes",
    "zero_bytes",
]

_BYTE = ir.IntType(8)


def _loader(number: Any, machine: Any) -> Any:
    @intrinsic
    def load(_context: Any, address: Any) -> Any:
        def emit(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            pointer = builder.inttoptr(arguments[0], ir.PointerType(machine))
            return builder.load(pointer)

        return number(types.int64), emit

    return load


def _storer(number: Any, machine: Any) -> Any:
    @intrinsic
    def store(_context: Any, address: Any, value: Any) -> Any:
        def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            pointer = builder.inttoptr(arguments[0], ir.PointerType(machine))
            builder.store(arguments[1], pointer)
            return context.get_dummy_value()

        return types.void(types.int64, number), emit

    return store


load_i8 = _loader(types.int64, ir.IntType(64))
load_u4 = _loader(types.uint32, ir.IntType(32))
load_u2 = _loader(types.uint16, ir.IntType(16))
load_u1 = _loader(types.uint8, ir.IntType(8))
load_f8 = _loader(types.float64, ir.DoubleType())
load_f4 = _loader(types.float32, ir.FloatType())
store_i8 = _storer(types.int64, ir.IntType(64))
store_u4 = _storer(types.uint32, ir.IntType(32))
store_u2 = _storer(types.uint16, ir.IntType(16))
store_u1 = _storer(types.uint8, ir.IntType(8))
store_f8 = _storer(types.float64, ir.DoubleType())
store_f4 = _storer(types.float32, ir.FloatType())


@intrinsic
def popcount(_context: Any, bits: Any) -> Any:
    """Count the bits that are set."""

    def emit(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.int64), emit


@intrinsic
def power_of_two(_context: Any, exponent: Any) -> Any:
    """2 to a whole power between -1022 and 1023, by writing the exponent bits of a float64."""

    def emit(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        number = ir.IntType(64)
        bits = builder.shl(builder.add(arguments[0], ir.Constant(number, 1023)), ir.Constant(number, 52))
        return builder.bitcast(bits, ir.DoubleType())

    return types.float64(types.int64), emit


@intrinsic
def as_bits(_context: Any, number: Any) -> Any:
    """The 64 bits of a float64, as a whole number."""

    def emit(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), emit


@intrinsic
def from_bits(_context: Any, bits: Any) -> Any:
    """The float64 that has these 64 bits."""

    def emit(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), emit


@intrinsic
def prefetch(_context: Any, address: Any) -> Any:
    """Ask the processor to fetch the cache line of an address that is needed soon."""

    def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], _BYTE.as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [_BYTE.as_pointer(), number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [_BYTE.as_pointer()], kind)
        builder.call(function, [pointer, ir.Constant(number, 1), ir.Constant(number, 3), ir.Constant(number, 1)])
        return context.get_dummy_value()

    return types.void(types.int64), emit


@intrinsic
def copy_bytes(_context: Any, target: Any, source: Any, size: Any) -> Any:
    """Copy a record from one address to another; the two never overlap."""

    def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        to, frm = (builder.inttoptr(a, _BYTE.as_pointer()) for a in arguments[:2])
        _memory_call(builder, "llvm.memcpy", [to, frm, arguments[2]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), emit


@intrinsic
def zero_bytes(_context: Any, target: Any, size: Any) -> Any:
    """Make a record empty: all zero bytes are a valid empty record."""

    def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        to = builder.inttoptr(arguments[0], _BYTE.as_pointer())
        _memory_call(builder, "llvm.memset", [to, ir.Constant(_BYTE, 0), arguments[1]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), emit


@intrinsic
def unknown_bytes(_context: Any, target: Any, size: Any) -> Any:
    """Fill a row with "unknown": four bytes of ones are a float32 NaN."""

    def emit(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        to = builder.inttoptr(arguments[0], _BYTE.as_pointer())
        _memory_call(builder, "llvm.memset", [to, ir.Constant(_BYTE, 255), arguments[1]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), emit


def _memory_call(builder: Any, name: str, arguments: list[Any]) -> None:
    flag = ir.IntType(1)
    pointer = _BYTE.as_pointer()
    second = pointer if name.endswith("memcpy") else _BYTE
    overloads = [pointer, pointer, ir.IntType(64)] if name.endswith("memcpy") else [pointer, ir.IntType(64)]
    kind = ir.FunctionType(ir.VoidType(), [pointer, second, ir.IntType(64), flag])
    function = builder.module.declare_intrinsic(name, overloads, kind)
    builder.call(function, [*arguments, ir.Constant(flag, 0)])
