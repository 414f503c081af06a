/** The application that the benchmarks deploy: one file, its image, and how that gets into an emulator's registry. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr'
import type { Emulator } from '@baton/emulator/client'
import { imageFromFolder, pushImage } from '@baton/image'

/**
 * Says which version it is, and is healthy unless it is started otherwise. Keeps connections longer than the load
 * balancer does, and ends in order.
 */
const source = `const { createServer } = require('node:http')
const well = process.env.UNWELL === undefined
const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  if (request.url === '/health') response.writeHead(well ? 200 : 500).end()
  else response.end(process.env.VERSION ?? 'first')
})
server.listen(Number(process.env.PORT), process.env.HOST)
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
`

/** Writes it below a folder, with some bytes beside it where its image has to be another one. */
export function writeApplication(below: string, name: string, padding?: Uint8Array): string {
  const folder = join(below, 'applications', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'server.js'), source)
  if (padding !== undefined) writeFileSync(join(folder, 'padding'), padding)
  return folder
}

export interface Destination {
  readonly emulator: Emulator
  readonly ecr: ECRClient
  readonly repository: string
  readonly tag: string
}

/** Builds the image of a folder and pushes it; returns its reference by digest. */
export async function pushApplication(folder: string, to: Destination): Promise<string> {
  const image = await imageFromFolder({
    folder,
    command: ['node', 'server.js'],
    architecture: 'arm64',
    cacheDir: join(folder, '..', '..', 'layers'),
  })
  const { authorizationData } = await to.ecr.send(new GetAuthorizationTokenCommand({}))
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString()
  const [username = '', password = ''] = token.split(':')
  const { repository, tag } = to
  const { accountId, awsRegion, endpoints } = to.emulator
  const { digest } = await pushImage(image, { endpoint: endpoints.api, repository, tag, username, password })
  return `${accountId}.dkr.ecr.${awsRegion}.amazonaws.com/${repository}@${digest}`
}
