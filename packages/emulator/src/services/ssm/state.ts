/** The parameters of the emulator, by name: found by name, ARN or selector, put, deleted. */
import { createHash } from 'node:crypto'
import type { EmulatorContext } from '../../service.ts'
import { parameterNotFound, parameterVersionNotFound } from './errors.ts'
import {
  type Parameter,
  type ParameterInput,
  type ParameterVersion,
  putParameter,
  selectVersion,
} from './model.ts'

export interface Found {
  readonly parameter: Parameter
  readonly version: ParameterVersion
  /** `:3` where the caller asked for a version. */
  readonly selector: string | undefined
}

export interface SsmState {
  arn(name: string): string
  all(): Parameter[]
  get(name: string): Parameter | undefined
  /** By `name`, `name:version` or ARN; throws where there is none. */
  find(selector: string): Found
  put(input: ParameterInput, modifiedBy: string): Parameter
  /** Replaces everything but the versions. */
  save(parameter: Parameter): void
  delete(name: string): boolean
}

export function createState(context: EmulatorContext): SsmState {
  const { accountId, region, clock, store } = context
  const parameters = store.collection<Parameter>('ssm.parameters')
  const prefix = `arn:aws:ssm:${region}:${accountId}:parameter`
  const nameOf = (nameOrArn: string) => {
    if (!nameOrArn.startsWith(`${prefix}/`)) return nameOrArn
    const path = nameOrArn.slice(prefix.length)
    // The ARN of a name outside of a hierarchy looks like that of one: `parameter/name`.
    return parameters.has(path.replace(/:\w+$/, '')) ? path : path.slice(1)
  }
  return {
    arn: (name) => `${prefix}${name.startsWith('/') ? '' : '/'}${name}`,
    all: () => parameters.values(),
    get: (name) => parameters.get(nameOf(name)),
    find(selector) {
      const [name = '', selected] = nameOf(selector).split(':', 2)
      const parameter = parameters.get(name)
      if (parameter === undefined) throw parameterNotFound()
      const version = selectVersion(parameter, selected)
      if (version === undefined) throw parameterVersionNotFound(name, selected ?? 'latest')
      return { parameter, version, selector: selected === undefined ? undefined : `:${selected}` }
    },
    put(input, modifiedBy) {
      const parameter = putParameter(parameters.get(input.name), input, clock.now(), modifiedBy)
      parameters.put(parameter.name, parameter)
      return parameter
    },
    save: (parameter) => parameters.put(parameter.name, parameter),
    delete: (name) => parameters.has(name) && parameters.delete(name),
  }
}

/** What a SecureString shows without decryption: like AWS's, no use without the key. */
export function ciphertext(value: string): string {
  return Buffer.concat([
    Buffer.from([1, 2, 2, 0, 0x78]),
    createHash('sha512').update(value).digest(),
  ]).toString('base64')
}
