// SPDX-License-Identifier: BSD-3-Clause
'use strict';

// What text_program.cpp does, by the means of Node; see there.

const { StringDecoder } = require('string_decoder');

const fromHex = (digits) => Buffer.from(digits === '-' ? '' : digits, 'hex');
const toHex = (bytes) => bytes.toString('hex') || '-';

function decoded(encoding, pieces) {
  const decoder = new StringDecoder(encoding);
  const text = pieces.map((each) => decoder.write(fromHex(each))).join('') + decoder.end();
  return toHex(Buffer.from(text, 'utf8'));
}

function encoded(encoding, [text]) {
  return toHex(Buffer.from(fromHex(text).toString('utf8'), encoding));
}

const lines = require('fs').readFileSync(0, 'latin1').split('\n').filter((line) => line !== '');
const answers = lines.map((line) => {
  const [verb, encoding, ...rest] = line.split(' ');
  return verb === 'decode' ? decoded(encoding, rest) : encoded(encoding, rest);
});
process.stdout.write(answers.join('\n') + '\n');
