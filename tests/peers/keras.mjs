// Runs one network in TensorFlow.js, whose layers are Keras's:
//     node keras.mjs FOLDER
// FOLDER holds model.json (as Keras's model.to_json), weights.json ([{name, shape}]), weights.bin and images.bin (float32, one
// after the other); probabilities.json is written there.
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

const tf = createRequire(path.join(process.env.NODE_PATH, "x"))("@tensorflow/tfjs");
const at = (name) => path.join(process.argv[2], name);

function floats(name) {
    const bytes = fs.readFileSync(at(name));
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

const numbers = floats("weights.bin"), tensors = {};
let begin = 0;
for (const { name, shape } of JSON.parse(fs.readFileSync(at("weights.json")))) {
    const count = shape.reduce((a, b) => a * b, 1);
    tensors[name] = tf.tensor(numbers.subarray(begin, begin + count), shape);
    begin += count;
}
const topology = JSON.parse(fs.readFileSync(at("model.json")));
const model = await tf.models.modelFromJSON({ modelTopology: topology });
model.loadWeights(tensors, true);
const size = model.inputs[0].shape.slice(1), images = floats("images.bin");
const x = tf.tensor(images, [images.length / size.reduce((a, b) => a * b, 1), ...size]);
fs.writeFileSync(at("probabilities.json"), JSON.stringify(await model.predict(x).array()));
