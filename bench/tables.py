#!/usr/bin/env python3
"""`grimace data check` of 20,000 pictures as JPEG and as PNG, and `grimace data import` of 200,000 rows against pandas and Pillow
doing the same on the same cores.

    bench/tables.py GRIMACE [--images N] [--kinds jpg,png] [--rows N] [--threads N] [--repeats N]

Needs Pillow, pandas and NumPy. The peer of `data check` reads the table with pandas, reads, hashes and decodes every picture to RGB with
Pillow on as many processes as there are cores, finds equal pictures, empty cells, images with two rows and boxes beyond their picture,
and counts classes by animal. The peer of `data import` walks the folder, takes columns out of the paths by a regular expression, joins a
table with pandas and writes the manifest. Each is run in turn; the least time of each counts. Prints seconds by the clock, seconds of the
processor (which neighbours disturb less) and the most memory that a process had, and for `data check` also with a tenth of the pictures.
Works in a folder of its own, which goes away.
"""
import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

SIDE, KINDS = 224, 64


# ---- what there is to check and to import -------------------------------------------------------------------------------------


def make_pictures(folder, count, kind):
    import numpy as np
    from PIL import Image

    draw = np.random.RandomState(1)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    faces = []
    for _ in range(KINDS):
        face = np.zeros((SIDE, SIDE, 3))
        for channel in range(3):
            for _ in range(6):
                cx, cy, width, height = draw.rand(4)
                face[:, :, channel] += height * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (0.02 + 0.1 * width))
        faces.append(255 * face / face.max())
    os.makedirs(os.path.join(folder, "images"))
    noise = draw.randint(-12, 13, (SIDE + 64, SIDE + 64, 3))
    with open(os.path.join(folder, "manifest.csv"), "w") as out:
        out.write("image,animal,session,pain,box_x,box_y,box_w,box_h\n")
        for i in range(count):
            at = draw.randint(0, 64, 2)
            pixels = faces[i % KINDS] + noise[at[0]:at[0] + SIDE, at[1]:at[1] + SIDE]
            pixels[0, :32, 0] = 255 * (i >> np.arange(32) & 1) # all different
            Image.fromarray(pixels.clip(0, 255).astype("uint8")).save(os.path.join(folder, f"images/{i}.{kind}"), quality=90)
            out.write(f"images/{i}.{kind},rat{i % 50},s{i % 7},{i // 50 % 2},8,8,200,190\n")


def make_folder(folder, count):
    with open(os.path.join(folder, "scores.csv"), "w") as table:
        table.write("animal,time,score,weight,note\n")
        for i in range(count):
            if i % 1000 == 0:
                os.makedirs(os.path.join(folder, f"pictures/day{i // 1000}"))
            open(os.path.join(folder, f"pictures/day{i // 1000}/rat{i}_{i % 90}min_front.jpg"), "w").close()
            table.write(f"rat{i},{i % 90}min,{i % 21 / 2},{200 + i % 300},\"seen by {i % 5}, once\"\n")


# ---- the peers ------------------------------------------------------------------------------------------------------------------


def look(job):
    import hashlib
    import io
    from PIL import Image

    path, box = job
    try:
        with open(path, "rb") as file:
            data = file.read()
        image = Image.open(io.BytesIO(data)).convert("RGB")
        beyond = box[0] + box[2] > image.width or box[1] + box[3] > image.height
        return hashlib.blake2b(data, digest_size=16).digest(), image.width, image.height, beyond, None
    except OSError as error:
        return b"", 0, 0, False, str(error)


def peer_check(folder, threads):
    import multiprocessing
    import pandas as pd

    table = pd.read_csv(os.path.join(folder, "manifest.csv"))
    boxes = table[["box_x", "box_y", "box_w", "box_h"]].to_numpy()
    jobs = [(os.path.join(folder, image), box) for image, box in zip(table["image"], boxes)]
    with multiprocessing.Pool(threads) as pool:
        facts = pd.DataFrame(pool.map(look, jobs, chunksize=200), columns=["hash", "width", "height", "beyond", "problem"])
    wrong = facts["problem"].notna().sum() + facts["beyond"].sum() + table["image"].duplicated().sum() + table.isna().any(axis=1).sum()
    twins = facts["hash"].duplicated().sum()
    print(pd.crosstab(table["animal"], table["pain"], margins=True).tail(1).to_string(), wrong, twins)


def peer_import(folder):
    import pandas as pd

    pattern = re.compile(r"day[^/]+/(?P<animal>[^/]+?)_(?P<time>[^/]+?)_[^/]*\.jpg")
    rows = []
    root = os.path.join(folder, "pictures")
    for here, _, names in os.walk(root):
        inside = os.path.relpath(here, root)
        for name in names:
            if not name.lower().endswith((".png", ".jpg", ".jpeg")):
                continue
            path = f"{inside}/{name}"
            match = pattern.fullmatch(path)
            if match is None:
                raise ValueError(path)
            rows.append((f"pictures/{path}", match["animal"], match["time"]))
    images = pd.DataFrame(rows, columns=["image", "animal", "time"]).sort_values("image")
    table = pd.read_csv(os.path.join(folder, "scores.csv"), dtype=str)
    merged = images.merge(table, on=["animal", "time"], how="left", validate="many_to_one", indicator=True)
    if (merged["_merge"] != "both").any():
        raise ValueError("a picture has no row")
    merged["session"] = merged["animal"] + "-" + merged["time"]
    merged.drop(columns="_merge").to_csv(os.path.join(folder, "peer.csv"), index=False)
    print(len(merged))


# ---- timing ----------------------------------------------------------------------------------------------------------------------


def measure(words):
    """Seconds by the clock and of the processor, and the most memory of one process in MB."""
    code = ("import os,resource,subprocess,sys,time\n"
            "start=time.time(); status=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode\n"
            "used=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
            "print(status,time.time()-start,used.ru_utime+used.ru_stime,used.ru_maxrss/1024)")
    out = subprocess.run([sys.executable, "-c", code, *words], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    if out[0] != "0":
        sys.exit(f"failed: {' '.join(words)}")
    return [float(number) for number in out[1:]]


def compare(what, ours, theirs, repeats):
    runs = [(measure(ours), measure(theirs)) for _ in range(repeats)]
    best = [[min(run[side][i] for run in runs) for i in range(3)] for side in range(2)]
    for name, (clock, used, memory) in zip(("grimace", "peer"), best):
        print(f"{what:28}{name:9}{clock:9.2f} s{used:10.2f} s of the processor{memory:9.0f} MB")
    print(f"{what:28}{'ratio':9}{best[1][0] / best[0][0]:9.2f}{best[1][1] / best[0][1]:12.2f}", flush=True)


def compare_check(folder, kind, grimace, me, given):
    make_pictures(folder, given.images, kind)
    table = os.path.join(folder, "manifest.csv")
    words = ["data", "check", "--label", "pain", "--group", "animal"]
    compare(f"check {given.images} {kind}", [grimace, *words, table], me + ["--peer-check", folder, str(given.threads)], given.repeats)
    few = os.path.join(folder, "few.csv")
    with open(table) as whole, open(few, "w") as out:
        out.writelines(line for i, line in enumerate(whole) if i <= given.images // 10)
    clock, used, memory = measure([grimace, *words, few])
    print(f"{f'check {given.images // 10} {kind}':28}{'grimace':9}{clock:9.2f} s{used:10.2f} s of the processor{memory:9.0f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("grimace")
    parser.add_argument("--images", type=int, default=20000)
    parser.add_argument("--kinds", default="jpg,png")
    parser.add_argument("--rows", type=int, default=200000)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    import numpy
    import pandas
    import PIL
    print(f"Python {sys.version.split()[0]}, pandas {pandas.__version__}, Pillow {PIL.__version__}, NumPy {numpy.__version__}; "
          f"{given.threads} cores", flush=True)
    grimace, me = os.path.abspath(given.grimace), [sys.executable, os.path.abspath(__file__)]
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    for kind in given.kinds.split(","):
        with tempfile.TemporaryDirectory() as folder:
            compare_check(folder, kind, grimace, me, given)
    with tempfile.TemporaryDirectory() as folder:
        make_folder(folder, given.rows)
        compare(f"import {given.rows} rows",
                [grimace, "data", "import", "paths", os.path.join(folder, "pictures"), "--path", "day*/{animal}_{time}_*.jpg", "--table",
                 os.path.join(folder, "scores.csv"), "--set", "session={animal}-{time}", "--out", os.path.join(folder, "ours.csv"), "--force"],
                me + ["--peer-import", folder], given.repeats)
        ours = pandas.read_csv(os.path.join(folder, "ours.csv"), dtype=str)
        theirs = pandas.read_csv(os.path.join(folder, "peer.csv"), dtype=str)[list(ours.columns)]
        if not ours.equals(theirs):
            sys.exit("the two manifests differ")


if sys.argv[1:2] == ["--peer-check"]:
    peer_check(sys.argv[2], int(sys.argv[3]))
elif sys.argv[1:2] == ["--peer-import"]:
    peer_import(sys.argv[2])
else:
    main()
