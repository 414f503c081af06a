/**
 * The application that the benchmark deploys, and how long it takes by itself: the same `server.js`, started the
 * same way, asked for its health until it answers. What a deployment takes beyond that is the region's.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr'
import { imageFromFolder, pushImage } from '@baton/image'
import type { Region } from '@baton/region/client'

/** Keeps connections longer than the load balancer does, and ends in order. */
const source = `const { createServer } = require('node:http')
const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  response.end(request.url === '/health' ? 'well' : process.pid + '\\n')
})
server.listen(Number(process.env.PORT), process.env.HOST)
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
`

export function writeApplication(below: string): string {
  const folder = join(below, 'application')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'server.js'), source)
  return folder
}

/** Builds and pushes the image; returns its digest. */
export async function pushApplication(folder: string, region: Region, repository: string): Promise<string> {
  const image = await imageFromFolder({
    folder,
    command: ['node', 'server.js'],
    architecture: 'arm64',
    cacheDir: join(folder, '..', 'images'),
  })
  const endpoint = region.endpoints.api
  const client = new ECRClient({ endpoint, region: region.awsRegion, credentials: region.credentials })
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}))
  client.destroy()
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString()
  const target = { endpoint, repository, tag: 'v1', username: 'AWS', password: token.slice('AWS:'.length) }
  const { digest } = await pushImage(image, target)
  return digest
}

const address = '127.0.0.1'
const port = 18_473

/** Milliseconds from the start of one process of the application to its first healthy answer. */
export async function startAlone(folder: string): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOST: address, PORT: String(port) },
    stdio: 'ignore',
    detached: true,
  })
  try {
    if (child.pid !== undefined) giveWay(child.pid)
    while (!(await healthy())) {
      if (performance.now() - started > 30_000) throw new Error('the application does not start by itself')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return performance.now() - started
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
}

/** As the region lets its tasks start, or a busy machine would count against it: `runtime/processor-share.ts`. */
function giveWay(pid: number): void {
  const { PRIORITY_BELOW_NORMAL } = constants.priority
  setPriority(pid, PRIORITY_BELOW_NORMAL)
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(PRIORITY_BELOW_NORMAL))
  } catch {
    // This system does not group by session.
  }
}

function healthy(): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: address, port, path: '/health', agent: new Agent() }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
    }).on('error', () => resolve(false))
  })
}
