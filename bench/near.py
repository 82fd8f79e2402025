"""data check --near over many pictures against decoding them alone, in turn: seconds of processors, seconds on the clock, peak memory.

    python3 bench/near.py build/grimace [--images 20000] [--size 224] [--repetitions 3] [--features MODEL]

Decoding alone is `grimace data stats`, which decodes each picture once and sums its pixels. The pictures are rendered faces, each in
many random changes (turned, brighter, sharper), so that no two files are the same. Needs nothing but the program."""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time


def measured(command, cwd):
    """Seconds of processors and on the clock, and the peak of memory in MB."""
    start = time.perf_counter()
    child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit status {child.returncode}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    options = argparse.ArgumentParser()
    options.add_argument("grimace")
    options.add_argument("--images", type=int, default=20000)
    options.add_argument("--size", type=int, default=224)
    options.add_argument("--repetitions", type=int, default=3)
    options.add_argument("--features")
    o = options.parse_args()
    grimace = str(pathlib.Path(o.grimace).resolve())
    with tempfile.TemporaryDirectory() as folder:
        times = 50 if o.images >= 1000 else 2
        each = -(-o.images // (10 * times))
        subprocess.run([grimace, "data", "synth", "--preset", "mini", "--size", str(o.size), "--animals", "10", "--images", str(each),
                        "--out", "faces"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        root = pathlib.Path(folder)
        rows = [line.split(",") for line in (root / "faces/manifest.csv").read_text().splitlines()]
        at = [rows[0].index(name) for name in ("image", "animal", "pain")]
        (root / "faces/plain.csv").write_text("".join(",".join(row[i] for i in at) + "\n" for row in rows))
        (root / "change.yaml").write_text("- {rotate: 25}\n- {brightness: [0.6, 1.4]}\n- {sharpness: [0.5, 2]}\n")
        subprocess.run([grimace, "data", "augment", "faces/plain.csv", "--pipeline", "change.yaml", "--times", str(times), "--out",
                        "many"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        table = (root / "many/manifest.csv").read_text().splitlines()[: o.images + 1]
        (root / "many/asked.csv").write_text("\n".join(table) + "\n")
        asked = ["many/asked.csv", "--label", "pain", "--group", "animal"]
        commands = {"decoding": ["data", "stats", *asked], "--near": ["data", "check", *asked, "--near"]}
        if o.features:
            commands["--features"] = commands["--near"] + ["--features", str(pathlib.Path(o.features).resolve())]
        seen = {name: [] for name in commands}
        for _ in range(o.repetitions):
            for name, words in commands.items():
                seen[name].append(measured([grimace, *words], folder))
                print(f"{name:10} {seen[name][-1][0]:7.1f} s of processors, {seen[name][-1][1]:7.1f} s, {seen[name][-1][2]:5.0f} MB",
                      flush=True)
        middle = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in seen.items()}
        for name in list(commands)[1:]:
            print(f"{len(table) - 1} pictures, {name}: {middle[name][0] / middle['decoding'][0]:.2f} x the processors and "
                  f"{middle[name][1] / middle['decoding'][1]:.2f} x the time of decoding, {middle[name][2]:.0f} MB at most")


if __name__ == "__main__":
    main()
