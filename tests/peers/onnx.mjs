// Exports every backbone and head that grimace has, runs the files in ONNX Runtime and compares with `grimace predict`:
//     node onnx.mjs GRIMACE [BACKBONE[:HEAD]...]
// Beside every pair of them: widths, the auxiliary classifier, pools, dense layers and blocks of the heads, the other tasks (scores,
// classes in order, several columns of labels), and runs of folds.
// Weights are initial ones with random running statistics; images are random PNG files of the network's size.
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as os from "node:os";
import * as path from "node:path";
import * as zlib from "node:zlib";

const ort = createRequire(path.join(process.env.NODE_PATH, "x"))("onnxruntime-node");
const grimace = process.argv[2];
const work = fs.mkdtempSync(path.join(os.tmpdir(), "onnx-"));
process.on("exit", () => fs.rmSync(work, { recursive: true, force: true }));
process.chdir(work);
let bad = 0;
const LIMIT = 1e-4, MEAN = [0.4, 0.5, 0.6], STD = [0.2, 0.3, 0.25], IMAGES = 3;

function run(...words) {
    return execFileSync(grimace, words, { encoding: "utf8" });
}

// The names that grimace knows, from its own error sentence.
function known(...words) {
    return spawnSync(grimace, ["info", ...words], { encoding: "utf8" }).stderr.trim().split("there are: ")[1].split(", ");
}

let state = 12345;
function random() { // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

// ---- images ---------------------------------------------------------------------------------------------------------------

function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    let crc = ~0;
    for (const byte of body) {
        crc ^= byte;
        for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    out.writeUInt32BE(~crc >>> 0, body.length + 4);
    return out;
}

// A smooth random picture as PNG; returns its input tensor [3, size, size].
function makeImage(file, size) {
    const raw = Buffer.alloc(size * (3 * size + 1)), x = new Float32Array(3 * size * size);
    const waves = Array.from({ length: 9 }, () => [random() * 12, random() * 12, random() * 6]);
    for (let h = 0; h < size; h++)
        for (let w = 0; w < size; w++)
            for (let c = 0; c < 3; c++) {
                let v = 100 + 50 * random();
                for (const [a, b, p] of waves.slice(3 * c, 3 * c + 3)) v += 35 * Math.sin((a * h + b * w) / size + p);
                v = Math.max(0, Math.min(255, Math.round(v)));
                raw[h * (3 * size + 1) + 1 + 3 * w + c] = v;
                x[(c * size + h) * size + w] = (v / 255 - MEAN[c]) / STD[c];
            }
    const head = Buffer.alloc(13);
    head.writeUInt32BE(size, 0);
    head.writeUInt32BE(size, 4);
    head.set([8, 2, 0, 0, 0], 8);
    fs.writeFileSync(file, Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head),
        chunk("IDAT", zlib.deflateSync(raw)), chunk("IEND", Buffer.alloc(0))]));
    return x;
}

// ---- weights --------------------------------------------------------------------------------------------------------------

// Rewrites the numbers of a safetensors file: change(name, values, header) alters them in place.
function changeWeights(file, change) {
    const bytes = fs.readFileSync(file), length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
    for (const [name, t] of Object.entries(header)) {
        if (name === "__metadata__") continue;
        const [from, to] = t.data_offsets.map((o) => o + 8 + length);
        change(name, new Float32Array(bytes.buffer, bytes.byteOffset + from, (to - from) / 4), header);
    }
    fs.writeFileSync(file, bytes);
}

// The manifest says how many landmarks there are. data: more keys of that section.
function makeModel(file, { backbone, head, size, keys, task, data }) {
    fs.writeFileSync("manifest.csv", `image,lm1_x,lm1_y,lm2_x,lm2_y\nimage0.png,1,2,3,4\n`);
    const classes = head === "landmarks" || task === "scores" ? "" : "classes: [a, b, c], ";
    fs.writeFileSync("config.yaml", `name: peer
task: ${task ?? "null"}
data: {manifest: manifest.csv, ${classes}${data ?? ""}image: {size: ${size}, mean: [${MEAN}], std: [${STD}]}, eval_transforms: [], train_transforms: []}
model: {backbone: ${backbone}, head: ${head}${keys}}
`);
    run("init", "config.yaml", "--out", file, "--force");
    // Batch norms give 0.7 with deviation 0.4: signals neither die nor explode on their way through a hundred layers.
    changeWeights(file, (name, values, header) => {
        const norm = `${name.slice(0, name.lastIndexOf("."))}.running_mean` in header;
        for (let i = 0; i < values.length; i++)
            if (name.endsWith("running_mean")) values[i] = 0.4 * random() - 0.2;
            else if (name.endsWith("running_var")) values[i] = 0.7 + random();
            else if (norm) values[i] = (name.endsWith("weight") ? 0.3 : 0.6) + 0.2 * random();
            else if (name.startsWith("attention")) values[i] *= 20;
    });
}

// The numbers of all images, one behind the other: probabilities, scores without their total, or coordinates as shares of the image's
// side.
function predict(model, images, size) {
    const [head, ...lines] = run("predict", model, ...images).trim().split("\n"), names = head.split(",");
    let wanted = names.map((name) => name.startsWith("p_") || name.startsWith("lm"));
    if (!wanted.includes(true)) wanted = names.map((name) => name.startsWith("predicted") && name !== "predicted_total");
    const unit = names[1].startsWith("lm") ? size : 1;
    return lines.flatMap((line) => line.split(",").filter((_, i) => wanted[i]).map((number) => Number(number) / unit));
}

// Deep networks of random numbers saturate: their classifier is scaled until no probability is close to 0 or 1.
function predictModerately(model, images, { size, head, task }) {
    for (let turn = 0; ; turn++) {
        const p = predict(model, images, size), values = head === "landmarks" ? p : p.map(task === "scores" ? Math.abs : Math.log);
        const spread = Math.max(...values) - (task === "scores" ? 0 : Math.min(...values));
        if (turn === 12 || (spread > (task === "scores" ? 0.05 : 0.3) && spread < 4)) return p;
        const scale = spread >= 4 ? 0.3 : 3;
        changeWeights(model, (name, values) => {
            if (name === "classifier.weight" || name === "landmarks.weight")
                for (let i = 0; i < values.length; i++) values[i] *= scale;
        });
    }
}

// ---- comparing ------------------------------------------------------------------------------------------------------------

function distance(a, b) {
    if (a.length !== b.length) return Infinity;
    let most = 0;
    for (let i = 0; i < a.length; i++) most = Math.abs(a[i] - b[i]) <= most ? most : Math.abs(a[i] - b[i]); // NaN stays
    return most;
}

function verdict(name, good, text) {
    console.log(`${good ? "ok" : "FAIL"} ${name}: ${text}`);
    if (!good) bad = 1;
}

async function compare(name, onnx, want, inputs, size) {
    const session = await ort.InferenceSession.create(onnx, { logSeverityLevel: 3, intraOpNumThreads: 1 });
    const pixels = 3 * size * size, x = new Float32Array(inputs.length * pixels);
    inputs.forEach((image, i) => x.set(image, i * pixels));
    const all = await session.run({ image: new ort.Tensor("float32", x, [inputs.length, 3, size, size]) });
    const one = await session.run({ image: new ort.Tensor("float32", inputs[0], [1, 3, size, size]) });
    const output = ["probabilities", "scores", "coordinates"].find((name) => all[name] !== undefined);
    const far = distance(all[output].data, want);
    const farOne = distance(one[output].data, want.slice(0, want.length / inputs.length));
    const limit = output === "scores" ? 1e-5 : LIMIT; // of the numbers, and of how alike the images may be
    let good = far <= limit && farOne <= limit, text = `${far.toExponential(1)} from predict, alone ${farOne.toExponential(1)}`;
    if (all.beta !== undefined) {
        const [n, k] = all.beta.dims, sums = new Float64Array(n);
        all.beta.data.forEach((b, i) => (sums[Math.floor(i / k)] += b));
        const off = distance(sums, new Float64Array(n).fill(1));
        good = good && n === inputs.length && off <= 1e-5;
        text += `, beta [${all.beta.dims}] sums to 1 within ${off.toExponential(1)}`;
    }
    const range = [Math.min(...want), Math.max(...want)];
    verdict(name, good && range[1] - range[0] > 10 * limit, `${text}; ${output} ${range.map((p) => p.toFixed(3)).join(" to ")}`);
    await session.release();
}

async function check(model) {
    const name = `${model.backbone} with head ${model.head}${model.keys}${model.task ? `, task ${model.task}` : ""} ${model.data ?? ""}`;
    const images = Array.from({ length: IMAGES }, (_, i) => `image${i}.png`);
    try {
        const inputs = images.map((file) => makeImage(file, model.size));
        makeModel("w.safetensors", model);
        const want = predictModerately("w.safetensors", images, model);
        run("export", "w.safetensors", "--format", "onnx", "--out", "m.onnx", "--force");
        await compare(name, "m.onnx", want, inputs, model.size);
    } catch (error) {
        verdict(name, false, (error.stderr || error.message).split("\n").slice(0, 3).join(" "));
    }
}

// A run of two folds is one graph that averages them, as predict does; scores are clipped before.
async function checkFolds(more, name) {
    const size = 96, images = ["image0.png", "image1.png"], inputs = images.map((file) => makeImage(file, size));
    for (const fold of ["a", "b"]) {
        fs.mkdirSync(`run/fold-${fold}`, { recursive: true });
        makeModel(`run/fold-${fold}/model.safetensors`, { backbone: "resnet18", head: "painseeker", size, keys: "", ...more });
    }
    run("export", "run", "--format", "onnx", "--out", "m.onnx", "--force");
    await compare(name, "m.onnx", predict("run", images, size), inputs, size);
}

function model(backbone, head, keys = "", size = 96) {
    return { backbone, head, keys, size };
}

// Every head, and what else the endings of networks know.
const tasks = [{ task: "ordinal" }, { task: "scores" }, { task: "scores", data: "labels: [x, y, z], " },
    { task: "scores", data: "labels: [x, y, z, w], range: [-0.1, 0.1], " }, { data: "labels: [x, y], " }];

function everything() {
    const heads = known("--model", "resnet18", "--head", "none"), backbones = known("--model", "none");
    return [...backbones.flatMap((backbone) => heads.map((head) => model(backbone, head))),
        ...[0.5, 0.75, 1.5, 2].map((width) => model("shufflenet_v2", "linear", `, width: ${width}`)),
        ...["mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small"].map((name) => model(name, "linear", ", width: 0.5")),
        ...["resnet50", "inception_v3", "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0", "densenet121"].map((name) =>
            model(name, "linear", ", variant: keras", 95)),
        model("inception_v3", "linear", ", aux: true", 299),
        model("vgg16", "mlp", ", mlp: {hidden: [64, 32], dropout: 0.5}"),
        ...["max", "flatten"].map((pool) => model("resnet18", "mlp", `, mlp: {pool: ${pool}, hidden: [16]}`)),
        ...["symmetric", "asymmetric", "hybrid"].map((block) =>
            model("resnet18", "landmarks", `, landmarks: {block: ${block}, filters: 8}`)),
        ...heads.filter((head) => head !== "landmarks").flatMap((head) =>
            tasks.map((task) => ({ ...model("resnet18", head), ...task })))];
}

const asked = process.argv.slice(3).map((word) => word.split(":"));
const all = asked.length > 0 ? asked.map(([backbone, head]) => model(backbone, head ?? "linear")) : everything();
for (const one of all) await check(one);
if (asked.length === 0) {
    await checkFolds({}, "two folds");
    await checkFolds({ task: "scores", data: "labels: [x, y], range: [-0.2, 0.2], " }, "two folds of scores");
}
process.exit(bad);
