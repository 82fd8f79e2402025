"""grimace predict over many PNG files against the bare inference of the same network (bench_step) over as many, before and after
it: images a second, and seconds of processors an image. Decoding is overlapped; what predict does beside it (loading, likeness to
the training images, the table) is in its time. Of the inference both the mean of its batches, which bears a machine's hitches as
predict does, and their median.

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


def step_rates(program, batches):
    """By mean and median of batches of 32; the first, which warms up, is not counted."""
    out = measured([program, "infer", "resnet18", "224", "32", "0"], input="go\n" * (batches + 1) + "end\n")[2].split()
    seconds = list(map(float, out[1:batches + 1]))
    return 32 / statistics.mean(seconds), 32 / statistics.median(seconds)


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
        batches = (count + 31) // 32
        before = step_rates(o.step, batches)
        for _ in range(o.repetitions):
            seconds, processor, _ = run("predict", "run", "--manifest", "many/asked.csv", "--out", "p.csv", "--force")
            start = run("predict", "run", "--manifest", "many/one.csv", "--out", "p.csv", "--force")[0]
            after = step_rates(o.step, batches)
            mean, median = ((x + y) / 2 for x, y in zip(before, after))
            rate, before = count / seconds, after
            rows.append((rate, mean, median, 100 * rate / mean, 100 * rate / median))
            print(f"predict {rate:6.1f} images/s, inference {mean:6.1f} (median {median:6.1f}), {rows[-1][3]:5.1f} % of it "
                  f"({rows[-1][4]:5.1f} %); a start {start:.2f} s; {1000 * processor / count:.2f} ms of processors an image", flush=True)
        middle = [statistics.median(column) for column in zip(*rows)]
        print(f"medians: predict {middle[0]:.1f} images/s, {middle[3]:.1f} % of inference ({middle[4]:.1f} % of its median batch)")


if __name__ == "__main__":
    main()
