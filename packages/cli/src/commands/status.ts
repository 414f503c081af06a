/** `baton status`: what runs in the emulator of the state directory, in which version. */
import {
  createClients,
  currentRelease,
  runningService,
  serviceManifest,
  siteManifest,
  templateIsNewer,
} from '@baton/release'
import type { Command } from 'commander'
import { runningEmulator } from '../emulator/running-emulator.ts'
import { settingsOf } from '../settings.ts'

export function addStatus(program: Command): void {
  program
    .command('status')
    .summary('show what runs, in which version, and where')
    .description('Shows where the emulator listens, and the running version of every service and site.')
    .addHelpText('after', '\nExample:\n  $ baton status --json')
    .action(async (_options: unknown, command: Command) => {
      const { stateDir, terminal, ...settings } = settingsOf(command)
      const emulator = await runningEmulator(stateDir)
      const platform = await settings.platform()
      const clients = createClients(emulator.clientSettings())
      try {
        const services = await Promise.all(
          platform.services.map(async ({ name }) => {
            const manifest = await serviceManifest(clients, platform.name, name)
            const running = await runningService(clients, manifest)
            return { name, ...running, templateIsNewer: await templateIsNewer(clients, manifest, running) }
          }),
        )
        const sites = await Promise.all(
          platform.sites.map(async ({ name, host }) => ({
            name,
            host,
            version: await currentRelease(clients, await siteManifest(clients, platform.name, name)),
            url: emulator.endpoints.http.replace('127.0.0.1', `${host}.localhost`),
          })),
        )
        const { stacks } = await emulator.status()
        const { pid, startedAt, speed, endpoints, caFile } = emulator
        terminal.result(
          { endpoints, pid, startedAt, speed, caFile, stacks, services, sites },
          [
            `emulator ${endpoints.api} (process ${pid}, speed ${speed})`,
            `http     ${endpoints.http}`,
            `https    ${endpoints.https} (certificates of ${caFile})`,
            `dns      ${endpoints.dns}`,
            '',
            ...services.map(
              (service) =>
                `service  ${service.name}  ${service.version ?? 'not released'}  ${service.runningCount} of ${service.desiredCount} tasks${service.steady ? '' : ', not steady'}${service.templateIsNewer ? '; the template is newer than what runs: deploy the service' : ''}`,
            ),
            ...sites.map((site) => `site     ${site.name}  ${site.version ?? 'not released'}  ${site.url}`),
          ].join('\n'),
        )
      } finally {
        clients.close()
      }
    })
}
