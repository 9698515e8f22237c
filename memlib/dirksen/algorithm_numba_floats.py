"""The inner loops of the run on packed bits, compiled by numba: the same numbers as in `algorithm_packed_floats`.

Arrays of bits have the shape (words, points), 64 hyperplanes a word. Importing this module needs numba.
"""

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

#: Points whose words stay in the cache while all candidates of a batch, or all hyperplanes, pass over them.
BLOCK = 256


@intrinsic
def popcount(context, word):
    """Return the number of ones of a word: one machine instruction."""

    def code(context, builder, signature, arguments):
        count = builder.module.declare_intrinsic("llvm.ctpop", [ir.IntType(64)])
        return builder.call(count, arguments)

    return types.int64(types.uint64), code


@njit("uint32[::1](uint64[::1], uint64[:, ::1])", cache=True)
def counts(mask, bits):
    """Return for every point the number of its ones among those of the mask."""
    words, points = bits.shape
    found = np.zeros(points, np.uint32)
    total = np.empty(BLOCK, np.int64)
    for start in range(0, points, BLOCK):
        size = min(BLOCK, points - start)
        total[:] = 0
        for w in range(words):
            row, m = bits[w, start : start + size], mask[w]
            for i in range(size):
                total[i] += popcount(row[i] & m)  # type: ignore[call-arg]
        part = found[start : start + size]
        for i in range(size):
            part[i] = total[i]
    return found


@njit("int64[::1](uint64[:, ::1], uint64[:, ::1])", cache=True)
def least(masks, bits):
    """Return for every mask, a row of words, the least count over the points."""
    words, points = bits.shape
    found = np.full(len(masks), 64 * words + 1, np.int64)
    total = np.empty(BLOCK, np.int64)
    for start in range(0, points, BLOCK):
        size = min(BLOCK, points - start)
        for k in range(len(masks)):
            total[:] = 0
            for w in range(words):
                row, m = bits[w, start : start + size], masks[k, w]
                for i in range(size):
                    total[i] += popcount(row[i] & m)  # type: ignore[call-arg]
            smallest = found[k]
            for i in range(size):
                smallest = min(smallest, total[i])
            found[k] = smallest
    return found


@njit("uint64[:, ::1](float64[:, ::1], float64[::1], float64[:, ::1])", cache=True)
def planar(weights, biases, columns):
    """Return `signs` in the plane; four hyperplanes at a time, so that a point is loaded once for four bits."""
    n, points = len(weights), columns.shape[1]
    found = np.zeros(((n + 63) // 64, points), np.uint64)
    word, none = np.empty(BLOCK, np.int64), np.int64(0)
    w, b = np.zeros((4, 2)), np.empty(4)
    for start in range(0, points, BLOCK):
        size = min(BLOCK, points - start)
        first, second = columns[0, start : start + size], columns[1, start : start + size]
        for part in range(len(found)):
            word[:] = 0
            for h in range(64 * part, min(64 * part + 64, n), 4):
                b[:] = -1  # a hyperplane that is not there has the bit 0
                w[:] = 0
                for k in range(min(4, n - h)):
                    w[k], b[k] = weights[h + k], biases[h + k]
                a0, b0, c0, a1, b1, c1 = w[0, 0], w[0, 1], b[0], w[1, 0], w[1, 1], b[1]
                a2, b2, c2, a3, b3, c3 = w[2, 0], w[2, 1], b[2], w[3, 0], w[3, 1], b[3]
                one = np.int64(1) << np.int64(h - 64 * part)
                two, four, eight = one << 1, one << 2, one << 3
                for i in range(size):
                    x, y = first[i], second[i]
                    word[i] |= (
                        (one if a0 * x + b0 * y + c0 > 0 else none)
                        | (two if a1 * x + b1 * y + c1 > 0 else none)
                        | (four if a2 * x + b2 * y + c2 > 0 else none)
                        | (eight if a3 * x + b3 * y + c3 > 0 else none)
                    )
            row = found[part, start : start + size]
            for i in range(size):
                row[i] = word[i]
    return found


@njit("uint64[:, ::1](float64[:, ::1], float64[::1], float64[:, ::1])", cache=True)
def signs(weights, biases, columns):
    """Return the packed bits [w.x + b > 0]; the points are columns. For few dimensions."""
    if len(columns) == 2:
        return planar(weights, biases, columns)
    n, d = weights.shape
    points = columns.shape[1]
    found = np.zeros(((n + 63) // 64, points), np.uint64)
    value, word = np.empty(BLOCK), np.empty(BLOCK, np.int64)
    for start in range(0, points, BLOCK):
        size = min(BLOCK, points - start)
        for w in range(len(found)):
            word[:] = 0
            for h in range(64 * w, min(64 * w + 64, n)):
                value[:] = biases[h]
                for j in range(d - 1):
                    column, weight = columns[j, start : start + size], weights[h, j]
                    for i in range(size):
                        value[i] += weight * column[i]
                column, weight = columns[d - 1, start : start + size], weights[h, d - 1]
                one = np.int64(1) << np.int64(h - 64 * w)
                for i in range(size):
                    word[i] |= one if value[i] + weight * column[i] > 0 else np.int64(0)
            row = found[w, start : start + size]
            for i in range(size):
                row[i] = word[i]
    return found
