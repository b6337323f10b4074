// The public conformance suite of CEL as lines for `patuhctl expr --conformance`.
//
//   node convert.js FOLDER_WITH_NODE_MODULES SKIPPED >cases.ndjson
//
// Counts, and what in SKIPPED matches no case, go to standard error; status 1 for the latter.
'use strict';

const fs = require('fs');
const path = require('path');

const [folder, skippedFile] = process.argv.slice(2);
const data = path.join(folder, 'node_modules/@bufbuild/cel-spec/dist/cjs/testdata/conformance.js');
const { tests } = require(path.resolve(data));

// "suite/section/case  reason"; * at the end of a name stands for anything.
function readSkipped(file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n').filter((l) => l && !l.startsWith('#'));
  return lines.map((line) => {
    const [, name, reason] = /^(.*?)\t+(.+)$/.exec(line);
    return { name, reason, used: 0 };
  });
}

function reasonFor(skipped, name) {
  const found = skipped.find((s) =>
    s.name.endsWith('*') ? name.startsWith(s.name.slice(0, -1)) : s.name === name);
  if (found) found.used += 1;
  return found?.reason;
}

function typesOf(env) {
  const types = {};
  for (const declared of env ?? []) if (declared.ident) types[declared.name] = declared.ident.type;
  return types;
}

// What a declared function gives; the checker needs no more.
function resultsOf(env) {
  const results = {};
  for (const declared of env ?? []) {
    const result = declared.function?.overloads?.[0]?.resultType;
    if (result) results[declared.name] = result.abstractType ? { dyn: {} } : result;
  }
  return results;
}

function lineOf(name, t) {
  const line = { name, expr: t.expr, bindings: t.bindings ?? {} };
  if (t.evalError) line.error = t.evalError.errors?.[0]?.message ?? 'error';
  else line.value = t.value ?? t.typedResult?.result ?? { boolValue: true };
  if (t.typedResult?.deducedType) line.type = t.typedResult.deducedType;
  if (t.container) line.container = t.container;
  if (!t.disableCheck) line.checked = true;
  if (t.checkOnly) line.only_checked = true;
  line.types = typesOf(t.typeEnv);
  line.functions = resultsOf(t.typeEnv);
  return line;
}

function* casesOf(suite, prefix) {
  for (const test of suite.tests ?? []) yield [`${prefix}${test.original.name}`, test.original];
  for (const inner of suite.suites ?? []) yield* casesOf(inner, `${prefix}${inner.name}/`);
}

const skipped = readSkipped(skippedFile);
const counts = new Map();
let written = 0;
for (const [name, test] of casesOf(tests, '')) {
  const reason = reasonFor(skipped, name);
  if (reason) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  } else {
    process.stdout.write(JSON.stringify(lineOf(name, test)) + '\n');
    written += 1;
  }
}
const unused = skipped.filter((s) => !s.used);
for (const [reason, count] of counts) console.error(`${count} left out: ${reason}`);
console.error(`${written} cases`);
for (const { name } of unused) console.error(`no such case: ${name}`);
process.exitCode = unused.length ? 1 : 0;
