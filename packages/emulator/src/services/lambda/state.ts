/** Functions, their published versions and aliases: how they are created, changed and found. */
import { existsSync, readdirSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EmulatorContext } from '../../service.ts'
import { unpack } from './archive.ts'
import {
  aliasNotFound,
  functionNotFound,
  invalidFunctionName,
  invalidParameterValue,
  resourceConflict,
} from './errors.ts'
import {
  type EventInvokeConfig,
  type FunctionVersion,
  type LambdaFunction,
  parseFunctionName,
  runtimes,
  versionOf,
} from './model.ts'

export type FunctionSettings = Omit<
  FunctionVersion,
  'version' | 'codeSha256' | 'codeSize' | 'codeDirectory' | 'modifiedAt'
>

export interface LambdaState {
  all(): LambdaFunction[]
  find(name: string): LambdaFunction | undefined
  /** By name, qualified name or ARN; `qualifier` is the version or alias as it was named, else `$LATEST`. */
  target(
    functionName: string,
    qualifier?: string,
  ): { of: LambdaFunction; version: FunctionVersion; qualifier: string }
  /** Its name, from any of the forms in which AWS takes it. */
  nameOf(functionName: string): string
  /** Undefined removes it. */
  setEventInvokeConfig(
    name: string,
    qualifier: string,
    config: Omit<EventInvokeConfig, 'modifiedAt'> | undefined,
  ): EventInvokeConfig | undefined
  /** `onCreated` is called within the transaction that stores the function. */
  create(
    name: string,
    settings: FunctionSettings,
    archive: Uint8Array,
    onCreated?: (of: LambdaFunction) => void,
  ): Promise<LambdaFunction>
  /** Without an archive the code stays. */
  update(name: string, settings: Partial<FunctionSettings>, archive?: Uint8Array): Promise<LambdaFunction>
  publish(name: string): FunctionVersion
  setAlias(name: string, alias: string, version: string, description: string): void
  deleteAlias(name: string, alias: string): void
  delete(name: string): Promise<void>
  /** Removes code that a crash left partly unpacked, or unpacked for a function that was never stored. */
  sweep(): Promise<void>
}

export function createState({ accountId, clock, region, stateDir, store }: EmulatorContext): LambdaState {
  const functions = store.collection<LambdaFunction>('lambda.functions')
  const codeRoot = join(stateDir, 'lambda')
  /** The folders at the emulator's start: a function that is created later may not be stored yet. */
  const found = existsSync(codeRoot) ? readdirSync(codeRoot) : []
  const arnOf = (name: string) => `arn:aws:lambda:${region}:${accountId}:function:${name}`
  const existing = (name: string): LambdaFunction => {
    const found = functions.get(name)
    if (found === undefined) throw functionNotFound(arnOf(name))
    return found
  }
  const codeOf = async (name: string, archive: Uint8Array) => {
    const code = await unpack(archive, join(codeRoot, name))
    return { codeSha256: code.sha256, codeSize: code.size, codeDirectory: code.directory }
  }
  const check = (settings: Partial<FunctionSettings>) => {
    if (settings.runtime !== undefined && !runtimes.includes(settings.runtime)) {
      throw invalidParameterValue(
        `The runtime ${settings.runtime} is not implemented by this emulator; it runs ${runtimes.join(', ')}`,
      )
    }
    const timeout = settings.timeoutSeconds ?? 3
    if (timeout < 1 || timeout > 900)
      throw invalidParameterValue('The timeout must be between 1 and 900 seconds')
  }

  const target = (functionName: string, given?: string) => {
    const { name, qualifier = given } = parseFunctionName(functionName)
    const of = existing(name)
    const version = versionOf(of, qualifier)
    if (version === undefined) throw functionNotFound(`${of.arn}:${qualifier}`)
    return { of, version, qualifier: qualifier ?? '$LATEST' }
  }

  return {
    all: () => functions.values(),
    find: (name) => functions.get(name),
    target,
    nameOf: (functionName) => parseFunctionName(functionName).name,
    setEventInvokeConfig(name, qualifier, given) {
      const found = existing(name)
      const { [qualifier]: _, ...others } = found.eventInvokeConfigs ?? {}
      const config = given === undefined ? undefined : { ...given, modifiedAt: clock.now() }
      const eventInvokeConfigs = config === undefined ? others : { ...others, [qualifier]: config }
      functions.put(name, { ...found, eventInvokeConfigs })
      return config
    },
    async create(name, settings, archive, onCreated) {
      // It becomes part of a path too. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
      if (!/^[\w-]{1,64}$/.test(name)) throw invalidFunctionName(name)
      if (functions.has(name)) throw resourceConflict(`Function already exist: ${name}`)
      check(settings)
      const latest = {
        ...settings,
        ...(await codeOf(name, archive)),
        version: '$LATEST',
        modifiedAt: clock.now(),
      }
      const created = { name, arn: arnOf(name), latest, published: [], aliases: {} }
      store.transaction(() => {
        functions.put(name, created)
        onCreated?.(created)
      })
      return created
    },
    async update(name, settings, archive) {
      check(settings)
      const code = archive === undefined ? {} : await codeOf(name, archive)
      const found = existing(name)
      const changed = { ...found, latest: { ...found.latest, ...settings, ...code, modifiedAt: clock.now() } }
      functions.put(name, changed)
      return changed
    },
    // A version that would not differ from the last one is not published again.
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
    publish(name) {
      const found = existing(name)
      const last = found.published.at(-1)
      const comparable = ({ version: _, modifiedAt: __, ...rest }: FunctionVersion) => JSON.stringify(rest)
      if (last !== undefined && comparable(last) === comparable(found.latest)) return last
      const version = { ...found.latest, version: String(found.published.length + 1) }
      functions.put(name, { ...found, published: [...found.published, version] })
      return version
    },
    setAlias(name, alias, version, description) {
      const found = existing(name)
      if (versionOf({ ...found, aliases: {} }, version) === undefined)
        throw functionNotFound(`${found.arn}:${version}`)
      functions.put(name, { ...found, aliases: { ...found.aliases, [alias]: { version, description } } })
    },
    deleteAlias(name, alias) {
      const found = existing(name)
      if (found.aliases[alias] === undefined) throw aliasNotFound(`${found.arn}:${alias}`)
      const { [alias]: _, ...aliases } = found.aliases
      functions.put(name, { ...found, aliases })
    },
    async delete(name) {
      // The record is deleted last: an interrupted deletion is found and finished.
      await rm(join(codeRoot, name), { recursive: true, force: true })
      functions.delete(name)
    },
    async sweep() {
      for (const name of found.splice(0)) {
        const directory = join(codeRoot, name)
        if (!functions.has(name)) await rm(directory, { recursive: true, force: true })
        for (const entry of await readdir(directory).catch(() => []))
          if (entry.endsWith('.partial')) await rm(join(directory, entry), { recursive: true, force: true })
      }
    },
  }
}
