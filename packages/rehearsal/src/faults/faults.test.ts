import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Image, imageFromFolder } from '@baton/image'
import { type Fault, withFault } from './index.ts'

const service = `import { createServer } from 'node:http'
createServer((request, response) => response.end('fine')).listen(0, '127.0.0.1', function () {
  process.send(this.address().port)
})`

let folder: string
let image: Image
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-faults-'))
  await writeFile(join(folder, 'server.js'), service)
  image = await imageFromFolder({
    folder,
    command: ['node', 'server.js'],
    architecture: 'amd64',
    cacheDir: join(folder, 'cache'),
  })
})
after(() => rm(folder, { recursive: true }))

/** What the faulty service answers, run with the environment and the fault of its image. */
async function statuses(fault: Fault, healthPath: string, ...paths: string[]): Promise<number[]> {
  const { config } = await withFault(image, fault, { healthCheck: { ...defaults, path: healthPath } })
  const environment = Object.fromEntries((config.config?.Env ?? []).map((line) => line.split(/=(.*)/s)))
  const module = fileURLToPath(new URL(`./${fault}.js`, import.meta.url))
  const child = spawn(process.execPath, ['--import', module, '--input-type=module', '--eval', service], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    const port = await started(child)
    return await Promise.all(
      paths.map(async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).status),
    )
  } finally {
    child.kill('SIGKILL')
  }
}

const defaults = {
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
  gracePeriodSeconds: 60,
}

async function started(child: ChildProcess): Promise<number> {
  const [port] = await once(child, 'message')
  return Number(port)
}

describe('a fault knows the health check of its service', { concurrency: true }, () => {
  for (const path of ['/api/health', '/healthz', '/healthz?deep=1']) {
    test(`never healthy at ${path}, and only there`, async () => {
      const answers = await statuses('never-healthy', path, path, '/api/accounts', '/healthzzz')
      assert.deepEqual(answers, [503, 200, 200])
    })

    test(`healthy at ${path}, and failing everywhere else`, async () => {
      const answers = await statuses('fails-requests', path, path, '/api/accounts', '/healthzzz')
      assert.deepEqual(answers, [200, 500, 500])
    })
  }
})
