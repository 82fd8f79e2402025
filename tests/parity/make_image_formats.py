#!/usr/bin/env python3
"""Makes the references of the picture formats beside plain PNG and JPEG (Pillow 11.3.0, tifffile 2026.3.3, imagecodecs
2026.3.6, NumPy 2.4.6).

    python3 tests/parity/make_image_formats.py            writes tests/parity/image/formats.bin, tests/fuzz/seeds/image/*

The file is a row of cases as in make_image.py. What a picture should decode to is Pillow's answer after
ImageOps.exif_transpose, with alpha over black. Pillow drops the low bits of 16-bit RGB and cuts off 16-bit grey; there and for
layouts that it does not open the answer follows from the samples, and where it can speak it must agree to within one.
"""
import io
import os
import struct
import zlib

import imagecodecs
import numpy as np
import tifffile
from PIL import Image, ImageOps

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "image")
SEEDS = os.path.join(HERE, "..", "..", "fuzz", "seeds", "image")
rng = np.random.default_rng(20251128)
W, H = 11, 7


def case(file, name, given, expected):
    expected = np.ascontiguousarray(expected)
    assert expected.dtype == np.uint8 and expected.ndim == 3 and expected.shape[2] == 3, name
    height, width = expected.shape[:2]
    out = expected.tobytes()
    file.write(f"{name} 0 0 {len(given)} {width} {height} {len(out)}\n".encode() + given + out)


def over_black(rgba):
    rgba = rgba.astype(np.int64)
    return ((rgba[:, :, :3] * rgba[:, :, 3:] * 2 + 255) // 510).astype(np.uint8)


def pillow(bytes_):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(bytes_)))
    if image.mode in ("RGBA", "LA", "PA"):
        return over_black(np.asarray(image.convert("RGBA")))
    return np.asarray(image.convert("RGB"))


def by_pillow(file, name, bytes_):
    case(file, name, bytes_, pillow(bytes_))


def smooth(width=W, height=H, channels=3):
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [127 + 100 * np.sin(x / (3 + c) + c) * np.cos(y / (4 - c / 2)) for c in range(channels)]
    return np.stack(waves, 2).clip(0, 255).astype(np.uint8)


def noise(depth, *shape):
    return rng.integers(0, 1 << depth, shape).astype(np.uint8 if depth <= 8 else np.uint16)


def cmyk_image(array):
    return Image.frombytes("CMYK", array.shape[1::-1], array.tobytes())


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


def save(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


# ---- WebP ----

def make_webp(file):
    picture = Image.fromarray(smooth())
    alpha = Image.fromarray(np.concatenate([smooth(), noise(8, H, W, 1)], 2))
    for name, image in (("", picture), ("-alpha", alpha)):
        by_pillow(file, "webp-lossy" + name, save(image, "WEBP", quality=80))
        by_pillow(file, "webp-lossless" + name, save(image, "WEBP", lossless=True, exact=True))
    by_pillow(file, "webp-16x16", save(Image.fromarray(smooth(16, 16)), "WEBP", quality=50))
    by_pillow(file, "webp-one-pixel", save(Image.fromarray(smooth(1, 1)), "WEBP", lossless=True))
    for orientation in range(1, 9):
        by_pillow(file, f"webp-exif{orientation}", save(picture, "WEBP", lossless=True, exif=exif(orientation)))


# ---- PNG ----

def with_chunk(png, name, data, late):
    chunk = struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    at = len(png) - 12 if late else 33
    return png[:at] + chunk + png[at:]


def make_png(file):
    image = Image.fromarray(smooth())
    plain = save(image, "PNG")
    for orientation in range(0, 10):
        data = exif(orientation).tobytes()[6:]
        by_pillow(file, f"png-exif{orientation}", with_chunk(plain, b"eXIf", data, orientation % 2 == 1))
    # As ImageMagick 6 writes it.
    profile = exif(6).tobytes()
    text = b"\nexif\n%8d\n" % len(profile) + b"\n".join(
        profile.hex().encode()[i:i + 72] for i in range(0, 2 * len(profile), 72)) + b"\n"
    by_pillow(file, "png-profile-text", with_chunk(plain, b"tEXt", b"Raw profile type exif\0" + text, False))
    packed = with_chunk(plain, b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text), True)
    by_pillow(file, "png-profile-packed", packed)


# ---- JPEG ----

def make_jpeg(file):
    cmyk = np.concatenate([smooth(), smooth(channels=4)[:, :, 3:] // 2], 2)
    adobe = save(cmyk_image(cmyk), "JPEG", quality=95)
    by_pillow(file, "jpeg-cmyk-adobe", adobe)
    at = adobe.index(b"\xff\xee")
    by_pillow(file, "jpeg-cmyk-no-mark", adobe[:at] + adobe[at + 2 + struct.unpack(">H", adobe[at + 2:at + 4])[0]:])
    ycck = imagecodecs.jpeg8_encode(cmyk, level=95, colorspace="CMYK", outcolorspace="YCCK")
    by_pillow(file, "jpeg-ycck", ycck)
    pages = [Image.fromarray(smooth()), Image.fromarray(smooth()[::-1].copy())]
    by_pillow(file, "jpeg-mpo", save(pages[0], "MPO", save_all=True, append_images=pages[1:]))
    # Libraries may read these or not: each must be read right, or be named.
    by_array = Image.fromarray(smooth())
    case(file, "either-jpeg-lossless", imagecodecs.jpeg8_encode(smooth(), lossless=True), np.asarray(by_array))
    grey = smooth()[:, :, 0]
    case(file, "either-jpeg-lossless-16bits", imagecodecs.jpeg8_encode(grey.astype(np.uint16) * 257, bitspersample=16, lossless=True),
         np.asarray(by_array)[:, :, :1].repeat(3, 2))
    case(file, "either-jpeg-12bits", imagecodecs.jpeg8_encode(smooth().astype(np.uint16) * 16, bitspersample=12), np.asarray(by_array))
    by_pillow(file, "jpeg-progressive-cmyk", save(cmyk_image(cmyk), "JPEG", quality=90, progressive=True))


# ---- TIFF ----

def tiff(samples, **options):
    out = io.BytesIO()
    options.setdefault("software", False)
    options.setdefault("metadata", None)
    with tifffile.TiffWriter(out, bigtiff=options.pop("big", False), byteorder=options.pop("order", "<")) as writer:
        writer.write(samples, **options)
    return out.getvalue()


def expected_of(samples, depth, photometric, alpha=None, palette=None):
    """What samples [h, w, c] are: alpha is None or the kind of the last sample."""
    most = (1 << depth) - 1
    if photometric == "palette":
        return (palette[:, samples[:, :, 0]] >> 8).astype(np.uint8).transpose(1, 2, 0)
    eight = ((samples.astype(np.int64) * 510 + most) // (2 * most))
    if photometric == "separated":
        return np.asarray(cmyk_image(eight[:, :, :4].astype(np.uint8)).convert("RGB"))
    grey = photometric.startswith("minis")
    colours = eight[:, :, :1].repeat(3, 2) if grey else eight[:, :, :3]
    if photometric == "miniswhite":
        colours = 255 - colours
    if alpha == "unassalpha":
        return over_black(np.concatenate([colours, eight[:, :, -1:]], 2))
    return colours.astype(np.uint8)


def tiff_case(file, name, samples, depth, photometric, alpha=None, palette=None, agree=True, **options):
    shown = samples
    if options.get("planarconfig") == "separate":
        shown = np.ascontiguousarray(samples.transpose(2, 0, 1))
    elif samples.shape[2] == 1:
        shown = samples[:, :, 0]
    if alpha is not None:
        options["extrasamples"] = [alpha]
    if palette is not None:
        options["colormap"] = palette
    if depth == 1:
        shown = shown.astype(bool)
    elif depth not in (8, 16):
        options["bitspersample"] = depth
    bytes_ = tiff(shown, photometric=photometric, **options)
    want = expected_of(samples, depth, photometric, alpha, palette)
    if agree:
        spoken = pillow(bytes_).astype(np.int64)
        assert abs(spoken - want).max() <= (1 if depth == 16 or alpha == "assocalpha" else 0), name
    case(file, name, bytes_, want)


def make_tiff(file):
    palette = noise(8, 3, 256).astype(np.uint16) << 8
    for order, end in (("<", ""), (">", "-big-endian")):
        for depth in (8, 16):
            kind = f"{depth}bit{end}"
            tiff_case(file, f"tiff-grey-{kind}", noise(depth, H, W, 1), depth, "minisblack", agree=depth == 8, order=order)
            tiff_case(file, f"tiff-white-{kind}", noise(depth, H, W, 1), depth, "miniswhite", agree=depth == 8, order=order)
            tiff_case(file, f"tiff-rgb-{kind}", noise(depth, H, W, 3), depth, "rgb", order=order)
            for alpha in ("unassalpha", "unspecified"):
                tiff_case(file, f"tiff-rgb-{alpha}-{kind}", noise(depth, H, W, 4), depth, "rgb", alpha, agree=depth == 8, order=order)
            tiff_case(file, f"tiff-grey-alpha-{kind}", noise(depth, H, W, 2), depth, "minisblack", "unassalpha",
                      agree=depth == 8, order=order)
            tiff_case(file, f"tiff-cmyk-{kind}", noise(depth, H, W, 4), depth, "separated", agree=depth == 8, order=order)
        tiff_case(file, f"tiff-palette{end}", noise(8, H, W, 1), 8, "palette", palette=palette, order=order)
    held = noise(8, H, W, 4)
    held[:, :, :3] = over_black(held)
    tiff_case(file, "tiff-rgb-assocalpha-8bit", held, 8, "rgb", "assocalpha", agree=False)
    for depth in (1, 2, 4, 10, 12):
        tiff_case(file, f"tiff-grey-{depth}bits", noise(depth, H, W, 1), depth, "minisblack", agree=depth < 8)
    tiff_case(file, "tiff-rgb-12bits", noise(12, H, W, 3), 12, "rgb", agree=False)
    tiff_case(file, "tiff-bigtiff", noise(8, H, W, 3), 8, "rgb", big=True)
    # strips, tiles and planes
    wide = noise(8, 21, 37, 3)
    for depth in (8, 16):
        many = noise(depth, 21, 37, 3)
        for planes in ("contig", "separate"):
            tiff_case(file, f"tiff-strips-{planes}-{depth}bit", many, depth, "rgb", planarconfig=planes, rowsperstrip=5,
                      compression="lzw", agree=planes == "contig")
            tiff_case(file, f"tiff-tiles-{planes}-{depth}bit", many, depth, "rgb", planarconfig=planes, tile=(16, 16),
                      compression="zlib", agree=planes == "contig")
    tiff_case(file, "tiff-tiles-alpha-separate", noise(8, 21, 37, 4), 8, "rgb", "unassalpha", planarconfig="separate", tile=(16, 32),
              agree=False)
    tiff_case(file, "tiff-tiles-grey-1bit", noise(1, 21, 37, 1), 1, "minisblack", tile=(16, 16), agree=False)
    # compressions
    for name in ("lzw", "zlib", "packbits", "lzma", "zstd", "lerc"):
        tiff_case(file, f"tiff-{name}", smooth(37, 21), 8, "rgb", compression=name, agree=name in ("lzw", "zlib", "packbits"))
    for name in ("lzw", "zlib"):
        tiff_case(file, f"tiff-{name}-predictor-16bit", wide.astype(np.uint16) * 200, 16, "rgb", compression=name, predictor=True)
    for name in ("group3", "group4"):
        by_pillow(file, f"tiff-{name}", save(Image.fromarray(noise(1, 21, 37) * 255).convert("1"), "TIFF", compression=name))
    picture = Image.fromarray(smooth(37, 21))
    for image, name in ((picture, "rgb"), (picture.convert("YCbCr"), "ycbcr"), (picture.convert("L"), "grey"),
                        (picture.convert("CMYK"), "cmyk")):
        by_pillow(file, f"tiff-jpeg-{name}", save(image, "TIFF", compression="jpeg", quality=90))
    bytes_ = tiff(smooth(37, 21), photometric="rgb", compression="jpeg", tile=(16, 16), subsampling=(2, 2))
    by_pillow(file, "tiff-jpeg-tiles", bytes_)
    # turns and pages
    for orientation in range(1, 9):
        samples = noise(8, H, W, 3)
        bytes_ = tiff(samples, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
        by_pillow(file, f"tiff-turned{orientation}", bytes_)
    pages = [Image.fromarray(noise(8, H, W, 3)) for _ in range(2)]
    by_pillow(file, "tiff-two-pages", save(pages[0], "TIFF", save_all=True, append_images=pages[1:]))


def copy_seeds():
    """Some small files of each kind, for the fuzzer to begin with."""
    os.makedirs(SEEDS, exist_ok=True)
    for source, least in (("decode.bin", 700), ("formats.bin", 1500)):
        with open(os.path.join(HERE, source), "rb") as file:
            data = file.read()
        at = count = 0
        while at < len(data):
            end = data.index(b"\n", at)
            name, _, _, size, _, _, out = data[at:end].decode().split()
            at = end + 1 + int(size) + int(out)
            if int(size) < least and (count % 4 == 0 or name.startswith("either")):
                with open(os.path.join(SEEDS, name), "wb") as seed:
                    seed.write(data[end + 1:end + 1 + int(size)])
            count += 1


def main():
    with open(os.path.join(HERE, "formats.bin"), "wb") as file:
        for make in (make_webp, make_png, make_jpeg, make_tiff):
            make(file)
    copy_seeds()


if __name__ == "__main__":
    main()
