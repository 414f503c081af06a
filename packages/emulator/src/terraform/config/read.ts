/**
 * Reads a synthesized folder: `cdk.tf.json`, and other `*.tf.json` files beside it, in Terraform's JSON syntax
 * (https://developer.hashicorp.com/terraform/language/syntax/json). The backend is accepted and has no effect:
 * the emulator keeps the state itself. What it cannot evaluate (modules, provisioners, native HCL files)
 * is refused by name.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Configuration, JsonObject, Mode, OutputBlock, ResourceBlock } from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import { blocks, isJsonObject, strings } from './json-blocks.ts'
import {
  readConditions,
  readImport,
  readLifecycle,
  readMoved,
  readRemoved,
  readVariable,
} from './read-blocks.ts'

const TOP_LEVEL = new Set(
  '// check data ephemeral import locals moved output provider removed resource terraform variable'.split(
    ' ',
  ),
)
const META = new Set([
  '//',
  'count',
  'for_each',
  'depends_on',
  'provider',
  'lifecycle',
  'provisioner',
  'connection',
])

export function readFolder(path: string, diagnostics: Diagnostics): Configuration {
  const folder = resolve(path)
  return readDocuments(folder, readFiles(folder, diagnostics), diagnostics)
}

function readFiles(folder: string, diagnostics: Diagnostics): JsonObject[] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const native = names.find((name) => name.endsWith('.tf'))
  if (native !== undefined) {
    diagnostics.error(
      {},
      `${native} is written in HCL`,
      'The emulator reads the JSON syntax (*.tf.json) that the synthesis writes.',
    )
  }
  const files = names.filter((name) => name.endsWith('.tf.json'))
  if (files.length === 0) {
    diagnostics.error(
      {},
      `There is no cdk.tf.json in ${folder}`,
      'Synthesize the platform first, or name the right folder.',
    )
  }
  return files.flatMap((name) => {
    try {
      const json: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'))
      if (isJsonObject(json)) return [json]
      diagnostics.error({}, `${name} holds no object`, 'Terraform JSON has one object at the top.')
    } catch (error) {
      diagnostics.error({}, `${name} is not JSON`, error instanceof Error ? error.message : String(error))
    }
    return []
  })
}

/** The same from parsed JSON. */
export function readDocuments(
  folder: string,
  documents: readonly JsonObject[],
  diagnostics: Diagnostics,
): Configuration {
  for (const document of documents) {
    for (const key of Object.keys(document)) {
      if (TOP_LEVEL.has(key)) continue
      diagnostics.error(
        { address: key },
        `Blocks "${key}" are not rehearsed`,
        'The emulator evaluates one root module without them.',
      )
    }
  }
  const top = (key: string) => documents.flatMap((document) => blocks(document[key]))
  return {
    folder,
    variables: new Map(
      top('variable')
        .flatMap(entries)
        .map(([name, body]) => [name, readVariable(name, body)]),
    ),
    locals: new Map(
      top('locals')
        .flatMap((body) => Object.entries(body))
        .filter(([name]) => name !== '//'),
    ),
    outputs: new Map(
      top('output')
        .flatMap(entries)
        .map(([name, body]) => [name, readOutput(name, body)]),
    ),
    resources: readResources(top, diagnostics),
    providers: readProviders(top('provider')),
    moved: top('moved').flatMap(readMoved),
    removed: top('removed').flatMap(readRemoved),
    imports: top('import').flatMap((body) => readImport(body, diagnostics)),
    checks: new Map(
      top('check')
        .flatMap(entries)
        .map(([name, body]) => [name, readConditions(body.assert)]),
    ),
  }
}

function readResources(
  top: (key: string) => JsonObject[],
  diagnostics: Diagnostics,
): Map<string, ResourceBlock> {
  const kinds: readonly [key: string, mode: Mode, prefix: string][] = [
    ['resource', 'managed', ''],
    ['data', 'data', 'data.'],
    ['ephemeral', 'ephemeral', 'ephemeral.'],
  ]
  const found = new Map<string, ResourceBlock>()
  for (const [key, mode, prefix] of kinds) {
    for (const [type, named] of top(key).flatMap(entries)) {
      for (const [name, body] of entries(named)) {
        const address = `${prefix}${type}.${name}`
        if (found.has(address))
          diagnostics.error({ address }, 'Duplicate block', 'Two blocks have this address.')
        found.set(address, readResource({ mode, address, type, name }, body, diagnostics))
      }
    }
  }
  return found
}

function readResource(
  identity: Pick<ResourceBlock, 'mode' | 'address' | 'type' | 'name'>,
  raw: JsonObject,
  diagnostics: Diagnostics,
): ResourceBlock {
  for (const key of ['provisioner', 'connection']) {
    if (raw[key] === undefined || blocks(raw[key]).length === 0) continue
    diagnostics.error(
      { address: identity.address },
      `A ${key} is not rehearsed`,
      'Do its work in a release step instead.',
    )
  }
  return {
    ...identity,
    body: Object.fromEntries(Object.entries(raw).filter(([key]) => !META.has(key))),
    count: raw.count,
    forEach: raw.for_each,
    dependsOn: strings(raw.depends_on),
    provider: typeof raw.provider === 'string' ? raw.provider : undefined,
    lifecycle: readLifecycle(blocks(raw.lifecycle)[0] ?? {}),
  }
}

function readProviders(all: readonly JsonObject[]): Configuration['providers'] {
  return new Map(
    all.flatMap(entries).map(([name, body]) => {
      const key = typeof body.alias === 'string' ? `${name}.${body.alias}` : name
      return [key, { key, body }]
    }),
  )
}

function readOutput(name: string, body: JsonObject): OutputBlock {
  const preconditions = readConditions(body.precondition)
  return { name, value: body.value, sensitive: body.sensitive === true, preconditions }
}

/** Labelled blocks: name and body; arrays of bodies are several blocks of one label. */
function entries(json: JsonObject): [name: string, body: JsonObject][] {
  return Object.entries(json).flatMap(([name, body]) =>
    name === '//' ? [] : blocks(body).map((block): [string, JsonObject] => [name, block]),
  )
}
