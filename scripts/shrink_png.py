#!/usr/bin/env python3
"""shrink_png.py IN OUT: an 8-bit RGB picture of a window as a PNG with a palette of 256 colours, which text does not miss."""
import collections
import struct
import sys
import zlib


def read(path):
    data = open(path, "rb").read()
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, colours, interlaced) == (8, 2, 0), "not an 8-bit RGB picture"
        if kind == b"IDAT":
            packed += body
        at += size + 12
    raw, stride = zlib.decompress(packed), width * 3
    rows, before = [], bytearray(stride)
    for y in range(height):
        how = raw[y * (stride + 1)]
        row = bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for x in range(stride):
            left = row[x - 3] if x >= 3 else 0
            up, corner = before[x], before[x - 3] if x >= 3 else 0
            if how == 1:
                row[x] = row[x] + left & 255
            elif how == 2:
                row[x] = row[x] + up & 255
            elif how == 3:
                row[x] = row[x] + (left + up) // 2 & 255
            elif how == 4:
                guess = left + up - corner
                row[x] = row[x] + min((left, up, corner), key=lambda v: abs(guess - v)) & 255
        rows.append(row)
        before = row
    return width, height, rows


def distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b))


def choose_palette(counts):
    """The commonest colours, then those that would suffer most: a red word among much blue is to stay red."""
    palette = [colour for colour, _ in counts.most_common(96)]
    error = {c: min(distance(c, p) for p in palette) for c in counts}
    while len(palette) < 256:
        worst = max(counts, key=lambda c: counts[c] * error[c])
        if error[worst] == 0:
            break
        palette.append(worst)
        error = {c: min(e, distance(c, worst)) for c, e in error.items()}
    return palette


def write(path, width, height, rows):
    pixels = [[bytes(row[i : i + 3]) for i in range(0, width * 3, 3)] for row in rows]
    counts = collections.Counter(p for row in pixels for p in row)
    palette = choose_palette(counts)
    nearest = {c: min(range(len(palette)), key=lambda i: distance(c, palette[i])) for c in counts}
    raw = b"".join(b"\0" + bytes(nearest[p] for p in row) for row in pixels)

    def part(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)))
        out.write(part(b"PLTE", b"".join(palette)) + part(b"IDAT", zlib.compress(raw, 9)) + part(b"IEND", b""))


write(sys.argv[2], *read(sys.argv[1]))
