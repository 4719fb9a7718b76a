"""xxh3-64 of short texts in compiled code: the same numbers as the xxhash library gives, for at most 128 bytes.

Written from the algorithm's published description (Collet, xxHash: doc/xxhash_spec.md, XXH3 with a seed); a test holds
it against the library for every length.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from haechi.features.jit import compiled
from haechi.features.words import load_i8, load_u1, load_u4

__all__ = ["BYTES_MAX", "xxh3"]

BYTES_MAX = 128
_U = np.uint64
_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248e"
    "e03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d"
    "8a51e04bcdb45931c89f7ec9d9787364"
)
_S = tuple(_U(word) for word in struct.unpack("<16Q", _SECRET))
_PRIME_1, _PRIME_2, _PRIME_3 = _U(0x9E3779B185EBCA87), _U(0xC2B2AE3D27D4EB4F), _U(0x165667B19E3779F9)
_MIX_1, _MIX_2 = _U(0x165667919E3779F9), _U(0x9FB21C651E98DF25)


@intrinsic
def _fold(_context: Any, one: Any, other: Any) -> Any:
    """The 128-bit product of two numbers, its halves joined by xor."""

    def emit(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        wide, half = ir.IntType(128), ir.IntType(64)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        high = builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), half)
        return builder.xor(builder.trunc(product, half), high)

    return types.uint64(types.uint64, types.uint64), emit


@intrinsic
def _swapped(_context: Any, number: Any) -> Any:
    """The eight bytes of a number in the other order."""

    def emit(_ctx: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bswap(arguments[0])

    return types.uint64(types.uint64), emit


@compiled
def _rotated(number: Any, bits: Any) -> Any:
    return (number << _U(bits)) | (number >> _U(64 - bits))


@compiled
def _mixed(h: Any) -> Any:
    h = (h ^ (h >> _U(37))) * _MIX_1
    return h ^ (h >> _U(32))


@compiled
def _word(at: int) -> Any:
    return _U(load_i8(at))


@compiled
def _sixteen(at: int, low: Any, high: Any, seed: Any) -> Any:
    return _fold(_word(at) ^ (low + seed), _word(at + 8) ^ (high - seed))


@compiled
def _tiny(at: int, size: int, seed: Any) -> Any:
    first, middle, last = _U(load_u1(at)), _U(load_u1(at + (size >> 1))), _U(load_u1(at + size - 1))
    said = (first << _U(16)) | (middle << _U(24)) | last | (_U(size) << _U(8))
    h = said ^ (((_S[0] & _U(0xFFFFFFFF)) ^ (_S[0] >> _U(32))) + seed)
    h = (h ^ (h >> _U(33))) * _PRIME_2
    h = (h ^ (h >> _U(29))) * _PRIME_3
    return h ^ (h >> _U(32))


@compiled
def _small(at: int, size: int, seed: Any) -> Any:
    seed = seed ^ _swapped(seed & _U(0xFFFFFFFF))
    said = _U(load_u4(at + size - 4)) + (_U(load_u4(at)) << _U(32))
    h = said ^ ((_S[1] ^ _S[2]) - seed)
    h = h ^ _rotated(h, 49) ^ _rotated(h, 24)
    h = h * _MIX_2
    h = (h ^ ((h >> _U(35)) + _U(size))) * _MIX_2
    return h ^ (h >> _U(28))


@compiled
def _medium(at: int, size: int, seed: Any) -> Any:
    low = _word(at) ^ ((_S[3] ^ _S[4]) + seed)
    high = _word(at + size - 8) ^ ((_S[5] ^ _S[6]) - seed)
    return _mixed(_U(size) + _swapped(low) + high + _fold(low, high))


@compiled
def _large(at: int, size: int, seed: Any) -> Any:
    h = _U(size) * _PRIME_1
    end = at + size
    if size > 96:
        h += _sixteen(at + 48, _S[12], _S[13], seed) + _sixteen(end - 64, _S[14], _S[15], seed)
    if size > 64:
        h += _sixteen(at + 32, _S[8], _S[9], seed) + _sixteen(end - 48, _S[10], _S[11], seed)
    if size > 32:
        h += _sixteen(at + 16, _S[4], _S[5], seed) + _sixteen(end - 32, _S[6], _S[7], seed)
    h += _sixteen(at, _S[0], _S[1], seed) + _sixteen(end - 16, _S[2], _S[3], seed)
    return _mixed(h)


@compiled
def xxh3(at: int, size: int, seed: int) -> Any:
    """The hash of 1 to 128 bytes at an address, as the 64 bits of a signed number."""
    salt = _U(seed)
    if size <= 3:
        return np.int64(_tiny(at, size, salt))
    if size <= 8:
        return np.int64(_small(at, size, salt))
    if size <= 16:
        return np.int64(_medium(at, size, salt))
    return np.int64(_large(at, size, salt))
