"""One network's epoch on one core, compiled by numba.

The affine maps between images and representations are kept in blocks of columns, (blocks, rows, width), narrow enough
that a block of weights and the batch's pixels beside it stay in the processor's first cache. A step reads the encoder
once for the representations and once for its update, and the decoder once: reconstruction, loss, gradient with respect
to the activations, momentum and step are computed while the block is in the cache.

The functions release Python's lock and take plain arrays; rows and samples are padded with zeros to the sizes of the
register tiles.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from isoaux.bases.interference import KNOTS, STEP
from isoaux.common.compiling import compiled, wide_vectors

ROWS = 3
"""Rows of a weight block are padded to a multiple of this."""

SAMPLES = 12
"""The samples of a batch are padded to a multiple of this."""

BLOCK_BYTES = 2048
"""The most bytes that a row of a block of columns takes."""

TANH, ISOTANH, LRELU, ISOLRELU, BNLRELU_ELEM, BNLRELU_MAX, DNLRELU, GENTANH, GAUGETANH = range(9)

KINDS = {
    "tanh": TANH,
    "isotanh": ISOTANH,
    "lrelu": LRELU,
    "isolrelu": ISOLRELU,
    "bnlrelu_elem": BNLRELU_ELEM,
    "bnlrelu_max": BNLRELU_MAX,
    "dnlrelu": DNLRELU,
    "gentanh": GENTANH,
    "gaugetanh": GAUGETANH,
}
"""The activations that are compiled, and their numbers; from ``GENTANH`` on they have a basis."""

AFFINE, NORMALISER, CORRECTION, RATE = range(4)

FORMS = {"affine": AFFINE, "normaliser": NORMALISER, "correction": CORRECTION, "rate": RATE}
"""Forms of :mod:`isoaux.training.maps`, and their numbers in :func:`factors` and :func:`pull_back_inputs`."""

TINY = float(np.finfo(np.float32).tiny)
"""The least norm that a representation is divided by."""


@compiled
def accumulate(C, a, S):
    """C += a S in place, for C (p, J), a (p, q) and S (q, J); p and q are multiples of 3."""
    wide_vectors()
    sixes = S.shape[0] - S.shape[0] % 6
    for i in range(0, C.shape[0], 3):
        c0, c1, c2 = C[i], C[i + 1], C[i + 2]
        b0, b1, b2 = a[i], a[i + 1], a[i + 2]
        for k in range(0, sixes, 6):
            s0, s1, s2, s3, s4, s5 = S[k], S[k + 1], S[k + 2], S[k + 3], S[k + 4], S[k + 5]
            a00, a01, a02, a03, a04, a05 = b0[k], b0[k + 1], b0[k + 2], b0[k + 3], b0[k + 4], b0[k + 5]
            a10, a11, a12, a13, a14, a15 = b1[k], b1[k + 1], b1[k + 2], b1[k + 3], b1[k + 4], b1[k + 5]
            a20, a21, a22, a23, a24, a25 = b2[k], b2[k + 1], b2[k + 2], b2[k + 3], b2[k + 4], b2[k + 5]
            for j in range(C.shape[1]):
                x0, x1, x2, x3, x4, x5 = s0[j], s1[j], s2[j], s3[j], s4[j], s5[j]
                c0[j] += a00 * x0 + a01 * x1 + a02 * x2 + a03 * x3 + a04 * x4 + a05 * x5
                c1[j] += a10 * x0 + a11 * x1 + a12 * x2 + a13 * x3 + a14 * x4 + a15 * x5
                c2[j] += a20 * x0 + a21 * x1 + a22 * x2 + a23 * x3 + a24 * x4 + a25 * x5
        for k in range(sixes, S.shape[0], 3):
            s0, s1, s2 = S[k], S[k + 1], S[k + 2]
            a00, a01, a02, a10, a11, a12 = b0[k], b0[k + 1], b0[k + 2], b1[k], b1[k + 1], b1[k + 2]
            a20, a21, a22 = b2[k], b2[k + 1], b2[k + 2]
            for j in range(C.shape[1]):
                x0, x1, x2 = s0[j], s1[j], s2[j]
                c0[j] += a00 * x0 + a01 * x1 + a02 * x2
                c1[j] += a10 * x0 + a11 * x1 + a12 * x2
                c2[j] += a20 * x0 + a21 * x1 + a22 * x2


@compiled
def correlate(C, R, S):
    """C += R S^T in place, for C (p, q), R (p, J) and S (q, J); p is a multiple of 4 and q of 3."""
    wide_vectors()
    zero = C.dtype.type(0)
    for i in range(0, R.shape[0], 4):
        r0, r1, r2, r3 = R[i], R[i + 1], R[i + 2], R[i + 3]
        for k in range(0, S.shape[0], 3):
            s0, s1, s2 = S[k], S[k + 1], S[k + 2]
            c00 = c01 = c02 = c10 = c11 = c12 = c20 = c21 = c22 = c30 = c31 = c32 = zero
            for j in range(R.shape[1]):
                x0, x1, x2 = s0[j], s1[j], s2[j]
                c00 += r0[j] * x0
                c01 += r0[j] * x1
                c02 += r0[j] * x2
                c10 += r1[j] * x0
                c11 += r1[j] * x1
                c12 += r1[j] * x2
                c20 += r2[j] * x0
                c21 += r2[j] * x1
                c22 += r2[j] * x2
                c30 += r3[j] * x0
                c31 += r3[j] * x1
                c32 += r3[j] * x2
            C[i, k] += c00
            C[i, k + 1] += c01
            C[i, k + 2] += c02
            C[i + 1, k] += c10
            C[i + 1, k + 1] += c11
            C[i + 1, k + 2] += c12
            C[i + 2, k] += c20
            C[i + 2, k + 1] += c21
            C[i + 2, k + 2] += c22
            C[i + 3, k] += c30
            C[i + 3, k + 1] += c31
            C[i + 3, k + 2] += c32


@compiled
def norm(kind, x):
    """The norm of a vector that an activation scales: its largest component for ``bnlrelu_max``, else its length."""
    r = x.dtype.type(0)
    if kind == BNLRELU_MAX:
        for i in range(x.size):
            r = max(r, abs(x[i]))
    else:
        for i in range(x.size):
            r += x[i] * x[i]
        r = math.sqrt(r)
    return max(r, TINY)


@compiled
def even(x):
    """Whether the product of the signs of a vector's components is positive."""
    sign = 1
    for i in range(x.size):
        if not x[i] > 0:
            sign = -sign if x[i] < 0 else 0
    return sign > 0


@compiled
def radial(kind, leak, radius, r):
    """Factor, f(z) = factor z, and slope along z of an activation that scales whole vectors, at a norm r of z."""
    if kind == ISOTANH:
        phi = math.tanh(r)
        return phi / r, 1 - phi * phi
    if r < radius:
        return leak, leak
    return 1 - (1 - leak) * radius / r, 1.0


@compiled
def activate(kind, leak, radius, z, a):
    """a = f(z) in place of ``a``, for representations z (samples, n) (Eqns 3 to 10, footnote 11)."""
    for b in range(z.shape[0]):
        x, y = z[b], a[b]
        if kind == TANH:
            for i in range(x.size):
                y[i] = math.tanh(x[i])
        elif kind == LRELU:
            for i in range(x.size):
                y[i] = x[i] if x[i] > 0 else leak * x[i]
        elif kind == BNLRELU_ELEM:
            for i in range(x.size):
                y[i] = leak * x[i] if abs(x[i]) < radius else x[i] - math.copysign((1 - leak) * radius, x[i])
        else:
            factor = (1.0 if even(x) else leak) if kind == DNLRELU else radial(kind, leak, radius, norm(kind, x))[0]
            for i in range(x.size):
                y[i] = factor * x[i]


@compiled
def pull_back(kind, leak, radius, z, a, g):
    """g = J(z)^T g in place, for z, a = f(z) and g of shape (samples, n); J is the activation's Jacobian."""
    for b in range(z.shape[0]):
        x, y = z[b], g[b]
        if kind == TANH:
            for i in range(x.size):
                y[i] -= y[i] * a[b, i] * a[b, i]
        elif kind == LRELU:
            for i in range(x.size):
                y[i] *= 1.0 if x[i] > 0 else leak
        elif kind == BNLRELU_ELEM:
            for i in range(x.size):
                y[i] *= leak if abs(x[i]) < radius else 1.0
        elif kind == DNLRELU:
            factor = 1.0 if even(x) else leak
            for i in range(x.size):
                y[i] *= factor
        else:
            r = norm(kind, x)
            factor, slope = radial(kind, leak, radius, r)
            along, largest = 0.0, 0
            for i in range(x.size):
                along += x[i] * y[i]
                if abs(x[i]) > abs(x[largest]):
                    largest = i
                y[i] *= factor
            along *= (slope - factor) / (r * r)
            if kind == BNLRELU_MAX:
                y[largest] += along * math.copysign(r, x[largest])
            else:
                for i in range(x.size):
                    y[i] += along * x[i]


@compiled
def correction(table, r):
    """N(r) / r and its derivative at a length r, from a table of :mod:`isoaux.bases.interference`; 0 without knots."""
    if table.shape[0] == 0:
        return 0.0, 0.0
    s = min(math.asinh(r) / STEP, KNOTS - 1.0)
    k = min(int(s), KNOTS - 2)
    x, a, b = s - k, table[k], table[k + 1]
    half = a[2] / 2
    d0, d1, d2 = b[0] - a[0] - a[1] - half, b[1] - a[1] - a[2], (b[2] - a[2]) / 2
    c3, c4, c5 = 10 * d0 - 4 * d1 + d2, -15 * d0 + 7 * d1 - 2 * d2, 6 * d0 - 3 * d1 + d2
    value = a[0] + x * (a[1] + x * (half + x * (c3 + x * (c4 + x * c5))))
    slope = a[1] + x * (a[2] + x * (3 * c3 + x * (4 * c4 + x * 5 * c5)))
    return value, slope / (STEP * math.sqrt(1 + r * r))


@compiled
def activate_on(kind, B, m, n, table, size, z, a, P, T):
    """a = f(z) in place of ``a`` (size, n), for an activation with the basis ``B`` (m, n) (Eqns 14 and 15, App. C).

    Products with the vectors are written to ``P`` (samples, m), and their hyperbolic tangents to ``T`` if needed.
    """
    wide_vectors()
    for b in range(size):
        x, y, p, t = z[b], a[b], P[b], T[b]
        r = norm(kind, x[:n])
        for i in range(m):
            row, s = B[i], x.dtype.type(0)
            for j in range(n):
                s += row[j] * x[j]
            p[i] = s
        if kind == GENTANH:
            ratio = x.dtype.type(correction(table, float(r))[0])
            for j in range(n):
                y[j] = 0
            for i in range(m):
                if p[i] > 0:
                    t[i] = math.tanh(p[i])
                    row, w = B[i], t[i] + ratio * p[i]
                    for j in range(n):
                        y[j] += w * row[j]
        else:
            q = p[0]
            for i in range(1, m):
                q = max(q, p[i])
            factor = x.dtype.type(math.tanh(r) / max(q, TINY))
            for j in range(n):
                y[j] = factor * x[j]


@compiled
def pull_back_on(kind, B, m, n, table, size, z, P, T, g, room):
    """g = J(z)^T g in place, for ``z``, ``P`` and ``T`` as :func:`activate_on` left them; ``room`` (n,) is scratch."""
    wide_vectors()
    for b in range(size):
        x, y, p, t = z[b], g[b], P[b], T[b]
        r = norm(kind, x[:n])
        along = x.dtype.type(0)
        if kind == GENTANH:
            value, slope = correction(table, float(r))
            ratio = x.dtype.type(value)
            for j in range(n):
                room[j] = 0
            for i in range(m):
                if p[i] > 0:
                    row, u = B[i], x.dtype.type(0)
                    for j in range(n):
                        u += row[j] * y[j]
                    along += p[i] * u
                    w = x.dtype.type(1 - t[i] * t[i] + ratio) * u
                    for j in range(n):
                        room[j] += w * row[j]
            along *= x.dtype.type(slope) / r
            for j in range(n):
                y[j] = room[j] + along * x[j]
        else:
            largest = 0
            for i in range(1, m):
                if p[i] > p[largest]:
                    largest = i
            q, h = max(p[largest], TINY), math.tanh(r)
            for j in range(n):
                along += x[j] * y[j]
            inward, outward = along * h / (q * q), along * (1 - h * h) / (q * r)
            for j in range(n):
                y[j] = h / q * y[j] + outward * x[j] - inward * B[largest, j]


@compiled
def factors(form, matched, typical, square):
    """alpha, beta and omega of an input of the squared length ``square`` (Eqns 26 and 32; ``isoaux.training.maps``)."""
    if form == NORMALISER:
        return math.sqrt(typical if matched else 1.0) / max(math.sqrt(square), TINY), 1.0, 1.0
    constant = (typical + 1 if matched else 1.0) / (square + 1)
    if form == CORRECTION:
        return math.sqrt(constant), math.sqrt(constant), 1.0
    return 1.0, 1.0, constant if form == RATE else 1.0


@compiled
def rescale(form, matched, typical, x, u, F):
    """u = alpha x in place of ``u``, for x (samples, p); alpha, beta and omega are written to F (3, samples)."""
    for b in range(x.shape[0]):
        square = x.dtype.type(0)
        for j in range(x.shape[1]):
            square += x[b, j] * x[b, j]
        F[0, b], F[1, b], F[2, b] = factors(form, matched, typical, square)
        for j in range(x.shape[1]):
            u[b, j] = F[0, b] * x[b, j]


@compiled
def pull_back_inputs(form, x, F, g, dc):
    """The gradient with respect to x (samples, p), in place of ``g``, the one with respect to u; dc is that of beta."""
    for b in range(x.shape[0]):
        square, along = x.dtype.type(0), F[1, b] * dc[b] if form == CORRECTION else x.dtype.type(0)
        for j in range(x.shape[1]):
            square += x[b, j] * x[b, j]
            along += F[0, b] * x[b, j] * g[b, j]
        along /= square + 1 if form == CORRECTION else max(square, TINY)
        for j in range(x.shape[1]):
            g[b, j] = F[0, b] * g[b, j] - along * x[b, j]


class Bases(NamedTuple):
    """The bases of a network's activations, padded to one shape; of no vector where it has none."""

    vectors: NDArray[np.floating]
    """(activations, m, widest), in the parameters' dtype"""
    counts: NDArray[np.int64]
    """(activations,), the numbers of vectors"""
    tables: NDArray[np.float64]
    """(activations, knots, 3), as :func:`correction` takes them"""


class Weights(NamedTuple):
    """A network's parameters, or its momentum, in the layout of the compiled step."""

    encoder: NDArray[np.floating]
    """(blocks, rows, width)"""
    bias: NDArray[np.floating]
    """(n,)"""
    hidden: NDArray[np.floating]
    """(L, widest, widest), outputs by inputs"""
    hidden_bias: NDArray[np.floating]
    """(L, widest)"""
    decoder: NDArray[np.floating]
    """(blocks, rows, width), transposed"""
    output: NDArray[np.floating]
    """(blocks, width), the decoder's bias"""


@compiled
def read(images, chosen, first, scale, offset, X):
    """Write the batch's pixels, from column ``first`` on, to X (samples, width) as the network sees them."""
    wide_vectors()
    width = min(X.shape[1], images.shape[1] - first)
    for b in range(chosen.size):
        row, x = images[chosen[b], first : first + width], X[b]
        for j in range(width):
            x[j] = row[j] * scale[j] + offset[j]


@compiled
def descend(P, M, momentum, rate, a, S):
    """M = momentum M + a S and P = P - rate M in place, for a block P and M (p, J), a (p, q) and S (q, J)."""
    wide_vectors()
    p, m = P.ravel(), M.ravel()
    for j in range(m.size):
        m[j] *= momentum
    accumulate(M, a, S)
    for j in range(p.size):
        p[j] -= rate * m[j]


@compiled
def descend_small(P, M, momentum, rate, a, S):
    """As :func:`descend`, for the upper left of a small P, with ``a`` transposed, (q, p), of any size."""
    for i in range(a.shape[1]):
        for j in range(S.shape[1]):
            g = momentum * M[i, j]
            for b in range(S.shape[0]):
                g += a[b, i] * S[b, j]
            M[i, j] = g
            P[i, j] -= rate * g


@compiled
def epoch(
    images,
    visits,
    batch,
    scale,
    offset,
    p,
    m,
    X,
    R,
    widths,
    kind,
    leak,
    radius,
    on,
    form,
    matched,
    typical,
    rate,
    momentum,
):
    """The sum of squared residuals over an epoch's samples and pixels; trains one network for that epoch, in place.

    ``images`` (N, d) uint8; ``visits`` the samples in their order, taken in batches of ``batch``, the last one short;
    ``scale`` and ``offset`` (blocks, width); ``p`` and ``m`` the :class:`Weights` and their momentum; ``X`` (blocks,
    samples, width) and ``R`` (samples, width) are room for a batch's pixels and residuals, which like the weights
    should start on boundaries of 64 bytes; ``widths`` are those of the layers between input and output; ``on`` are the
    :class:`Bases` of an activation that has one; ``form``, ``matched`` and, behind each activation, ``typical`` say
    which of :mod:`isoaux.training.maps` all its maps are.
    """
    wide_vectors()
    d = images.shape[1]
    blocks, rows, width = p.encoder.shape
    n, last, depth = p.bias.size, widths[-1], p.hidden.shape[0]
    rows = max(rows, p.decoder.shape[1])
    for k in range(depth + 1):
        rows = max(rows, widths[k])
    samples = R.shape[0]
    has_basis = kind >= GENTANH
    P = np.zeros((depth + 1, samples, on.vectors.shape[1]), p.encoder.dtype)
    T, room = np.zeros_like(P), np.zeros(rows, P.dtype)
    Z = np.zeros((depth + 1, samples, rows), p.encoder.dtype)
    A, G = np.zeros_like(Z), np.zeros_like(Z[0])
    U = A if form == AFFINE else np.zeros_like(A)  # what the maps after the encoder multiply
    F = np.ones((depth + 2, 3, samples), G.dtype)  # alpha, beta and omega of every map from encoder to decoder
    bends = form == NORMALISER or form == CORRECTION
    across, turn, dc = np.zeros((rows, samples), G.dtype), np.ones((samples, 1), G.dtype), np.zeros(samples, G.dtype)
    total = 0.0
    for start in range(0, visits.size, batch):
        chosen = visits[start : start + batch]
        size = chosen.size
        gradient = G.dtype.type(2 / (size * d))  # of the mean over batch and elements
        if size < batch:
            X[:, size:], A[:, size:], U[:, size:], across[:, size:] = 0, 0, 0, 0

        Z[0] = 0
        for q in range(blocks):
            read(images, chosen, q * width, scale[q], offset[q], X[q])
            correlate(Z[0], X[q], p.encoder[q])
        if form != AFFINE:
            for b in range(size):
                square = G.dtype.type(0)
                for q in range(blocks):
                    x = X[q, b]
                    for j in range(width):
                        square += x[j] * x[j]
                F[0, 0, b], F[0, 1, b], F[0, 2, b] = factors(form, matched, float(d), square)
        for b in range(size):
            for i in range(n):
                Z[0, b, i] = F[0, 0, b] * Z[0, b, i] + F[0, 1, b] * p.bias[i]
        for k in range(depth + 1):
            here = widths[k]
            if k > 0:
                before = widths[k - 1]
                for b in range(size):
                    for i in range(here):
                        z = F[k, 1, b] * p.hidden_bias[k - 1, i]
                        for j in range(before):
                            z += p.hidden[k - 1, i, j] * U[k - 1, b, j]
                        Z[k, b, i] = z
            if has_basis:
                activate_on(kind, on.vectors[k], on.counts[k], here, on.tables[k], size, Z[k], A[k], P[k], T[k])
            else:
                activate(kind, leak, radius, Z[k, :size, :here], A[k, :size, :here])
            if form != AFFINE:
                rescale(form, matched, typical[k], A[k, :size, :here], U[k, :size, :here], F[k + 1])

        G[:] = 0
        dc[:] = 0
        betas, omegas = F[depth + 1, 1], F[depth + 1, 2]
        for b in range(size):
            across[:last, b] = gradient * omegas[b] * U[depth, b, :last]
        across[last:] = 0
        for q in range(blocks):
            for b in range(size):
                r, x, c, beta = R[b], X[q, b], p.output[q], betas[b]
                for j in range(width):
                    r[j] = beta * c[j] - x[j]
            R[size:] = 0
            accumulate(R, U[depth], p.decoder[q])
            r, squares = R.ravel(), G.dtype.type(0)
            for j in range(r.size):
                squares += r[j] * r[j]
            total += squares
            correlate(G, R, p.decoder[q])
            descend(p.decoder[q], m.decoder[q], momentum, rate, across, R)
            c, v = p.output[q], m.output[q]
            if form == CORRECTION:
                for b in range(size):
                    r, s = R[b], G.dtype.type(0)
                    for j in range(width):
                        s += r[j] * c[j]
                    dc[b] += s
            for j in range(width):
                v[j] *= momentum
            for b in range(size):
                r, weight = R[b], gradient * omegas[b] * betas[b]
                for j in range(width):
                    v[j] += weight * r[j]
            for j in range(width):
                c[j] -= rate * v[j]

        for k in range(depth, -1, -1):
            here = widths[k]
            g = G[:size, :here]
            if bends:
                pull_back_inputs(form, A[k, :size, :here], F[k + 1], g, dc)
            if has_basis:
                pull_back_on(kind, on.vectors[k], on.counts[k], here, on.tables[k], size, Z[k], P[k], T[k], G, room)
            else:
                pull_back(kind, leak, radius, Z[k, :size, :here], A[k, :size, :here], g)
            if k == 0:
                break
            after, there = g.copy(), widths[k - 1]
            for b in range(size):
                for j in range(there):
                    s = G.dtype.type(0)
                    for i in range(here):
                        s += after[b, i] * p.hidden[k - 1, i, j]
                    G[b, j] = s
                s = G.dtype.type(0)
                for i in range(here):
                    s += after[b, i] * p.hidden_bias[k - 1, i]
                dc[b] = s
                after[b] *= gradient * F[k, 2, b]
                turn[b, 0] = F[k, 1, b]
            descend_small(p.hidden[k - 1], m.hidden[k - 1], momentum, rate, after, U[k - 1, :size, :there])
            descend_small(p.hidden_bias[k - 1 : k], m.hidden_bias[k - 1 : k], momentum, rate, turn[:size], after)
        g = G[:size, :n]
        for b in range(size):
            g[b] *= gradient * F[0, 2, b]
            turn[b, 0] = F[0, 1, b]
            across[:n, b] = F[0, 0, b] * g[b]
        across[n:] = 0
        descend_small(p.bias.reshape(1, n), m.bias.reshape(1, n), momentum, rate, turn[:size], g)
        for q in range(blocks):
            descend(p.encoder[q], m.encoder[q], momentum, rate, across, X[q])
    return total
