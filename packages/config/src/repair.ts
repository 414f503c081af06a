/**
 * A configuration whose shape is wrong in one place may have other mistakes, which only the checks of the whole
 * find. To report all of them at once, an unusable value is replaced here: by its default, or where there is none
 * by a stand-in. A problem that only follows from a stand-in is not reported (`follows`).
 */
import type { Problem } from './problems.ts'
import { type Finding, pathText } from './schema-problems.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Stand-ins by the key that is missing. */
const standIns: Readonly<Record<string, (index: number) => Json>> = {
  project: () => 'project',
  domain: () => 'example.com',
  name: () => 'database',
  host: (index) => `stand-in-${index}`,
  source: () => '.',
  repository: () => 'owner/name',
  services: () => ({ 'stand-in': { source: '.' } }),
  database: () => ({ name: 'database', migrations: '.' }),
  migrations: () => '.',
}

/** A copy of `input` without what the findings are about. Functions and the like never reach the result. */
export function repair(input: unknown, findings: readonly Finding[]): unknown {
  const copy: Json = isObject(input) ? JSON.parse(JSON.stringify(input)) : {}
  findings.forEach((finding, index) => {
    const parents = objectsOnTheWay(copy, finding.at)
    const key = String(finding.at.at(-1))
    const parent = parents.at(-1)
    if (parent === undefined) return
    const standIn = standIns[key]
    if (finding.kind === 'missing' && standIn !== undefined && !Array.isArray(parent))
      parent[key] = standIn(index)
    else if (finding.kind === 'missing' || Array.isArray(parent)) remove(parents.at(-2), finding.at.at(-2))
    else delete parent[key]
  })
  return copy
}

function remove(parent: Json[] | { [key: string]: Json } | undefined, key: PropertyKey | undefined): void {
  if (parent !== undefined && !Array.isArray(parent)) delete parent[String(key)]
}

function objectsOnTheWay(root: Json, path: readonly PropertyKey[]): (Json[] | { [key: string]: Json })[] {
  const objects: (Json[] | { [key: string]: Json })[] = []
  let current: Json | undefined = root
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return []
    objects.push(current)
    current = Array.isArray(current) ? current[Number(key)] : current[String(key)]
  }
  return objects
}

/** What else cannot be judged once a value was replaced. */
const consequences: readonly [RegExp, (match: RegExpExecArray) => RegExp][] = [
  [/^network(\.|$)/, () => /^network(\.|$)/],
  [/^region$/, () => /^network\.zones/],
  [/^(project|environment|domain)$/, () => /^(project|environment|domain)$/],
  [/^(services\.[^.]+)\.cpu$/, ([, service]) => new RegExp(`^${service}\\.memoryMiB$`)],
  [
    /^(services\.[^.]+)\.(drainSeconds|stopTimeoutSeconds)$/,
    ([, service]) => new RegExp(`^${service}\\.stopTimeoutSeconds$`),
  ],
  [/^(services\.[^.]+\.health)\./, ([, check]) => new RegExp(`^${check}\\.`)],
  [/^(services\.[^.]+)\.source$/, ([, service]) => new RegExp(`^${service}\\.entry$`)],
  [/^database\.migrations/, () => /^database\.migrations/],
  [/^database\.storageGiB$/, () => /^database\.maxStorageGiB$/],
  [/^delivery\./, () => /^delivery\.alarms/],
  // Others refer to a site or a service that was left out.
  [/^sites(\.|$)/, () => /^services\.[^.]+$/],
  [/^services(\.[^.]+)?$/, () => /^sites\.[^.]+\.service$/],
]

/** Whether a problem only follows from a value that was replaced. */
export function follows(problem: Problem, replaced: readonly Finding[]): boolean {
  return replaced
    .filter(({ kind }) => kind !== 'unknown')
    .some(({ at }) => {
      const path = pathText(at)
      if (problem.path === path || problem.path.startsWith(`${path}.`)) return true
      return consequences.some(([cause, effect]) => {
        const match = cause.exec(path)
        return match !== null && effect(match).test(problem.path)
      })
    })
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
