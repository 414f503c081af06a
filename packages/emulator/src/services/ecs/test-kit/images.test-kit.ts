/** For tests: images of one script each. */
import { testImage } from '../../../test-kit/image.test-kit.ts'
import type { StoredImage } from '../../ecr/contract.ts'

/** A service that answers with its version and environment, and stops gracefully on SIGTERM. */
const SERVER = `
  import { createServer } from 'node:http'
  const server = createServer((request, response) => response.end(JSON.stringify({
    version: process.env.APP_VERSION, host: process.env.HOST, port: process.env.PORT,
    env: request.url === '/env' ? process.env : undefined,
  })))
  server.listen(Number(process.env.PORT), process.env.HOST, () => console.log('listening'))
  process.on('SIGTERM', () => { console.log('terminating'); process.exit(0) })
`

/** Two versions of a service; a job that succeeds, one that fails, one that ignores SIGTERM. */
const STANDARD: Readonly<Record<string, readonly [code: string, version: string]>> = {
  'app:1': [SERVER, '1'],
  'app:2': [SERVER, '2'],
  'job:ok': ['console.log("done")', '1'],
  'job:bad': ['process.exit(3)', '1'],
  'job:deaf': ['process.on("SIGTERM", () => {}); setInterval(() => {}, 1e3); console.log("deaf")', '1'],
}

type Config = NonNullable<StoredImage['config']['config']>

export async function standardImages(stateDir: string): Promise<Map<string, StoredImage>> {
  const images = new Map<string, StoredImage>()
  for (const [name, [code, version]] of Object.entries(STANDARD))
    images.set(name, await scriptImage(stateDir, code, { Env: environment(version) }))
  return images
}

/** Adds an image that runs a script, under a name that task definitions can reference. */
export async function script(
  here: { readonly context: { readonly stateDir: string }; readonly images: Map<string, StoredImage> },
  name: string,
  code: string,
  config: Partial<Config> = {},
): Promise<string> {
  here.images.set(name, await scriptImage(here.context.stateDir, code, config))
  return name
}

const scriptImage = (stateDir: string, code: string, config: Partial<Config>): Promise<StoredImage> =>
  testImage(
    stateDir,
    { 'app/server.mjs': code },
    { Entrypoint: ['node'], Cmd: ['server.mjs'], WorkingDir: '/app', Env: environment('1'), ...config },
  )

const environment = (version: string) => [`APP_VERSION=${version}`, 'PATH=/usr/local/bin']
