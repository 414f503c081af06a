/** Writes the pages of docs/coverage: `npm run coverage`. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testContext } from '../protocol/test-kit/context.test-kit.ts'
import { createServices } from '../services.ts'
import { coverageOf } from './coverage.ts'
import { renderCoverage } from './render.ts'

/** The folder of the pages. Nothing else is in it. */
export const coverageFolder = fileURLToPath(new URL('../../../../docs/coverage', import.meta.url))

/** The pages as they should be now, by file name. The services are opened and asked, and never started. */
export async function coveragePages(): Promise<ReadonlyMap<string, string>> {
  const stateDir = mkdtempSync(join(tmpdir(), 'baton-coverage-'))
  const context = testContext({ stateDir })
  try {
    const services = createServices(context, { dnsPort: 0, apiUrl: () => '' })
    return renderCoverage(await coverageOf(services.all))
  } finally {
    context.store.close()
    rmSync(stateDir, { recursive: true, force: true })
  }
}

async function writePages(): Promise<void> {
  const pages = await coveragePages()
  mkdirSync(coverageFolder, { recursive: true })
  for (const name of readdirSync(coverageFolder)) {
    if (!pages.has(name)) rmSync(join(coverageFolder, name))
  }
  for (const [name, text] of pages) writeFileSync(join(coverageFolder, name), text)
}

if (import.meta.main) await writePages()
