/** The `baton` program: its global options, and its commands, one file each. */
import { Command } from 'commander'

/** Every exit status that a command ends with, and what it means. */
export const exitStatuses: Readonly<Record<number, string>> = {
  0: 'The command did what it says. `rehearse`: the verdict is pass. `check`: no error was found.',
  1: 'The command failed; standard error says why and how to fix it. `rehearse`: the verdict is fail. `check`: an error was found.',
  130: 'The command was interrupted (Ctrl-C, SIGTERM) before it was done; standard error says what is left.',
}

/** The program without its commands. It throws where commander would end the process. */
export function createProgram(): Command {
  return new Command('baton')
    .description('Rehearse a zero-downtime deployment on your own machine, then perform it on AWS.')
    .option('-c, --config <file>', 'the configuration of the platform', 'baton.config.ts')
    .option('--state-dir <folder>', 'where Baton keeps its state', '.baton')
    .option('--json', 'print the result, or the failure, as JSON')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(run the command with --help)')
    .exitOverride()
    .addHelpText('after', '\nExample:\n  $ baton rehearse')
}

type Add = (program: Command) => void

/**
 * In the order in which a team needs them: describe, rehearse, run here, run on AWS. Each is loaded when it is
 * called: `synth` does not need the AWS SDK, nor `status` CDK Terrain.
 */
export const commands: Readonly<Record<string, () => Promise<Add>>> = {
  synth: async () => (await import('./commands/synth.ts')).addSynth,
  check: async () => (await import('./commands/check.ts')).addCheck,
  rehearse: async () => (await import('./commands/rehearse.ts')).addRehearse,
  up: async () => (await import('./commands/up.ts')).addUp,
  status: async () => (await import('./commands/status.ts')).addStatus,
  logs: async () => (await import('./commands/logs.ts')).addLogs,
  events: async () => (await import('./commands/events.ts')).addEvents,
  open: async () => (await import('./commands/open.ts')).addOpen,
  env: async () => (await import('./commands/env.ts')).addEnv,
  notices: async () => (await import('./commands/notices.ts')).addNotices,
  deploy: async () => (await import('./commands/deploy.ts')).addDeploy,
  releases: async () => (await import('./commands/releases.ts')).addReleases,
  rollback: async () => (await import('./commands/rollback.ts')).addRollback,
  resume: async () => (await import('./commands/resume.ts')).addResume,
  stop: async () => (await import('./commands/stop.ts')).addStop,
  approve: async () => (await import('./commands/approve.ts')).addApprove,
  run: async () => (await import('./commands/run.ts')).addRun,
  down: async () => (await import('./commands/down.ts')).addDown,
  lock: async () => (await import('./commands/lock.ts')).addLock,
  plan: async () => (await import('./commands/plan.ts')).addPlan,
  apply: async () => (await import('./commands/apply.ts')).addApply,
  secret: async () => (await import('./commands/secret.ts')).addSecret,
  destroy: async () => (await import('./commands/destroy.ts')).addDestroy,
}

/** Adds the commands that the words name; all of them where they name none, or ask for help. */
export async function addCommands(program: Command, words: readonly string[]): Promise<void> {
  const named = Object.entries(commands).filter(([name]) => words.includes(name))
  const chosen = named.length > 0 && !words.includes('help') ? named : Object.entries(commands)
  for (const add of await Promise.all(chosen.map(([, load]) => load()))) add(program)
}
