/**
 * Which answers say what version they come from. The verdict can only refuse a version that an answer names: where a
 * target names none, that is no proof that the right one answered, and the report says so.
 */

import type { RequestRecord } from '../load/record.ts'
import { type Evidence, targetOf } from './evidence.ts'

export interface Naming {
  /** True of a right answer without a version, where others of its target and method name theirs. */
  lacks(record: RequestRecord, target: string): boolean
  /** What cannot be judged, in words. */
  readonly unjudged: readonly string[]
}

export function readNaming({ records, serviceOf }: Evidence): Naming {
  const methods = new Map<string, Method>()
  for (const record of records) {
    if (!says(record)) continue
    const target = targetOf(record, serviceOf)
    const key = `${target} ${record.method}`
    const seen = methods.get(key) ?? { target, method: record.method, named: false }
    seen.named ||= record.version !== undefined
    methods.set(key, seen)
  }
  return {
    lacks: (record, target) =>
      says(record) &&
      record.version === undefined &&
      methods.get(`${target} ${record.method}`)?.named === true,
    unjudged: describeUnnamed([...methods.values()]),
  }
}

/**
 * Right answers only: what replaces one (a load balancer's page, a fault's) has other headers. And no chunks:
 * each is known by its name, which is another in another release; the document that names it has the version.
 */
const says = ({ cause, kind }: RequestRecord) => cause === undefined && kind !== 'asset'

interface Method {
  readonly target: string
  readonly method: string
  named: boolean
}

function describeUnnamed(methods: readonly Method[]): string[] {
  return [...Map.groupBy(methods, ({ target }) => target)].flatMap(([target, own]) => {
    const silent = own.filter(({ named }) => !named).map(({ method }) => method)
    if (silent.length === 0) return []
    const answers = silent.length === own.length ? 'its answers' : `its answers to ${silent.join(', ')}`
    return [`which version of ${target} answered: ${answers} name none (x-app-version)`]
  })
}
