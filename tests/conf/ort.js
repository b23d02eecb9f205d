// ort.js DIR...: runs every ONNX network under the folders in ONNX Runtime, unfused, on
// POINTS (20) random inputs, and writes the points for run_ort.
// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
const fs = require('fs'), path = require('path'), zlib = require('zlib');
const ort = require('onnxruntime-node');
const points = Number(process.env.POINTS || 20), seed = Number(process.env.SEED || 1);

function* files(dir) {
  for (const e of fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const p = path.join(dir, e.name);
    if (e.isDirectory()) yield* files(p);
    else if (/\.onnx(\.gz)?$/.test(e.name)) yield p;
  }
}

// xorshift of 32 bits, uniform in [0,1)
let state = 2463534242 ^ seed;
function uniform() {
  state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
  return (state >>> 0) / 4294967296;
}

// ---- just enough protobuf to read the shape of the one input that is no initialiser ----
function fields(b) {
  const out = [];
  for (let p = 0; p < b.length;) {
    let tag; [tag, p] = varint(b, p);
    const no = Math.floor(tag / 8), wire = tag % 8;
    if (wire === 0) { let v; [v, p] = varint(b, p); out.push([no, v]); }
    else if (wire === 2) { let n; [n, p] = varint(b, p); out.push([no, b.subarray(p, p + n)]); p += n; }
    else if (wire === 5) { out.push([no, b.subarray(p, p + 4)]); p += 4; }
    else { out.push([no, b.subarray(p, p + 8)]); p += 8; }
  }
  return out;
}
function varint(b, p) {
  let v = 0, f = 1;
  for (;;) { const c = b[p++]; v += (c & 127) * f; f *= 128; if (c < 128) return [v, p]; }
}
const get = (fs_, no) => fs_.filter((f) => f[0] === no).map((f) => f[1]);
function input(model) {
  const graph = fields(get(fields(model), 7)[0]);
  const init = new Set(get(graph, 5).map((t) => String(get(fields(t), 8)[0])));
  for (const v of get(graph, 11).map(fields)) {
    const name = String(get(v, 1)[0]);
    if (init.has(name)) continue;
    const tensor = fields(get(fields(get(v, 2)[0]), 1)[0]);
    const shape = get(tensor, 2)[0];
    const dims = get(fields(shape), 1).map((d) => get(fields(d), 1)[0]).map((d) => (d > 0 ? d : 1));
    return { name, dims };
  }
  throw new Error('no input');
}

async function one(file) {
  let model = fs.readFileSync(file);
  if (file.endsWith('.gz')) model = zlib.gunzipSync(model);
  const s = await ort.InferenceSession.create(model, {
    graphOptimizationLevel: 'disabled', intraOpNumThreads: 1, logSeverityLevel: 4,
  });
  const { name, dims } = input(model), n = dims.reduce((a, b) => a * b, 1);
  const lines = [`net ${file}`];
  for (let k = 0; k < points; k++) {
    const x = new Float32Array(n);
    for (let j = 0; j < n; j++) x[j] = k % 2 ? uniform() : 2 * uniform() - 1;
    const r = await s.run({ [name]: new ort.Tensor('float32', x, dims) });
    lines.push(`x ${Array.from(x).join(' ')}`, `y ${Array.from(r[s.outputNames[0]].data).join(' ')}`);
  }
  lines.push('end');
  fs.writeSync(1, lines.join('\n') + '\n');
  await s.release?.();
}
(async () => {
  for (const dir of process.argv.slice(2))
    for (const f of files(dir)) {
      try { await one(f); } catch (e) { fs.writeSync(1, `not ${f}: ${e.message}\n`); }
    }
})();
