/** `baton check service/NAME --run`: a service alone in the emulator, measured against the platform's contract. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { checkService, renderContract } from '@baton/rehearsal'
import { emulatorSecrets } from '../emulator/secrets.ts'
import { interruptible } from '../interrupt.ts'
import type { Settings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

/** AWS's waits are of no interest here. */
const speed = 60

const interruption = {
  during: 'the service was measured',
  left: 'Everything that it had started has been stopped.',
}

export async function checkContract(
  target: string | undefined,
  options: { readonly run?: boolean; readonly from?: string; readonly traffic: string },
  settings: Settings,
): Promise<void> {
  const { stateDir, terminal, configFile } = settings
  if (!options.run) {
    throw new UsageError(`\`baton check\` takes ${target} only with --run.`, `baton check ${target} --run`)
  }
  const [, name] = /^service\/(.+)$/.exec(target ?? '') ?? []
  if (name === undefined) {
    throw new UsageError(
      target === undefined ? '--run needs a service.' : `"${target}" names no service.`,
      'Name it as service/NAME: baton check service/admin --run.',
    )
  }
  if (options.from !== undefined) {
    throw new UsageError('--run and --from do not go together.', 'Omit --from: --run builds the service.')
  }
  const platform = await settings.platform()
  const names = platform.services.map((service) => service.name)
  if (!names.includes(name)) {
    throw new UsageError(`There is no service "${name}".`, `Choose one of ${names.join(', ')}.`)
  }
  if (!platform.services.some((service) => service.name === name && service.traffic)) {
    throw new UsageError(
      `${name} is a worker: no one calls it, and the contract is about requests.`,
      'Check a service that takes traffic.',
    )
  }
  const trafficModule = resolve(dirname(configFile), options.traffic)
  const secrets = await emulatorSecrets(platform)
  const report = await interruptible(interruption, (signal) =>
    checkService({
      platform,
      service: name,
      ...(existsSync(trafficModule) ? { trafficModule } : {}),
      workDir: join(stateDir, 'contract'),
      cacheDir: join(stateDir, 'cache'),
      speed,
      secrets,
      signal,
      onProgress: terminal.progress,
      onApply: terminal.apply,
    }),
  )
  terminal.result(report, renderContract(report, terminal.paint))
  if (report.broken > 0) process.exitCode = 1
}
