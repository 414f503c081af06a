/** `baton rehearse`: a whole deployment on this machine, under load, with a verdict. */
import { access, constants, stat, writeFile } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import {
  type MistakeName,
  mistakes,
  type Report,
  rehearse,
  renderReport,
  reportFormats,
} from '@baton/rehearsal'
import type { Command } from 'commander'
import { emulatorRuntime, runtimeOption } from '../emulator/runtime-option.ts'
import { emulatorSecrets } from '../emulator/secrets.ts'
import { interruptible } from '../interrupt.ts'
import { nodeImage } from '../node-image.ts'
import { numberOption, settingsOf } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

interface Options {
  traffic: string
  speed?: string
  runtime: string
  baseImage: string
  rate?: string
  report?: string[]
  mistake?: string
  inert?: string[]
}

const defaultSpeed = 60

const interruption = {
  during: 'the rehearsal was under way',
  left: 'Everything that it had started has been stopped.',
}

export function addRehearse(program: Command): void {
  program
    .command('rehearse')
    .summary('release under load, on this machine, with a verdict')
    .description(
      'Starts an emulator, applies the platform’s Terraform, releases a first version, and under load releases a good version, one that never becomes healthy and one that fails its requests. Exit status 0 if no request was lost.',
    )
    .option('--traffic <file>', 'the module with the traffic of clients', 'baton.rehearsal.ts')
    .option('--speed <n>', `how much faster AWS’s own waits pass (default: ${defaultSpeed})`)
    .option(...runtimeOption)
    .option('--base-image <reference>', 'in containers: base image of what Baton builds', nodeImage)
    .option('--rate <n>', 'requests per second, instead of the traffic’s own')
    .option(
      '--report <file>',
      'write the verdict in the format of the file’s ending: .json, .md, .xml (JUnit); may be repeated',
      (file: string, files: string[] = []) => [...files, file],
    )
    .option(
      '--mistake <name>',
      `rehearse a known mistake, which must fail: ${Object.keys(mistakes).join(', ')}`,
    )
    .option('--inert <type...>', 'resource types to accept without emulating them; the verdict names them')
    .addHelpText(
      'after',
      '\nExamples:\n  $ baton rehearse --report verdict.json --report verdict.md\n  $ baton rehearse --mistake short-keep-alive',
    )
    .action(async (options: Options, command: Command) => {
      const { stateDir, terminal, ...settings } = settingsOf(command)
      const speed = numberOption('--speed', options.speed, { min: 1, max: 600 }) ?? defaultSpeed
      const rate = numberOption('--rate', options.rate, { min: 1, max: 5_000 })
      const mistake = mistakeNamed(options.mistake)
      const trafficModule = await existing(resolve(dirname(settings.configFile), options.traffic))
      const reports = await Promise.all((options.report ?? []).map(reportFile))
      const platform = await settings.platform()
      const runtime = await emulatorRuntime(platform, options)
      const secrets = await emulatorSecrets(platform)
      const report = await interruptible(interruption, (signal) =>
        rehearse({
          platform,
          trafficModule,
          workDir: join(stateDir, 'rehearsal'),
          cacheDir: join(stateDir, 'cache'),
          speed,
          runtime: runtime.choice,
          builds: runtime.builds,
          secrets,
          signal,
          ...(rate === undefined ? {} : { rate }),
          ...(mistake === undefined ? {} : { mistake }),
          ...(options.inert ? { inert: options.inert } : {}),
          onProgress: terminal.progress,
          onApply: terminal.apply,
        }),
      )
      for (const { file, render } of reports) await writeFile(file, render(report))
      terminal.result(report, renderReport(report, terminal.paint))
      if (report.verdict === 'fail') process.exitCode = 1
    })
}

function mistakeNamed(name: string | undefined): MistakeName | undefined {
  if (name === undefined || Object.hasOwn(mistakes, name)) return name as MistakeName | undefined
  throw new UsageError(`There is no mistake "${name}".`, `Choose one of ${Object.keys(mistakes).join(', ')}.`)
}

async function existing(file: string): Promise<string> {
  const found = await statOf(file)
  if (!found?.isFile()) {
    throw new UsageError(
      found ? `The traffic file ${file} is not a file.` : `There is no traffic file ${file}.`,
      'Write one (docs/rehearsal.md explains it line by line), or name it with --traffic.',
    )
  }
  return file
}

/** The file and its format, by its ending; JSON where it has none. */
async function reportFile(name: string): Promise<{ file: string; render: (report: Report) => string }> {
  const ending = extname(name) || '.json'
  const render = reportFormats[ending]
  if (render === undefined) {
    throw new UsageError(
      `No report is written in the format ${ending} (${name}).`,
      `Choose one of ${Object.keys(reportFormats).join(', ')}.`,
    )
  }
  return { file: await writable(resolve(name)), render }
}

/** Checked before the rehearsal, so that its minutes are not lost because the report cannot be written. */
async function writable(file: string): Promise<string> {
  const folder = dirname(file)
  const [found, place] = [await statOf(file), await statOf(folder)]
  if (!place?.isDirectory()) {
    throw new UsageError(
      `There is no folder ${folder} for the report.`,
      'Create it first, or name another file.',
    )
  }
  if (found && !found.isFile()) {
    throw new UsageError(
      `The report cannot be written: ${file} is not a file.`,
      'Name a file: --report FILE.',
    )
  }
  await access(found ? file : folder, constants.W_OK).catch(() => {
    throw new UsageError(
      `The report cannot be written: ${found ? file : folder} is not writable.`,
      'Fix its permissions, or name another file.',
    )
  })
  return file
}

const statOf = (path: string) => stat(path).catch(() => undefined)
