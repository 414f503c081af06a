/** `baton up`: the platform on this machine, serving, until Ctrl-C. */
import type { Platform } from '@baton/config'
import { type Emulator, endLeftoverProcesses, type Ports } from '@baton/emulator/client'
import { unlessAborted } from '@baton/release'
import type { Command } from 'commander'
import type { EmulatorStack } from '../emulator/apply-stack.ts'
import { emulatorDir } from '../emulator/directory.ts'
import { type LocalPlatform, rollOutLocal, startLocal } from '../emulator/local-emulator.ts'
import { emulatorRuntime, runtimeOption } from '../emulator/runtime-option.ts'
import { interruptible } from '../interrupt.ts'
import { nodeImage } from '../node-image.ts'
import { commitOf, originOf } from '../origin.ts'
import { numberOption, portOption, settingsOf } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

interface Options {
  detach?: boolean
  speed?: string
  runtime: string
  baseImage: string
  apiPort: string
  httpPort: string
  httpsPort: string
  dnsPort: string
  inert?: string[]
}

const interruption = {
  during: 'the platform was being started',
  left: 'The emulator has been stopped; its state is kept.',
  fix: 'Run the command again; it continues from there.',
}

export function addUp(program: Command): void {
  program
    .command('up')
    .summary('start the platform on this machine')
    .description(
      'Starts an emulator, applies the Terraform, releases the first version, and runs until Ctrl-C. Its state is kept for the next start.',
    )
    .option('-d, --detach', 'return as soon as the platform serves; `baton down` stops it')
    .option('--speed <n>', 'how much faster AWS’s own waits pass (default: 60)')
    .option(...runtimeOption)
    .option('--base-image <reference>', 'in containers: base image of what Baton builds', nodeImage)
    .option('--api-port <port>', 'AWS APIs (0: a free port)', '7070')
    .option('--http-port <port>', 'front door for browsers', '7080')
    .option('--https-port <port>', 'front door over TLS, with AWS’s redirects and certificates', '7443')
    .option('--dns-port <port>', 'name server', '7053')
    .option('--inert <type...>', 'resource types to accept without emulating them')
    .addHelpText('after', '\nExamples:\n  $ baton up --detach\n  $ baton up --http-port 8080')
    .action(async (options: Options, command: Command) => {
      const { stateDir, configFile, terminal, ...settings } = settingsOf(command)
      const speed = numberOption('--speed', options.speed, { min: 1, max: 600 }) ?? 60
      const ports = portsOf(options)
      const platform = await settings.platform()
      const runtime = await emulatorRuntime(platform, options)
      const origin = originOf(await commitOf(configFile))
      const started = { stateDir, ports, speed, runtime, detached: options.detach === true, terminal }
      const local = await interruptible(interruption, async (signal) => {
        const local = await startLocal(platform, { ...started, signal })
        try {
          const rollOut = rollOutLocal(local, { version: 'v1', inert: options.inert ?? [], origin, signal })
          // What is under way ends with the emulator that it calls, so it is not waited for.
          const stacks = await unlessAborted(rollOut, signal)
          terminal.result(...addresses(platform, local.emulator, stacks))
          return local
        } catch (error) {
          await close(local)
          throw error
        }
      })
      if (options.detach) return local.clients.close()
      // Not `once`: npm passes on a Ctrl-C that the terminal sends too, and the second would cut the stop short.
      const interrupted = new Promise<void>((resolve) => {
        process.on('SIGINT', resolve).on('SIGTERM', resolve)
      })
      terminal.note('Serving. Ctrl-C stops it.')
      try {
        await Promise.race([interrupted, local.emulator.ended().then(() => fail(stateDir))])
        terminal.note('Stopping.')
      } finally {
        await close(local)
      }
    })
}

function portsOf(options: Options): Ports {
  const named = [
    ['--api-port', portOption('--api-port', options.apiPort)],
    ['--http-port', portOption('--http-port', options.httpPort)],
    ['--https-port', portOption('--https-port', options.httpsPort)],
    ['--dns-port', portOption('--dns-port', options.dnsPort)],
  ] as const
  for (const [index, [name, port]] of named.entries()) {
    const twin = named.find(([, other], at) => at < index && port !== 0 && other === port)
    if (!twin) continue
    throw new UsageError(`${twin[0]} and ${name} are both ${port}.`, 'Give each a different port.')
  }
  const [[, api], [, http], [, https], [, dns]] = named
  return { api, http, https, dns }
}

/** The emulator has ended though it was not asked to. */
function fail(stateDir: string): never {
  throw new UsageError(
    'The emulator has ended.',
    `If you did not stop it, read emulator.log in ${emulatorDir(stateDir)}; then start it again: baton up.`,
  )
}

async function close(local: LocalPlatform): Promise<void> {
  local.clients.close()
  const outcome = await local.emulator.stop()
  if (outcome === 'killed') await endLeftoverProcesses(emulatorDir(local.stateDir))
}

function addresses(
  platform: Platform,
  emulator: Emulator,
  stacks: readonly EmulatorStack[],
): [data: unknown, text: string] {
  const sites = platform.sites.map(({ name, host }) => ({
    name,
    url: emulator.endpoints.http.replace('127.0.0.1', `${host}.localhost`),
  }))
  return [
    { endpoints: emulator.endpoints, caFile: emulator.caFile, sites, stacks },
    [
      '',
      ...sites.map((site) => `  ${site.name.padEnd(10)} ${site.url}`),
      '',
      `  AWS APIs   ${emulator.endpoints.api}`,
      `  HTTPS      ${emulator.endpoints.https}  (curl --cacert ${emulator.caFile} --resolve HOST:PORT:127.0.0.1)`,
      `  DNS        ${emulator.endpoints.dns}`,
      '',
    ].join('\n'),
  ]
}
