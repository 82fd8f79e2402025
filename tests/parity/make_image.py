#!/usr/bin/python3
"""Makes the references of the image tests with Pillow and torchvision (Pillow 9.4, torch 1.13, torchvision 0.14).

    python3 tests/parity/make_image.py            writes tests/parity/image/*.bin

A file is a row of cases: a line "name in_w in_h in_bytes out_w out_h out_bytes", the input, the expected output. The input
is raw RGB, or an image file when in_w is 0; the output is raw RGB, or float32 when out_bytes is 12 (or 4) a pixel.
PNG kinds that Pillow cannot write are written here, and what they should decode to follows from their samples; where Pillow
keeps all the bits (8 and fewer) and understands tRNS, it must agree.
"""
import io
import os
import struct
import zlib

import numpy as np
import torchvision.transforms as T
import torchvision.transforms.functional as F
from PIL import Image, ImageOps

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "image")
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
rng = np.random.default_rng(20240607)


def rgb_bytes(array):
    return np.ascontiguousarray(array).tobytes()


def case(file, name, given, expected, in_size=(0, 0)):
    height, width = expected.shape[:2]
    out = rgb_bytes(expected)
    file.write(f"{name} {in_size[0]} {in_size[1]} {len(given)} {width} {height} {len(out)}\n".encode() + given + out)


def raw_case(file, name, image, expected):
    case(file, name, image.tobytes(), np.asarray(expected), image.size)


# ---- PNG ----

def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def pack_rows(samples, depth, filtered):
    """samples [h, w, c] to scanlines; alternates the filters none and sub so that both are met."""
    out = b""
    for y, row in enumerate(samples):
        flat = row.reshape(-1)
        if depth == 16:
            line = flat.astype(">u2").tobytes()
        elif depth == 8:
            line = flat.astype(np.uint8).tobytes()
        else:
            bits = ((flat[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
            line = np.packbits(bits.reshape(-1)).tobytes()
        step = max(1, depth * samples.shape[2] // 8)
        if filtered and y % 2:
            line = b"\1" + bytes((line[i] - (line[i - step] if i >= step else 0)) & 255 for i in range(len(line)))
        else:
            line = b"\0" + line
        out += line
    return out


def png(samples, depth, colour, palette=None, trns=None, interlaced=False):
    height, width = samples.shape[:2]
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    data += chunk(b"tEXt", b"Comment\0a word")
    if palette is not None:
        data += chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    if trns is not None:
        data += chunk(b"tRNS", trns)
    if interlaced:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        lines = b"".join(pack_rows(p, depth, True) for p in passes if p.size)
    else:
        lines = pack_rows(samples, depth, True)
    packed = zlib.compress(lines, 9)
    half = len(packed) // 2
    return data + chunk(b"IDAT", packed[:half]) + chunk(b"IDAT", packed[half:]) + chunk(b"IEND", b"")


def to8(samples, depth):
    return samples.astype(np.int64) if depth == 8 else (samples.astype(np.int64) * 255 * 2 + (1 << depth) - 1) // (
        2 * ((1 << depth) - 1))


def expected_of(samples, depth, colour, palette, trns):
    if colour == 3:
        rgb = palette[samples[:, :, 0]].astype(np.int64)
        alpha = np.full(256, 255)
        if trns is not None:
            alpha[: len(trns)] = list(trns)
        alpha = alpha[samples]
    else:
        channels = to8(samples, depth)
        rgb = channels[:, :, :3] if colour in (2, 6) else np.repeat(channels[:, :, :1], 3, 2)
        alpha = np.full(samples.shape[:2] + (1,), 255)
        if colour in (4, 6):
            alpha = channels[:, :, -1:]
        if trns is not None:
            key = np.frombuffer(trns, ">u2").astype(np.int64)
            alpha = np.where((samples == key).all(2, keepdims=True), 0, 255)
    return ((rgb * alpha * 2 + 255) // 510).astype(np.uint8)


def make_pngs(file):
    kinds = [(0, d) for d in (1, 2, 4, 8, 16)] + [(3, d) for d in (1, 2, 4, 8)]
    kinds += [(c, d) for c in (2, 4, 6) for d in (8, 16)]
    for colour, depth in kinds:
        for transparent in (False, True) if colour in (0, 2, 3) else (False,):
            for interlaced in (False, True):
                width, height = (11, 9) if not interlaced else (13, 10)
                samples = rng.integers(0, 1 << depth, (height, width, CHANNELS[colour]))
                palette = trns = None
                if colour == 3:
                    palette = rng.integers(0, 256, (1 << depth, 3))
                    trns = bytes(rng.integers(0, 256, max(1, (1 << depth) - 1)).astype(np.uint8)) if transparent else None
                elif transparent:
                    samples[2:4, 3:6] = samples[1, 1]
                    trns = samples[1, 1].astype(">u2").tobytes()
                bytes_ = png(samples, depth, colour, palette, trns, interlaced)
                want = expected_of(samples, depth, colour, palette, trns)
                if depth <= 8 and not (colour == 0 and depth < 8 and transparent):  # there Pillow ignores or misreads tRNS
                    rgba = np.asarray(Image.open(io.BytesIO(bytes_)).convert("RGBA")).astype(np.int64)
                    pillow = (rgba[:, :, :3] * rgba[:, :, 3:] * 2 + 255) // 510
                    assert (pillow == want).all(), (colour, depth, transparent, interlaced)
                name = f"png-colour{colour}-{depth}bit" + ("-trns" if transparent else "") + ("-adam7" if interlaced else "")
                case(file, name, bytes_, want)
    tall = rng.integers(0, 256, (1, 300, 3))
    case(file, "png-one-row", png(tall, 8, 2), tall.astype(np.uint8))
    dot = rng.integers(0, 256, (1, 1, 3))
    case(file, "png-one-pixel", png(dot, 8, 2, interlaced=True), dot.astype(np.uint8))


# ---- JPEG ----

def photo(width, height):
    """Smooth colours with some noise: what JPEG is made for."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [127 + 90 * np.sin(x / (5 + c) + c) * np.cos(y / (7 - c)) + rng.normal(0, 8, x.shape) for c in range(3)]
    return Image.fromarray(np.clip(np.stack(waves, 2), 0, 255).astype(np.uint8))


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def exif(orientation, endian, kind):
    order, mark = ("<", b"II*\0") if endian == "little" else (">", b"MM\0*")
    value = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0) if kind == 3 else struct.pack(
        order + "HHII", 0x0112, 4, 1, orientation)
    other = struct.pack(order + "HHII", 0x0100, 4, 1, 24)
    return b"Exif\0\0" + mark + struct.pack(order + "IH", 8, 2) + other + value + struct.pack(order + "I", 0)


def make_jpegs(file):
    image = photo(27, 18)
    for name, bytes_ in [
            ("jpeg-444", jpeg(image, quality=92, subsampling=0)),
            ("jpeg-420", jpeg(image, quality=80, subsampling=2)),
            ("jpeg-422", jpeg(image, quality=80, subsampling=1)),
            ("jpeg-progressive", jpeg(image, quality=80, progressive=True)),
            ("jpeg-optimised", jpeg(image, quality=60, optimize=True)),
            ("jpeg-grey", jpeg(image.convert("L"), quality=85)),
            ("jpeg-cmyk", jpeg(image.convert("CMYK"), quality=90))]:
        case(file, name, bytes_, np.asarray(Image.open(io.BytesIO(bytes_)).convert("RGB")))
    for orientation in range(0, 10):
        for endian, kind in (("little", 3), ("big", 3 if orientation % 2 else 4)):
            bytes_ = jpeg(image, quality=75, exif=exif(orientation, endian, kind))
            want = ImageOps.exif_transpose(Image.open(io.BytesIO(bytes_))).convert("RGB")
            case(file, f"jpeg-exif{orientation}-{endian}", bytes_, np.asarray(want))


# ---- resize and transforms ----

def make_resizes(file):
    sizes = [(37, 23, 16, 16), (5, 7, 13, 11), (64, 48, 64, 20), (64, 48, 20, 48), (100, 3, 1, 1), (1, 1, 8, 8), (2, 2, 7, 5),
             (97, 61, 24, 24), (33, 33, 32, 32), (31, 29, 32, 32), (32, 32, 32, 32), (3, 90, 40, 2), (79, 60, 63, 63)]
    for w, h, ow, oh in sizes:
        noise = rng.integers(0, 256, (h, w, 3))
        if w < 40:
            noise = np.where(noise % 3 == 0, noise, noise // 128 * 255)  # black and white, where rounding and clipping show
        image = Image.fromarray(noise.astype(np.uint8))
        raw_case(file, f"resize-{w}x{h}-{ow}x{oh}", image, image.resize((ow, oh), Image.BILINEAR))


def make_transforms(file):
    image = Image.fromarray(rng.integers(0, 256, (26, 21, 3)).astype(np.uint8))
    square = Image.fromarray(rng.integers(0, 256, (14, 14, 3)).astype(np.uint8))
    for degrees in (0, 0.3, -7.5, 15, 30, -44.99, 90, 123.4, 180, -90, 271):
        raw_case(file, f"rotate:{degrees}", image, F.rotate(image, degrees))
        raw_case(file, f"rotate:{degrees}", square, F.rotate(square, degrees))
    ramp = Image.fromarray(np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, 2))
    for factor in (0, 0.25, 0.7, 0.999, 1, 1.1, 1.37, 2, 3.3):
        raw_case(file, f"brightness:{factor}", ramp, F.adjust_brightness(ramp, factor))
    for side in (21, 20, 19, 18, 10, 1):
        raw_case(file, f"center_crop:{side}", image, F.center_crop(image, side))
    raw_case(file, "grayscale:0", image, T.Grayscale(3)(image))
    raw_case(file, "bgr:0", image, np.asarray(image)[:, :, ::-1])
    raw_case(file, "resize:20", image, T.Resize((20, 20))(image))
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    colour = T.Normalize(mean, std)(T.ToTensor()(square))
    raw_case(file, "floats:3", square, colour.permute(1, 2, 0).contiguous().numpy())
    grey = T.Normalize([0.5], [0.25])(T.ToTensor()(square.convert("L")))
    raw_case(file, "floats:1", square, grey.permute(1, 2, 0).contiguous().numpy())


def main():
    os.makedirs(HERE, exist_ok=True)
    files = {"decode": (make_pngs, make_jpegs), "resize": (make_resizes,), "transform": (make_transforms,)}
    for name, makers in files.items():
        with open(os.path.join(HERE, name + ".bin"), "wb") as file:
            for make in makers:
                make(file)


if __name__ == "__main__":
    main()
