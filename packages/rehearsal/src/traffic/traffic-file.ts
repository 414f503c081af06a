/** Reads the module that says what clients do, and what is wrong with it, before anything is started for it. */
import { pathToFileURL } from 'node:url'
import type { Traffic } from './traffic.ts'

/** The traffic file cannot be used. */
export class TrafficError extends Error {
  readonly fix: string
  constructor(file: string, what: string, options?: ErrorOptions) {
    super(`The traffic file ${file} ${what}.`, options)
    this.name = 'TrafficError'
    this.fix =
      'Correct it: export default { rate, audiences } satisfies Traffic. Another file: --traffic FILE.'
  }
}

/** Throws `TrafficError`; `sites` are the names that an audience may have. */
export async function loadTraffic(file: string, sites: readonly string[]): Promise<Traffic> {
  const module = await importFile(file)
  const traffic = module.default
  if (!isRecord(traffic)) throw new TrafficError(file, 'has no default export')
  const { rate, audiences } = traffic
  if (typeof rate !== 'number' || !(rate > 0)) throw new TrafficError(file, 'gives no rate above 0')
  if (!Array.isArray(audiences) || audiences.length === 0) throw new TrafficError(file, 'names no audiences')
  for (const [index, audience] of audiences.entries()) {
    const wrong = problemOf(audience, sites)
    if (wrong) throw new TrafficError(file, `is wrong in audiences[${index}]: ${wrong}`)
  }
  if (!areMigrations(traffic.migrations)) {
    throw new TrafficError(
      file,
      'is wrong in migrations: expand and contract are texts by their paths in the image',
    )
  }
  return traffic as unknown as Traffic
}

async function importFile(file: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (cause) {
    const [message] = String(cause instanceof Error ? cause.message : cause).split('\n')
    throw new TrafficError(file, `cannot be loaded: ${message}`, { cause })
  }
}

function problemOf(audience: unknown, sites: readonly string[]): string | undefined {
  if (!isRecord(audience)) return 'it is no object'
  const { site, pages, read, create, remove, list } = audience
  if (typeof site !== 'string' || !sites.includes(site)) {
    return `site is ${JSON.stringify(site)}, and the platform has ${sites.join(', ')}`
  }
  if (!Array.isArray(pages) || pages.length === 0) return 'pages names none'
  if (typeof read !== 'string') return 'read is no path'
  if (!isRecord(create) || typeof create.body !== 'function' || typeof create.id !== 'function') {
    return 'create has no path, body and id'
  }
  if (typeof remove !== 'function') return 'remove is no function'
  if (!isRecord(list) || typeof list.path !== 'function' || typeof list.read !== 'function') {
    return 'list has no path and read'
  }
  return undefined
}

function areMigrations(migrations: unknown): boolean {
  if (migrations === undefined) return true
  return (
    isRecord(migrations) &&
    Object.entries(migrations).every(
      ([kind, files]) =>
        ['expand', 'contract'].includes(kind) &&
        isRecord(files) &&
        Object.values(files).every((text) => typeof text === 'string'),
    )
  )
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
