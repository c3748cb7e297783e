"""Makes the images in this folder, one a way of writing the same pixels: python3 make.py (nothing but the standard library)."""
import struct, zlib

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

def png(name, colour, depth, rows, extra=b""):
    header = struct.pack(">IIBBBBB", 3, 2, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b""))

grey = [[0, 100, 255], [17, 128, 200]]
png("grey.png", 0, 8, [bytes(r) for r in grey])
png("rgb.png", 2, 8, [b"".join(bytes([v, v, v]) for v in r) for r in grey])
png("rgba.png", 6, 8, [b"".join(bytes([v, v, v, 255]) for v in r) for r in grey])
png("translucent.png", 6, 8, [b"".join(bytes([v, v, v, 254]) for v in r) for r in grey])
png("deep.png", 2, 16, [b"".join(struct.pack(">HHH", v * 257, v * 257, v * 257) for v in r) for r in grey])
palette = sorted({v for r in grey for v in r})
png("palette.png", 3, 8, [bytes(palette.index(v) for v in r) for r in grey], chunk(b"PLTE", b"".join(bytes([v, v, v]) for v in palette)))
huge = struct.pack(">IIBBBBB", 900_000, 900_000, 8, 2, 0, 0, 0)
open("huge.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", huge) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))
