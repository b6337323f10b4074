// @bufbuild/cel as a peer of the rule language.
//
//   node evaluate.mjs FOLDER_WITH_NODE_MODULES <cases.ndjson >answers.ndjson
//
// A case is a line as `patuhctl expr --conformance` reads it: name, expr, bindings. An answer is the same line with value
// or error. Expressions are parsed, not checked, as in that command's plain mode.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(path.resolve(process.argv[2]), 'package.json'));
const { celEnv, celUint, isCelError, isCelList, isCelMap, isCelType, isCelUint, parse, plan } = require('@bufbuild/cel');
const { strings } = require('@bufbuild/cel/ext');

const env = celEnv({ funcs: strings });

// ── Values in the suite's JSON ──

function decode(node) {
  const [kind, held] = Object.entries(node)[0];
  switch (kind) {
    case 'nullValue': return null;
    case 'int64Value': return BigInt(held);
    case 'uint64Value': return celUint(BigInt(held));
    case 'doubleValue': return Number(held);
    case 'bytesValue': return new Uint8Array(Buffer.from(held, 'base64'));
    case 'listValue': return (held.values ?? []).map(decode);
    case 'mapValue': return new Map((held.entries ?? []).map((e) => [decode(e.key), decode(e.value)]));
    default: return held; // boolValue, stringValue
  }
}

const wellKnown = (name, value) =>
  ({ objectValue: { '@type': `type.googleapis.com/google.protobuf.${name}`, value } });

// "-1.500000000s" of −1500000000.
function secondsOf(total) {
  const size = total < 0n ? -total : total;
  const fraction = String(size % 1000000000n).padStart(9, '0');
  return `${total < 0n ? '-' : ''}${size / 1000000000n}.${fraction}s`;
}

function encodeMessage(message) {
  const { seconds, nanos } = message.message ?? message;
  const type = message.desc?.typeName ?? message.$typeName;
  const total = seconds * 1000000000n + BigInt(nanos);
  if (type === 'google.protobuf.Duration') return wellKnown('Duration', secondsOf(total));
  if (type !== 'google.protobuf.Timestamp') throw new Error(`a value of type ${type}`);
  const whole = new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, '');
  return wellKnown('Timestamp', `${whole}.${String(nanos).padStart(9, '0')}Z`);
}

// Half a pair of UTF-16, which no JSON may hold, becomes U+FFFD.
const wellFormed = (text) => Buffer.from(String(text), 'utf8').toString('utf8');

function encode(value) {
  if (value === null) return { nullValue: null };
  switch (typeof value) {
    case 'boolean': return { boolValue: value };
    case 'bigint': return { int64Value: String(value) };
    case 'number': return { doubleValue: Number.isFinite(value) ? `@${value.toExponential()}@` : String(value) };
    case 'string': return { stringValue: wellFormed(value) };
  }
  if (isCelUint(value)) return { uint64Value: String(value.value) };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (isCelList(value)) return { listValue: { values: [...value].map(encode) } };
  if (isCelMap(value)) {
    return { mapValue: { entries: [...value.entries()].map(([k, v]) => ({ key: encode(k), value: encode(v) })) } };
  }
  if (isCelType(value)) return { typeValue: value.name };
  return encodeMessage(value);
}

// ── One case ──

function answer(line) {
  try {
    const bindings = Object.fromEntries(Object.entries(line.bindings).map(([name, b]) => [name, decode(b.value)]));
    const result = plan(env, parse(line.expr))(bindings);
    if (isCelError(result)) return { ...line, error: wellFormed(result.message) };
    return { ...line, value: encode(result) };
  } catch (error) {
    return { ...line, error: wellFormed(error.message) };
  }
}

for (const line of fs.readFileSync(0, 'utf8').split('\n')) {
  // A number never stands without its exponent: it is no integer.
  if (line) fs.writeSync(1, `${JSON.stringify(answer(JSON.parse(line))).replace(/"@([-+.e\d]+)@"/g, '$1')}\n`);
}
