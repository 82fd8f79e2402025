#!/usr/bin/env bash
# heif-convert of libheif 1.15.1, which Debian 12 has: of a HEIC picture that is to be turned by 90 degrees (as telephones write them) it
# writes the pixels upright, 64 x 96, and leaves EXIF's orientation at 6 beside them. Whoever obeys EXIF turns the face once more.
# Expected: orientation 1.
. "$(dirname "$0")/common.sh"
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || { echo "it is Debian's program for amd64"; exit 2; }
mkdir root
for package in libheif-examples=1.15.1-1+deb12u1 libheif1=1.15.1-1+deb12u1 libde265-0 libx265-199 libaom3 libdav1d6 libsvtav1enc1 librav1e0; do
    apt-get -qq download "$package" 2>log || { cat log; echo "could not be had: $package of Debian 12"; exit 2; }
done
for package in *.deb; do dpkg -x "$package" root || exit 2; done
with pillow-heif==1.8.1 pillow==13.0.0 numpy==2.4.6
python/bin/python - <<'PY' || exit 2
import numpy
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()
exif = Image.Exif()
exif[0x112] = 6
Image.fromarray(numpy.zeros((64, 96, 3), numpy.uint8)).save("a.heic", exif=exif.tobytes(), quality=90)
PY
export LD_LIBRARY_PATH=$folder/root/usr/lib/$(uname -m)-linux-gnu
version=$(root/usr/bin/heif-convert 2>&1 | sed -n 's/.*libheif version: //p')
root/usr/bin/heif-convert a.heic a.jpg >log 2>&1 || { cat log; exit 2; }
seen "1.15.1 pixels 64 x 96, orientation 6; upright by EXIF: 96 x 64" "$version $(LD_LIBRARY_PATH= python/bin/python - <<'PY'
from PIL import Image, ImageOps

picture = Image.open("a.jpg")
turned = ImageOps.exif_transpose(picture)
print(f"pixels {picture.width} x {picture.height}, orientation {picture.getexif().get(0x112)};",
      f"upright by EXIF: {turned.width} x {turned.height}")
PY
)"
