"""grimace predict over many PNG files against the bare inference of the same network (bench_step), in turn: images a second, and
seconds of processors an image. Decoding is overlapped; what predict does beside it (loading, likeness to the training images,
the table) is in its time.

    python3 bench/predict.py build/grimace build/bench/bench_step [--images 1000] [--repetitions 5]

`make build/bench/bench_step` builds the second one. Needs nothing but the two programs."""
import argparse
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

CONFIG = """data: {manifest: few/manifest.csv, label: pain, group: animal, image: {size: 224}}
split: {scheme: holdout, test: 0.25}
model: {backbone: resnet18, head: linear}
train: {epochs: 1, batch_size: 16}
"""


def measured(command, **more):
    """Seconds on the clock, and of processors."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **more).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, out


def step_rate(program, batches):
    """The median repetition of a batch of 32; the first warms up."""
    seconds = measured([program, "infer", "resnet18", "224", "32", "0"], input="go\n" * (batches + 1) + "end\n")[2].split()
    return 32 / statistics.median(map(float, seconds[1:-1]))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("grimace")
    options.add_argument("step")
    options.add_argument("--images", type=int, default=1000)
    options.add_argument("--repetitions", type=int, default=5)
    o = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, grimace = pathlib.Path(name), str(pathlib.Path(o.grimace).resolve())

        def run(*words):
            return measured([grimace, *map(str, words)], cwd=folder)

        run("data", "synth", "--preset", "mini", "--size", 224, "--animals", 4, "--images", 88, "--seed", 2, "--out", "few")
        run("data", "synth", "--preset", "mini", "--size", 224, "--animals", 10, "--images", (o.images + 9) // 10, "--out", "many")
        (folder / "few.yaml").write_text(CONFIG)
        run("train", "few.yaml", "--out", "run")
        check = run("data", "check", "many/manifest.csv", "--near")
        table = (folder / "many/manifest.csv").read_text().splitlines()
        count = min(o.images, len(table) - 1)
        (folder / "many/asked.csv").write_text("\n".join(table[: count + 1]) + "\n")
        (folder / "many/one.csv").write_text("\n".join(table[:2]) + "\n")
        print(f"data check --near, which decodes each of {len(table) - 1} once: {1000 * check[1] / (len(table) - 1):.2f} ms of a processor each")
        rows = []
        for _ in range(o.repetitions):
            step = step_rate(o.step, 8)
            seconds, processor, _ = run("predict", "run", "--manifest", "many/asked.csv", "--out", "p.csv", "--force")
            start = run("predict", "run", "--manifest", "many/one.csv", "--out", "p.csv", "--force")[0]
            rows.append((count / seconds, step, seconds / count * step, start, 1000 * processor / count))
            print(f"predict {rows[-1][0]:6.1f} images/s, inference {step:6.1f}, {100 / rows[-1][2]:5.1f} % of it; "
                  f"a start {start:.2f} s; {rows[-1][4]:.2f} ms of processors an image", flush=True)
        middle = [statistics.median(column) for column in zip(*rows)]
        print(f"median: predict {middle[0]:.1f} images/s, inference {middle[1]:.1f}: {100 / middle[2]:.1f} % of it")


if __name__ == "__main__":
    main()
