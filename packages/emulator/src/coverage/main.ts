/** Writes COVERAGE.md at the root: `npx node packages/emulator/src/coverage/main.ts`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testContext } from '../protocol/test-kit/context.test-kit.ts'
import { createServices } from '../services.ts'
import { coverageOf } from './coverage.ts'
import { renderCoverage } from './render.ts'

/** Where the page stands. */
export const coverageFile = fileURLToPath(new URL('../../../../COVERAGE.md', import.meta.url))

/** The page as it should be now. The services are made and asked, and never started. */
export function coveragePage(): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'baton-coverage-'))
  const context = testContext({ stateDir })
  try {
    const services = createServices(context, { dnsPort: 0, apiUrl: () => '' })
    return renderCoverage(coverageOf(services.all))
  } finally {
    context.store.close()
    rmSync(stateDir, { recursive: true, force: true })
  }
}

if (import.meta.main) writeFileSync(coverageFile, coveragePage())
