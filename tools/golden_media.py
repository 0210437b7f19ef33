#!/usr/bin/env python3
"""Makes the golden pictures of room media: python3 tools/golden_media.py tests/golden/media

Every picture is made by arithmetic here. Files that Pillow can write come from Pillow; what it cannot
write (tiles, planes, 16-bit colour, odd BMP headers) comes from the small writers below. Whatever
Pillow can read is read back by it, so that the expected pixels have a second witness.

pictures.txt   one line per file: file, expected pixels, width, height, channels, depth, tolerance
resize.txt     one line per case: source pixels, width, height, channels, depth; result, width,
               height, filter, tolerance
*.raw          pixels: interleaved, 8 bit or 16 bit little endian

Needs Pillow 9 and numpy (Debian 12: python3-pil python3-numpy).
"""
import io
import math
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

WIDTH, HEIGHT = 23, 17


class Folder:
    """The folder that is written, and its two lists."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.pictures, self.resizes = [], []

    def raw(self, name, pixels):
        pixels = np.ascontiguousarray(pixels)
        data = pixels.astype("<u2").tobytes() if pixels.dtype == np.uint16 else pixels.tobytes()
        (self.path / name).write_bytes(data)

    def picture(self, name, data, expected, tolerance=0, raw=None, witness=True):
        """expected: array [h,w] or [h,w,c]. raw: name of the expected pixels, shared or new."""
        expected = expected if expected.ndim == 3 else expected[:, :, None]
        raw = raw or name.replace(".", "_") + ".raw"
        (self.path / name).write_bytes(data)
        self.raw(raw, expected)
        if witness:
            compare_with_pillow(name, data, expected, tolerance)
        height, width, channels = expected.shape
        depth = 8 * expected.dtype.itemsize
        self.pictures.append(f"{name} {raw} {width} {height} {channels} {depth} {tolerance}")

    def finish(self):
        (self.path / "pictures.txt").write_text("\n".join(self.pictures) + "\n")
        (self.path / "resize.txt").write_text("\n".join(self.resizes) + "\n")


def compare_with_pillow(name, data, expected, tolerance):
    image = Image.open(io.BytesIO(data))
    if not name.endswith(".tif"):  # Pillow turns a TIFF upright by itself
        image = ImageOps.exif_transpose(image)
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
    if expected.dtype == np.uint16:
        seen = np.asarray(image).astype(np.int64)[:, :, None]
    else:
        seen = np.asarray(image.convert(modes[expected.shape[2]])).astype(np.int64)
        seen = seen if seen.ndim == 3 else seen[:, :, None]
    if seen.shape != expected.shape or np.abs(seen - expected.astype(np.int64)).max() > tolerance:
        raise SystemExit(f"{name}: Pillow sees other pixels")


# ---- pixels ----


def waves(width, height, channels, top, phase=0.0):
    """Slow waves with a grain, values 0..top."""
    x, y, c = np.meshgrid(np.arange(width), np.arange(height), np.arange(channels), indexing="xy")
    wave = np.sin(x * 0.31 + c + phase) * np.cos(y * 0.23 - c)
    grain = ((x * 73 + y * 151 + c * 37) % 17) / 17.0 - 0.5
    values = np.clip(0.5 + 0.42 * wave + 0.25 * grain, 0.0, 1.0) * top
    return np.rint(values).astype(np.uint16 if top > 255 else np.uint8)


def scaled(values, top):
    return (values.astype(np.uint32) * 255 // top).astype(np.uint8)


def pack(values, bits):
    """Rows of small samples, most significant first, padded to bytes; values [h,n]."""
    if bits == 8:
        return [row.tobytes() for row in values.astype(np.uint8)]
    rows = []
    for row in values:
        text = "".join(format(int(v), f"0{bits}b") for v in row)
        text += "0" * (-len(text) % 8)
        rows.append(bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8)))
    return rows


# ---- PNG ----


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_filter(rows, bpp):
    """All five filters in turn."""
    out, above = b"", bytes(len(rows[0])) if rows else b""
    for i, row in enumerate(rows):
        left = bytes(bpp) + row[:-bpp] if len(row) > bpp else bytes(len(row))
        corner = bytes(bpp) + above[:-bpp] if len(row) > bpp else bytes(len(row))
        kind = i % 5
        if kind == 4:
            guess = []
            for a, b, c in zip(left, above, corner):
                p = a + b - c
                pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
                guess.append(a if pa <= pb and pa <= pc else b if pb <= pc else c)
        else:
            guess = [(0, a, b, (a + b) // 2)[kind] for a, b in zip(left, above)]
        out += bytes([kind]) + bytes((v - g) % 256 for v, g in zip(row, guess))
        above = row
    return out


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(values, bits, color_type, interlaced=False, before=b"", after=b""):
    """values [h,w,c]; before and after: further chunks around the pixels."""
    height, width, channels = values.shape
    bpp = max(1, bits * channels // 8)
    data = b""
    for x, y, step_x, step_y in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = values[y::step_y, x::step_x]
        if part.size == 0:
            continue
        flat = part.reshape(part.shape[0], -1)
        rows = [r.astype(">u2").tobytes() for r in flat] if bits == 16 else pack(flat, bits)
        data += png_filter(rows, bpp)
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, int(interlaced))
    packed = zlib.compress(data, 9)
    half = len(packed) // 2
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + before
            + png_chunk(b"IDAT", packed[:half]) + png_chunk(b"IDAT", packed[half:]) + after
            + png_chunk(b"IEND", b""))


def make_png(folder):
    for bits in (1, 2, 4):
        top = 2**bits - 1
        v = waves(WIDTH, HEIGHT, 1, top)
        folder.picture(f"png_grey{bits}.png", png(v, bits, 0), scaled(v, top), raw=f"grey{bits}.raw")
    kinds = [("grey", 0, 1), ("rgb", 2, 3), ("grey_alpha", 4, 2), ("rgba", 6, 4)]
    for name, color_type, channels in kinds:
        for bits in (8, 16):
            v = waves(WIDTH, HEIGHT, channels, 2**bits - 1)
            witness = bits == 8 or name == "grey"
            folder.picture(f"png_{name}{bits}.png", png(v, bits, color_type), v,
                           raw=f"{name}{bits}.raw", witness=witness)
    v = waves(WIDTH, HEIGHT, 3, 255)
    folder.picture("png_rgb8_interlaced.png", png(v, 8, 2, True), v, raw="rgb8.raw")
    v = waves(WIDTH, HEIGHT, 1, 1)
    folder.picture("png_grey1_interlaced.png", png(v, 1, 0, True), scaled(v, 1), raw="grey1.raw")
    make_png_palette(folder)
    make_png_transparent(folder)
    exif = png_chunk(b"eXIf", exif_block(6))
    v = waves(WIDTH, HEIGHT, 3, 255)
    turned = np.rot90(v, -1)
    folder.picture("png_exif_before.png", png(v, 8, 2, before=exif), turned, raw="rgb8_90.raw")
    folder.picture("png_exif_after.png", png(v, 8, 2, after=exif), turned, raw="rgb8_90.raw")


def make_png_palette(folder):
    for bits in (1, 2, 4, 8):
        n = 2**bits
        colours = np.array([[i * 255 // (n - 1), (i * 97) % 256, 255 - i] for i in range(n)], np.uint8)
        v = waves(WIDTH, HEIGHT, 1, n - 1)
        plte = png_chunk(b"PLTE", colours.tobytes())
        folder.picture(f"png_palette{bits}.png", png(v, bits, 3, before=plte), colours[v[:, :, 0]],
                       raw=f"palette{bits}.raw")
        if bits not in (4, 8):
            continue
        alpha = np.array([min(255, i * 40) for i in range(n // 2)], np.uint8)
        full = np.concatenate([alpha, np.full(n - len(alpha), 255, np.uint8)])
        rgba = np.concatenate([colours, full[:, None]], axis=1)
        trns = png_chunk(b"tRNS", alpha.tobytes())
        folder.picture(f"png_palette{bits}_trns.png", png(v, bits, 3, bits == 4, before=plte + trns),
                       rgba[v[:, :, 0]])


def make_png_transparent(folder):
    """One colour is transparent (tRNS)."""
    for bits in (2, 8, 16):
        top = 2**bits - 1
        v = waves(WIDTH, HEIGHT, 1, top)
        key = int(v[3, 4, 0])
        full = np.uint16(65535) if bits == 16 else np.uint8(255)
        grey = v if bits == 16 else scaled(v, top)
        alpha = np.where(v == key, 0, full).astype(grey.dtype)
        trns = png_chunk(b"tRNS", struct.pack(">H", key))
        folder.picture(f"png_grey{bits}_trns.png", png(v, bits, 0, before=trns),
                       np.concatenate([grey, alpha], axis=2), witness=bits == 8)
    for bits in (8, 16):
        v = waves(WIDTH, HEIGHT, 3, 2**bits - 1)
        key = v[3, 4]
        alpha = np.where((v == key).all(axis=2, keepdims=True), 0, 2**bits - 1).astype(v.dtype)
        trns = png_chunk(b"tRNS", struct.pack(">HHH", *(int(k) for k in key)))
        folder.picture(f"png_rgb{bits}_trns.png", png(v, bits, 2, before=trns),
                       np.concatenate([v, alpha], axis=2), witness=bits == 8)


# ---- JPEG ----


def exif_block(orientation, order="<", padding=0):
    """A TIFF structure with a few tags, orientation among them."""
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(order + "HI", 42, 8 + padding) + bytes(padding)
    tags = [(0x0100, 4, 1, struct.pack(order + "I", 7)),
            (0x0112, 3, 1, struct.pack(order + "HH", orientation, 0)),
            (0x0128, 3, 1, struct.pack(order + "HH", 2, 0))]
    body = b"".join(struct.pack(order + "HHI", t, k, n) + v for t, k, n, v in tags)
    return head + struct.pack(order + "H", len(tags)) + body + struct.pack(order + "I", 0)


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def app1(data):
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def make_jpeg(folder):
    rgb = Image.fromarray(waves(40, 30, 3, 255))
    grey = rgb.convert("L")
    cmyk = Image.fromarray(waves(24, 18, 4, 255, 0.5), "CMYK")
    kinds = {
        "grey": jpeg(grey, quality=90),
        "grey_progressive": jpeg(grey, quality=90, progressive=True),
        "rgb_420": jpeg(rgb, quality=90, subsampling=2),
        "rgb_422": jpeg(rgb, quality=90, subsampling=1),
        "rgb_444": jpeg(rgb, quality=95, subsampling=0),
        "rgb_progressive": jpeg(rgb, quality=85, progressive=True),
        "cmyk": jpeg(cmyk, quality=95),
    }
    at = kinds["cmyk"].index(b"Adobe") + 11  # the transform: 0 = CMYK, 2 = YCCK
    kinds["ycck"] = kinds["cmyk"][:at] + b"\x02" + kinds["cmyk"][at + 1 :]
    for name, data in kinds.items():
        seen = Image.open(io.BytesIO(data))
        seen = np.asarray(seen if seen.mode == "L" else seen.convert("RGB"))
        # Another version of libjpeg-turbo may round its colour conversion differently.
        folder.picture(f"jpeg_{name}.jpg", data, seen, tolerance=2)
    plain = jpeg(Image.fromarray(waves(16, 11, 3, 255)), quality=95, subsampling=0)
    for orientation in range(1, 9):
        order = "<" if orientation % 2 else ">"
        exif = app1(b"Exif\0\0" + exif_block(orientation, order, padding=orientation))
        data = plain[:2] + app1(b"http://ns.adobe.com/xap/1.0/\0<x/>") + exif + plain[2:]
        seen = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
        folder.picture(f"jpeg_orientation{orientation}.jpg", data, seen, tolerance=2)


# ---- TIFF ----


def tiff(planes, bits, photometric, order="<", big=False, tile=None, rows=None, deflate=False,
         predictor=False, planar=False, tags=()):
    """planes [h,w,c] of samples. Strips of `rows` rows (default: one strip) or tiles (w,h)."""
    height, width, channels = planes.shape

    def block(x, y, w, h, c):
        part = np.zeros((h, w, len(c)), planes.dtype)
        piece = planes[y : y + h, x : x + w][:, :, c]
        part[: piece.shape[0], : piece.shape[1]] = piece
        if predictor:
            part[:, 1:] = part[:, 1:] - part[:, :-1]
        flat = part.reshape(h, -1)
        if bits == 16:
            data = flat.astype(order + "u2").tobytes()
        else:
            data = b"".join(pack(flat, bits))
        return zlib.compress(data, 9) if deflate else data

    groups = [[c] for c in range(channels)] if planar else [list(range(channels))]
    blocks = []
    for group in groups:
        if tile:
            blocks += [block(x, y, tile[0], tile[1], group)
                       for y in range(0, height, tile[1]) for x in range(0, width, tile[0])]
        else:
            step = rows or height
            blocks += [block(0, y, width, min(step, height - y), group) for y in range(0, height, step)]
    short, long = 3, 4
    entries = {256: (long, [width]), 257: (long, [height]), 258: (short, [bits] * channels),
               259: (short, [8 if deflate else 1]), 262: (short, [photometric]),
               277: (short, [channels]), 284: (short, [2 if planar else 1])}
    if predictor:
        entries[317] = (short, [2])
    if tile:
        entries.update({322: (long, [tile[0]]), 323: (long, [tile[1]])})
    else:
        entries[278] = (long, [rows or height])
    entries.update(dict(tags))
    head = 16 if big else 8
    offsets, at = [], head
    for data in blocks:
        offsets.append(at)
        at += len(data) + len(data) % 2
    entries[324 if tile else 273] = (long, offsets)
    entries[325 if tile else 279] = (long, [len(b) for b in blocks])
    body = b"".join(b + bytes(len(b) % 2) for b in blocks)
    return tiff_join(order, big, entries, body, at)


def tiff_join(order, big, entries, body, at):
    """Header, blocks, then the directory at `at` and behind it the values that do not fit in."""
    room = 8 if big else 4
    count, offset = ("Q", "Q") if big else ("H", "I")
    n_count = struct.calcsize("<" + count)
    values_at = at + n_count + len(entries) * (20 if big else 12) + room
    directory, values = struct.pack(order + count, len(entries)), b""
    for tag, (kind, numbers) in sorted(entries.items()):
        data = b"".join(struct.pack(order + {3: "H", 4: "I"}[kind], n) for n in numbers)
        directory += struct.pack(order + "HH" + offset, tag, kind, len(numbers))
        if len(data) > room:
            directory += struct.pack(order + offset, values_at + len(values))
            values += data
        else:
            directory += data + bytes(room - len(data))
    directory += struct.pack(order + offset, 0)
    mark = b"II" if order == "<" else b"MM"
    if big:
        head = mark + struct.pack(order + "HHHQ", 43, 8, 0, at)
    else:
        head = mark + struct.pack(order + "HI", 42, at)
    return head + body + directory + values


def make_tiff(folder):
    grey, rgb, rgba = (waves(WIDTH, HEIGHT, c, 255) for c in (1, 3, 4))
    grey_alpha = waves(WIDTH, HEIGHT, 2, 255)
    grey16, rgb16 = waves(WIDTH, HEIGHT, 1, 65535), waves(WIDTH, HEIGHT, 3, 65535)
    rgba16 = waves(WIDTH, HEIGHT, 4, 65535)
    add = folder.picture
    for bits in (1, 2, 4):
        v = waves(WIDTH, HEIGHT, 1, 2**bits - 1)
        add(f"tiff_grey{bits}.tif", tiff(v, bits, 1, rows=5), scaled(v, 2**bits - 1), raw=f"grey{bits}.raw")
        add(f"tiff_white{bits}.tif", tiff(2**bits - 1 - v, bits, 0), scaled(v, 2**bits - 1),
            raw=f"grey{bits}.raw")
    add("tiff_grey8.tif", tiff(grey, 8, 1, rows=4), grey, raw="grey8.raw")
    add("tiff_white8.tif", tiff(255 - grey, 8, 0, rows=4), grey, raw="grey8.raw")
    add("tiff_white16.tif", tiff(65535 - grey16, 16, 0), grey16, raw="grey16.raw", witness=False)
    add("tiff_grey16.tif", tiff(grey16, 16, 1, rows=3), grey16, raw="grey16.raw")
    add("tiff_grey16_big_endian.tif", tiff(grey16, 16, 1, order=">"), grey16, raw="grey16.raw")
    add("tiff_grey16_tiles.tif", tiff(grey16, 16, 1, tile=(16, 16)), grey16, raw="grey16.raw", witness=False)
    add("tiff_rgb8.tif", tiff(rgb, 8, 2, rows=5), rgb, raw="rgb8.raw")
    add("tiff_rgb8_big_endian.tif", tiff(rgb, 8, 2, order=">"), rgb, raw="rgb8.raw")
    add("tiff_rgb8_bigtiff.tif", tiff(rgb, 8, 2, big=True, rows=6), rgb, raw="rgb8.raw", witness=False)
    add("tiff_rgb8_tiles.tif", tiff(rgb, 8, 2, tile=(16, 32)), rgb, raw="rgb8.raw")
    add("tiff_rgb8_tiles_deflate.tif", tiff(rgb, 8, 2, tile=(16, 16), deflate=True), rgb, raw="rgb8.raw")
    add("tiff_rgb8_planar.tif", tiff(rgb, 8, 2, planar=True, rows=7), rgb, raw="rgb8.raw")
    add("tiff_rgb8_planar_tiles.tif", tiff(rgb, 8, 2, planar=True, tile=(16, 16)), rgb, raw="rgb8.raw",
        witness=False)
    add("tiff_rgb8_deflate.tif", tiff(rgb, 8, 2, deflate=True, predictor=True, rows=8), rgb, raw="rgb8.raw")
    add("tiff_rgb16.tif", tiff(rgb16, 16, 2, rows=6), rgb16, raw="rgb16.raw", witness=False)
    add("tiff_rgb16_deflate.tif", tiff(rgb16, 16, 2, deflate=True, predictor=True, order=">"), rgb16,
        raw="rgb16.raw", witness=False)
    add("tiff_rgb16_planar.tif", tiff(rgb16, 16, 2, planar=True, rows=9), rgb16, raw="rgb16.raw",
        witness=False)
    make_tiff_alpha(folder, grey_alpha, rgb, rgba, rgba16)
    make_tiff_palette(folder)
    make_tiff_by_pillow(folder, rgb)
    cmyk = waves(WIDTH, HEIGHT, 4, 255, 0.5)
    seen = np.asarray(Image.fromarray(cmyk, "CMYK").convert("RGB"))
    add("tiff_cmyk.tif", tiff(cmyk, 8, 5, rows=8), seen, tolerance=1)
    turned = {1: rgb, 2: rgb[:, ::-1], 3: rgb[::-1, ::-1], 4: rgb[::-1], 5: rgb.transpose(1, 0, 2),
              6: np.rot90(rgb, -1), 7: np.rot90(rgb[:, ::-1], -1), 8: np.rot90(rgb)}
    for orientation, expected in turned.items():
        add(f"tiff_orientation{orientation}.tif", tiff(rgb, 8, 2, tags=[(274, (3, [orientation]))]), expected)


def make_tiff_alpha(folder, grey_alpha, rgb, rgba, rgba16):
    add = folder.picture
    straight, weighted, unknown = [(338, (3, [2]))], [(338, (3, [1]))], [(338, (3, [0]))]
    add("tiff_rgba8.tif", tiff(rgba, 8, 2, rows=5, tags=straight), rgba, raw="rgba8.raw")
    add("tiff_rgba8_planar.tif", tiff(rgba, 8, 2, planar=True, tags=straight), rgba, raw="rgba8.raw",
        witness=False)
    add("tiff_rgba16.tif", tiff(rgba16, 16, 2, tags=straight), rgba16, raw="rgba16.raw", witness=False)
    add("tiff_grey_alpha8.tif", tiff(grey_alpha, 8, 1, tags=straight), grey_alpha, raw="grey_alpha8.raw",
        witness=False)
    add("tiff_rgb8_extra.tif", tiff(rgba, 8, 2, tags=unknown), rgba[:, :, :3], witness=False)
    alpha = rgba[:, :, 3:].astype(np.uint32)
    colours = (rgb.astype(np.uint32) * alpha // 255).astype(np.uint8)
    back = np.where(alpha == 0, colours, np.minimum(255, colours.astype(np.uint32) * 255 // np.maximum(alpha, 1)))
    expected = np.concatenate([back.astype(np.uint8), rgba[:, :, 3:]], axis=2)
    data = np.concatenate([colours, rgba[:, :, 3:]], axis=2)
    add("tiff_rgba8_weighted.tif", tiff(data, 8, 2, tags=weighted), expected, tolerance=1)


def make_tiff_palette(folder):
    for bits, scale in ((1, 257), (4, 257), (8, 257), (8, 1)):
        n = 2**bits
        colours = np.array([[i * 255 // (n - 1), (i * 97) % 256, 255 - i] for i in range(n)], np.uint8)
        v = waves(WIDTH, HEIGHT, 1, n - 1)
        table = (320, (3, [int(c) * scale for c in colours.T.reshape(-1)]))
        name = f"tiff_palette{bits}" + ("" if scale > 1 else "_low") + ".tif"
        folder.picture(name, tiff(v, bits, 3, rows=5, tags=[table]), colours[v[:, :, 0]],
                       raw=f"palette{bits}.raw", witness=scale > 1 and bits != 1)


def make_tiff_by_pillow(folder, rgb):
    grey = Image.fromarray(rgb).convert("L")
    bits = grey.convert("1")
    for name, image, compression in (("lzw", Image.fromarray(rgb), "tiff_lzw"),
                                     ("packbits", Image.fromarray(rgb), "packbits"),
                                     ("jpeg", Image.fromarray(rgb), "jpeg"),
                                     ("grey_lzw", grey, "tiff_lzw"), ("group3", bits, "group3"),
                                     ("group4", bits, "group4")):
        out = io.BytesIO()
        image.save(out, "TIFF", compression=compression)
        seen = Image.open(io.BytesIO(out.getvalue()))
        seen = np.asarray(seen.convert("L" if seen.mode in ("1", "L") else "RGB"))
        folder.picture(f"tiff_{name}.tif", out.getvalue(), seen, tolerance=2 if name == "jpeg" else 0)


# ---- BMP ----


def bmp(rows, width, height, bits, palette=b"", compression=0, masks=b"", header=40, n_colours=0):
    """rows: bytes of each row, in the file's order; height < 0 = top-down."""
    data = b"".join(r + bytes(-len(r) % 4) for r in rows)
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(data),
                           2835, 2835, n_colours, 0)
        if header > 40:
            info += masks + bytes(header - 40 - len(masks))
            masks = b""
    at = 14 + len(info) + len(masks) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + info + masks + palette + data


def make_bmp(folder):
    rgb, rgba, grey = (waves(WIDTH, HEIGHT, c, 255) for c in (3, 4, 1))
    bgr = [row.tobytes() for row in rgb[::-1, :, ::-1]]
    add = folder.picture
    add("bmp_rgb24.bmp", bmp(bgr, WIDTH, HEIGHT, 24), rgb, raw="rgb8.raw")
    add("bmp_rgb24_core.bmp", bmp(bgr, WIDTH, HEIGHT, 24, header=12), rgb, raw="rgb8.raw")
    add("bmp_rgb24_top_down.bmp", bmp(bgr[::-1], WIDTH, -HEIGHT, 24), rgb, raw="rgb8.raw")
    add("bmp_rgb24_v5.bmp", bmp(bgr, WIDTH, HEIGHT, 24, header=124), rgb, raw="rgb8.raw")
    plain32 = [row.tobytes() for row in rgba[::-1, :, [2, 1, 0, 3]]]
    add("bmp_rgb32.bmp", bmp(plain32, WIDTH, HEIGHT, 32), rgba[:, :, :3], raw="bmp_rgb32_bmp.raw")
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    add("bmp_rgba32_v4.bmp", bmp(plain32, WIDTH, HEIGHT, 32, compression=3, masks=masks, header=108), rgba,
        raw="rgba8.raw")
    v5, v6 = rgb >> 3, rgb >> 2
    word555 = v5[:, :, 0].astype(np.uint16) << 10 | v5[:, :, 1].astype(np.uint16) << 5 | v5[:, :, 2]
    word565 = v5[:, :, 0].astype(np.uint16) << 11 | v6[:, :, 1].astype(np.uint16) << 5 | v5[:, :, 2]
    wide5 = ((v5.astype(np.uint32) * 255 + 15) // 31).astype(np.uint8)
    wide6 = ((v6.astype(np.uint32) * 255 + 31) // 63).astype(np.uint8)
    rows = [r.astype("<u2").tobytes() for r in word555[::-1]]
    add("bmp_rgb555.bmp", bmp(rows, WIDTH, HEIGHT, 16), wide5, tolerance=1)
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    rows = [r.astype("<u2").tobytes() for r in word565[::-1]]
    expected = np.stack([wide5[:, :, 0], wide6[:, :, 1], wide5[:, :, 2]], axis=2)
    add("bmp_rgb565.bmp", bmp(rows, WIDTH, HEIGHT, 16, compression=3, masks=masks), expected, tolerance=1)
    for bits in (1, 4, 8):
        n = 2**bits
        colours = np.array([[i * 255 // (n - 1), (i * 97) % 256, 255 - i] for i in range(n)], np.uint8)
        v = waves(WIDTH, HEIGHT, 1, n - 1)
        table = b"".join(bytes([b, g, r, 0]) for r, g, b in colours.tolist())
        add(f"bmp_palette{bits}.bmp", bmp(pack(v[::-1, :, 0], bits), WIDTH, HEIGHT, bits, table),
            colours[v[:, :, 0]], raw=f"palette{bits}.raw")
    table = b"".join(bytes([i, i, i, 0]) for i in range(256))
    add("bmp_grey8.bmp", bmp(pack(grey[::-1, :, 0], 8), WIDTH, HEIGHT, 8, table), grey, raw="grey8.raw")
    v = waves(WIDTH, HEIGHT, 1, 1)
    add("bmp_grey1.bmp", bmp(pack(v[::-1, :, 0], 1), WIDTH, HEIGHT, 1, table[:4] + table[-4:], n_colours=2),
        scaled(v, 1), raw="grey1.raw")


# ---- PNM ----


def make_pnm(folder):
    bits, grey, rgb = waves(WIDTH, HEIGHT, 1, 1), waves(WIDTH, HEIGHT, 1, 255), waves(WIDTH, HEIGHT, 3, 255)
    grey16, rgb16 = waves(WIDTH, HEIGHT, 1, 65535), waves(WIDTH, HEIGHT, 3, 65535)
    size = f"{WIDTH} {HEIGHT}\n"
    add = folder.picture

    def plain(values):
        return "\n".join(" ".join(str(v) for v in row.reshape(-1)) for row in values) + "\n"

    text = "".join(str(1 - v) for v in bits.reshape(-1))
    lines = "\n".join(text[i : i + 60] for i in range(0, len(text), 60))
    add("pnm_p1.pbm", ("P1\n# packed digits\n" + size + lines + "\n").encode(), scaled(bits, 1), raw="grey1.raw")
    add("pnm_p2.pgm", ("P2\n" + size + "255\n" + plain(grey)).encode(), grey, raw="grey8.raw")
    add("pnm_p3.ppm", ("P3 # colour\n" + size + "255\n" + plain(rgb)).encode(), rgb, raw="rgb8.raw")
    rows = b"".join(pack(1 - bits[:, :, 0], 1))
    add("pnm_p4.pbm", b"P4\n" + size.encode() + rows, scaled(bits, 1), raw="grey1.raw")
    add("pnm_p5.pgm", b"P5\n" + size.encode() + b"255\n" + grey.tobytes(), grey, raw="grey8.raw")
    add("pnm_p6.ppm", b"P6\n" + size.encode() + b"255\n" + rgb.tobytes(), rgb, raw="rgb8.raw")
    add("pnm_p5_16.pgm", b"P5\n" + size.encode() + b"65535\n" + grey16.astype(">u2").tobytes(), grey16,
        raw="grey16.raw")
    add("pnm_p6_16.ppm", b"P6\n" + size.encode() + b"65535\n" + rgb16.astype(">u2").tobytes(), rgb16,
        raw="rgb16.raw", witness=False)
    add("pnm_p3_16.ppm", ("P3\n" + size + "65535\n" + plain(rgb16)).encode(), rgb16, raw="rgb16.raw",
        witness=False)
    v = waves(WIDTH, HEIGHT, 1, 100)
    expected = ((v.astype(np.uint32) * 255 + 50) // 100).astype(np.uint8)
    add("pnm_p5_max100.pgm", b"P5\n" + size.encode() + b"100\n" + v.tobytes(), expected, tolerance=1)


# ---- resize ----


def make_resize(folder):
    filters = {"box": Image.BOX, "bilinear": Image.BILINEAR, "lanczos": Image.LANCZOS}
    width, height = 41, 33
    kinds = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}
    sizes = {"L": [(20, 16), (1, 1)], "LA": [(20, 16)], "RGB": [(20, 16), (7, 5), (55, 45), (41, 12), (60, 33)],
             "RGBA": [(20, 16), (50, 20)]}
    for mode, channels in kinds.items():
        source = waves(width, height, channels, 255, 1.0)
        folder.raw(f"resize_{mode}.raw", source)
        for w, h in sizes[mode]:
            for name, code in filters.items():
                out = np.asarray(Image.fromarray(source.squeeze(), mode).resize((w, h), code))
                raw = f"resize_{mode}_{w}x{h}_{name}.raw"
                folder.raw(raw, out)
                folder.resizes.append(f"resize_{mode}.raw {width} {height} {channels} 8 {raw} {w} {h} {name} 1")
    source = waves(width, height, 1, 65535, 1.0)
    folder.raw("resize_I16.raw", source)
    for w, h in [(20, 16), (55, 45)]:
        for name, code in filters.items():
            image = Image.fromarray(source[:, :, 0].astype(np.float32), "F").resize((w, h), code)
            out = np.clip(np.floor(np.asarray(image).astype(np.float64) + 0.5), 0, 65535).astype(np.uint16)
            raw = f"resize_I16_{w}x{h}_{name}.raw"
            folder.raw(raw, out)
            folder.resizes.append(f"resize_I16.raw {width} {height} 1 16 {raw} {w} {h} {name} 1")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    folder = Folder(sys.argv[1])
    make_png(folder)
    make_jpeg(folder)
    make_tiff(folder)
    make_bmp(folder)
    make_pnm(folder)
    make_resize(folder)
    folder.finish()


if __name__ == "__main__":
    main()
