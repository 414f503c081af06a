/**
 * What a CloudFront function finds in its sandbox, as source: it runs inside of it, beside the function. `host` is all that
 * reaches outside, and takes and gives texts only.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 */

/** Globals and modules that need the library of byte buffers, which is put into the sandbox only where one is named. */
export const usesBuffers = (code: string) =>
  /\b(?:Buffer|TextEncoder|TextDecoder|atob|btoa|createHash|createHmac|buffer|bytes)\b/.test(code)

/** Evaluates to a function of `host` and the library's `Buffer`, which gives a function that runs a handler. */
export const prelude = `(function (host, Buffer) {
'use strict'
const { parse, stringify } = JSON
const forbidden = () => { throw new Error('dynamic code evaluation is not supported') }
globalThis.eval = forbidden
for (const one of [function () {}, async function () {}, function* () {}, async function* () {}]) {
  Object.defineProperty(Object.getPrototypeOf(one), 'constructor', { value: forbidden })
}
globalThis.Function = forbidden

const kvs = (id = '') => {
  const missing = () => new Error('KvsHandle: no key value store ' + id + ' is associated with the function')
  if (!host.has(id)) throw missing()
  const read = (key) => {
    const value = host.get(id, String(key))
    if (value === null) throw missing()
    return value
  }
  return {
    async get(key, { format } = {}) {
      const value = read(key)
      if (value === undefined) throw new Error('KeyNotFound: ' + key)
      if (format === 'json') return parse(value)
      return format === 'bytes' ? Buffer.from(value) : value
    },
    async exists(key) { return read(key) !== undefined },
    async count() { return parse(host.meta(id)).keyCount },
    async meta() { return parse(host.meta(id)) },
  }
}

const digester = (algorithm, key) => {
  const parts = []
  return {
    update(data, encoding) {
      parts.push((typeof data === 'string' ? Buffer.from(data, encoding) : Buffer.from(data)).toString('base64'))
      return this
    },
    digest(encoding) {
      const bytes = Buffer.from(host.digest(stringify({ algorithm, key, parts })), 'base64')
      if (encoding === undefined) return bytes
      if (encoding !== 'base64url') return bytes.toString(encoding)
      return bytes.toString('base64').replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '')
    },
  }
}
const crypto = {
  createHash: (algorithm) => digester(algorithm),
  createHmac: (algorithm, key) =>
    digester(algorithm, (typeof key === 'string' ? Buffer.from(key) : Buffer.from(key)).toString('base64')),
}

const unescape = (text) => { try { return decodeURIComponent(text) } catch { return text } }
const querystring = {
  escape: encodeURIComponent,
  unescape,
  parse(text, separator = '&', equals = '=', { decodeURIComponent: decode = unescape, maxKeys = 1000 } = {}) {
    const found = {}
    const pairs = text === '' ? [] : text.split(separator)
    for (const pair of maxKeys > 0 ? pairs.slice(0, maxKeys) : pairs) {
      const at = pair.indexOf(equals)
      const part = (encoded) => decode(encoded.replace(/\\+/g, ' '))
      const name = part(at < 0 ? pair : pair.slice(0, at))
      const value = at < 0 ? '' : part(pair.slice(at + equals.length))
      if (Object.hasOwn(found, name)) found[name] = [].concat(found[name], value)
      else found[name] = value
    }
    return found
  },
  stringify(values, separator = '&', equals = '=', { encodeURIComponent: encode = encodeURIComponent } = {}) {
    return Object.entries(values ?? {})
      .flatMap(([name, value]) => [].concat(value).map((one) => encode(name) + equals + encode(one)))
      .join(separator)
  },
}
querystring.decode = querystring.parse
querystring.encode = querystring.stringify

const modules = { cloudfront: { kvs }, crypto, querystring, buffer: { Buffer } }
const require = (name) => {
  if (!Object.hasOwn(modules, name)) throw new Error('cannot load module "' + name + '"')
  return modules[name]
}
if (Buffer) {
  globalThis.Buffer = Buffer
  globalThis.TextEncoder = class { encode(text = '') { return new Uint8Array(Buffer.from(String(text))) } }
  globalThis.TextDecoder = class { decode(bytes) { return Buffer.from(bytes ?? []).toString() } }
  globalThis.atob = (text) => Buffer.from(String(text), 'base64').toString('latin1')
  globalThis.btoa = (text) => Buffer.from(String(text), 'latin1').toString('base64')
}
const log = (...values) => host.log(values.map(String).join(' '))
const console = { log, error: log }

return (factory) => (event) => {
  new Promise((resolve) => resolve(factory(modules, require, console)(parse(event))))
    .then((result) => host.settle(true, stringify(result)))
    .catch((error) => host.settle(false, String(error)))
}
})`
