/** Encodings and hashes. https://developer.hashicorp.com/terraform/language/functions#encoding-functions */
import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { FunctionTable } from './arguments.ts'
import { invalid, text } from './arguments.ts'
import { jsonText, parseJson } from './json.ts'

const digest = (algorithm: string, value: string, encoding: 'hex' | 'base64') =>
  createHash(algorithm).update(value, 'utf8').digest(encoding)

/** Go's `url.QueryEscape`: a space becomes `+`, and `!'()*` are escaped as well. */
function queryEscape(value: string): string {
  return encodeURIComponent(value)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

function fromBase64(value: string): Buffer {
  if (value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) invalid('It is not base64.')
  return Buffer.from(value, 'base64')
}

function utf8(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : invalid('The bytes are no UTF-8.')
}

function charset(name: string): BufferEncoding {
  const known: Readonly<Record<string, BufferEncoding>> = {
    'utf-8': 'utf8',
    'utf-16le': 'utf16le',
    'iso-8859-1': 'latin1',
  }
  return (
    known[name.toLowerCase()] ??
    invalid(`The encoding "${name}" is not rehearsed here; UTF-8, UTF-16LE and ISO-8859-1 are.`)
  )
}

export const encodingFunctions = {
  base64decode: { arity: [1, 1], call: (args) => utf8(fromBase64(text(args, 0))) },
  base64encode: { arity: [1, 1], call: (args) => Buffer.from(text(args, 0)).toString('base64') },
  base64sha256: { arity: [1, 1], call: (args) => digest('sha256', text(args, 0), 'base64') },
  base64sha512: { arity: [1, 1], call: (args) => digest('sha512', text(args, 0), 'base64') },
  jsondecode: { arity: [1, 1], call: (args) => parseJson(text(args, 0)) },
  jsonencode: { arity: [1, 1], nulls: true, call: (args) => jsonText(args[0] ?? null) },
  md5: { arity: [1, 1], call: (args) => digest('md5', text(args, 0), 'hex') },
  sha1: { arity: [1, 1], call: (args) => digest('sha1', text(args, 0), 'hex') },
  sha256: { arity: [1, 1], call: (args) => digest('sha256', text(args, 0), 'hex') },
  sha512: { arity: [1, 1], call: (args) => digest('sha512', text(args, 0), 'hex') },
  textdecodebase64: {
    arity: [2, 2],
    call: (args) => fromBase64(text(args, 0)).toString(charset(text(args, 1))),
  },
  textencodebase64: {
    arity: [2, 2],
    call: (args) => Buffer.from(text(args, 0), charset(text(args, 1))).toString('base64'),
  },
  urlencode: { arity: [1, 1], call: (args) => queryEscape(text(args, 0)) },
} satisfies FunctionTable
