/** The values of an AppSpec file. One that is not valid is refused by its name. */
import { isObject } from '../../../json-object.ts'

/** What the deployment's error information says when its AppSpec cannot be used. */
export class InvalidAppSpec extends Error {
  override name = 'InvalidAppSpec'
  constructor(reason: string) {
    super(
      'The deployment failed because the AppSpec file that specifies the deployment configuration is missing or ' +
        `has an invalid configuration. ${reason}`,
    )
  }
}

export function list(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new InvalidAppSpec(`The property ${name} must be a list.`)
}

export function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new InvalidAppSpec(
    value === undefined || value === null || value === ''
      ? `The property ${name} is required.`
      : `The property ${name} must be a string.`,
  )
}

export function port(value: unknown): number {
  const found = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof found === 'number' && Number.isInteger(found) && found >= 1 && found <= 65_535) return found
  throw new InvalidAppSpec('The property ContainerPort must be a port number.')
}

/** The members of a section, which are written in either case (`Resources`, `resources`), and no others. */
export function members<Name extends string>(
  value: unknown,
  of: string,
  names: readonly Name[],
): Partial<Record<Name, unknown>> {
  if (!isObject(value)) throw new InvalidAppSpec(`The property ${of} is required.`)
  const found: Partial<Record<Name, unknown>> = {}
  for (const [key, member] of Object.entries(value)) {
    const name = names.find((candidate) => candidate.toLowerCase() === key.toLowerCase())
    if (name === undefined) {
      throw new InvalidAppSpec(`The property ${key.slice(0, 100)} of ${of} is not known.`)
    }
    found[name] = member
  }
  return found
}
