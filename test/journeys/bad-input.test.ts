/**
 * What goes wrong before anything runs: a clear message with its place and its fix, the right exit status, never a
 * stack trace, and nothing left running.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { addCommands, createProgram } from '../../packages/cli/src/program.ts'
import { anyPorts, assertNoStack, type Ended, invisible, openWorkspace, repository } from './workspace.ts'

const workspace = openWorkspace()
after(() => workspace.close())
const config = workspace.configure()
const traffic = join(repository, 'examples/accounts/baton.rehearsal.ts')

function assertRefused(ended: Ended, ...says: readonly RegExp[]): void {
  assert.equal(ended.code, 1, ended.stderr)
  for (const pattern of says) assert.match(ended.stderr, pattern)
  assertNoStack(ended)
}

describe('a wrong configuration', () => {
  const wrong = workspace.write(
    'wrong.config.ts',
    `export default {
      project: 'a-rather-long-project-name',
      domain: 'keencho.com',
      networks: { cidr: '10.0.0.0/16' },
      network: { cidr: '10.0.0.0/16', subnets: { public: ['10.0.1.0/24', '10.0.1.128/25'] } },
      sites: {
        admin: { host: 'app', source: ${JSON.stringify(join(workspace.root, 'nowhere'))}, service: 'admin' },
        user: { host: 'app', source: ${JSON.stringify(join(repository, 'examples/accounts/apps/user-site'))}, service: 'admin' },
      },
      services: { admin: { source: ${JSON.stringify(join(repository, 'examples/accounts/apps/admin-service'))} } },
      database: { name: 'keencho', migrations: ${JSON.stringify(join(repository, 'examples/accounts/apps/migrations'))} },
    }`,
  )
  /** Place and matter of each mistake; the fix is asked of all. */
  const expected: readonly [path: RegExp, message: RegExp][] = [
    [/^networks$/, /no option of this name/],
    [/^project$|^services\.admin$/, /long|characters/i],
    [/^sites\.user\.host$|^sites\.admin\.host$|^sites/, /twice|already|also|same/i],
    [/^network\.subnets/, /overlap/i],
    [/^sites\.admin\.source$/, /nowhere/],
  ]

  for (const command of [['synth'], ['rehearse', '--traffic', traffic], ['up', '--detach', ...anyPorts]]) {
    test(`is reported in full by ${command[0]}, and nothing is started`, async () => {
      const ended = await workspace.run('--config', wrong, '--json', ...command)
      assertRefused(ended)
      const { problems } = JSON.parse(ended.stdout).error
      for (const [path, message] of expected) {
        const found = problems.filter((problem: { path: string }) => path.test(problem.path))
        const places = JSON.stringify(problems, null, 2)
        assert.ok(
          found.some((problem: { message: string }) => message.test(problem.message)),
          `${path} ${message} is not among ${places}`,
        )
      }
      for (const problem of problems) assert.ok(problem.fix.length > 0, `${problem.path} has a fix`)
      assert.equal(existsSync(workspace.stateDir), false)
    })
  }

  test('is reported to people with place and fix', async () => {
    const ended = await workspace.run('--config', wrong, 'synth')
    assertRefused(ended, /networks: /, /overlap/, /nowhere/)
    assert.ok((ended.stderr.match(/Fix: |→/g) ?? []).length >= 5, ended.stderr)
    assert.equal(ended.stdout, '')
  })

  test('may be missing', async () => {
    const ended = await workspace.run('--config', join(workspace.root, 'missing.config.ts'), 'synth')
    assertRefused(ended, /there is no file .*missing\.config\.ts/, /--config/)
  })

  test('may have a syntax error, which is reported with its line', async () => {
    const broken = workspace.write('broken.config.ts', "export default {\n  project: 'x',\n  domain: ]\n}\n")
    assertRefused(
      await workspace.run('--config', broken, 'rehearse', '--traffic', traffic),
      /broken\.config\.ts:3/,
    )
  })

  test('may throw, which is reported with its line', async () => {
    const throwing = workspace.write('throwing.config.ts', "\nthrow new Error('no luck')\n")
    assertRefused(await workspace.run('--config', throwing, 'up'), /throwing\.config\.ts:2: .*no luck/)
  })
})

describe('a wrong option', { concurrency: 2 }, () => {
  const rehearse = ['--config', config, 'rehearse', '--traffic', traffic]
  const folder = join(workspace.root, 'a-folder')
  mkdirSync(folder)
  const file = workspace.write('a-file', '')
  const stray = workspace.write('stray.ts', "export default { rate: 1, audiences: [{ site: 'shop' }] }")
  for (const stack of ['bootstrap', 'platform']) {
    mkdirSync(join(workspace.root, 'broken/stacks', stack), { recursive: true })
    workspace.write(join('broken/stacks', stack, 'cdk.tf.json'), '{')
  }
  const cases: readonly { what: string; args: readonly string[]; says: RegExp }[] = [
    { what: 'a speed of nothing', args: [...rehearse, '--speed', '0'], says: /--speed is "0"/ },
    { what: 'a speed in words', args: [...rehearse, '--speed', 'fast'], says: /--speed is "fast"/ },
    { what: 'a rate beyond all', args: [...rehearse, '--rate', '1e9'], says: /--rate is "1e9"/ },
    { what: 'an empty rate', args: [...rehearse, '--rate', ''], says: /--rate is ""/ },
    {
      what: 'a mistake that does not exist',
      args: [...rehearse, '--mistake', 'sleepy-task'],
      says: /sleepy-task[\s\S]*short-keep-alive/,
    },
    {
      what: 'a traffic file that is not there',
      args: ['--config', config, 'rehearse', '--traffic', 'nowhere.ts'],
      says: /nowhere\.ts/,
    },
    {
      what: 'a report in a folder that is not there',
      args: [...rehearse, '--report', join(folder, 'none', 'report.json')],
      says: /none/,
    },
    {
      what: 'a report below a file',
      args: [...rehearse, '--report', join(file, 'report.json')],
      says: /a-file/,
    },
    { what: 'a report that is a folder', args: [...rehearse, '--report', folder], says: /a-folder/ },
    {
      what: 'a traffic file that is a folder',
      args: ['--config', config, 'rehearse', '--traffic', folder],
      says: /a-folder is not a file/,
    },
    {
      what: 'traffic without a rate',
      args: ['--config', config, 'rehearse', '--traffic', workspace.write('idle.ts', 'export default {}')],
      says: /idle\.ts gives no rate/,
    },
    {
      what: 'traffic to a site that is not there',
      args: ['--config', config, 'rehearse', '--traffic', stray],
      says: /site is "shop", and the platform has admin, user/,
    },
    {
      what: 'Terraform that is none',
      args: ['check', '--from', join(workspace.root, 'broken')],
      says: /cdk\.tf\.json is no JSON[\s\S]*baton synth --out/,
    },
    {
      what: 'a state folder without a name',
      args: ['--state-dir', '', 'down'],
      says: /--state-dir is empty/,
    },
    { what: 'half a port', args: ['up', '--dns-port', '7053.5'], says: /--dns-port is "7053.5"/ },
    {
      what: 'two doors at one port',
      args: ['up', '--api-port', '7777', '--http-port', '7777'],
      says: /--api-port and --http-port are both 7777/,
    },
    { what: 'a time that is none', args: ['notices', '--since', '5'], says: /--since is "5"/ },
    { what: 'a port that is none', args: ['up', '--http-port', '99999'], says: /--http-port is "99999"/ },
    { what: 'a command that does not exist', args: ['rehears'], says: /unknown command|rehearse/ },
    { what: 'an option that does not exist', args: ['status', '--loud'], says: /--loud/ },
    { what: 'status of what does not run', args: ['status'], says: /No emulator runs[\s\S]*baton up/ },
    {
      what: 'a deployment to what does not run',
      args: ['--config', config, 'deploy', 'site/admin', '--version', 'v2'],
      says: /No emulator runs/,
    },
  ]
  for (const { what, args, says } of cases) {
    test(`is reported: ${what}`, async () => {
      const ended = await workspace.run('--json', ...args)
      assertRefused(ended, says)
      const { message, fix } = JSON.parse(ended.stdout).error
      assert.equal(typeof message, 'string')
      assert.ok(fix.length > 0)
    })
  }
})

test('nothing of all this was started', { skip: invisible }, () => workspace.nothingLeft())

describe('a port in use', () => {
  for (const port of ['--api-port', '--http-port', '--dns-port']) {
    test(`is reported: ${port}`, async () => {
      const taken = await occupy()
      try {
        const ended = await workspace.run(
          ...['--config', config, 'up', '--detach', ...anyPorts],
          ...[port, String(taken.port)],
        )
        assertRefused(ended, new RegExp(`\\b${taken.port}\\b`), /hoose another port/)
        await workspace.nothingLeft({ stateKept: true })
      } finally {
        taken.free()
      }
    })
  }
})

describe('a state folder that cannot be', () => {
  test('is reported', async () => {
    const file = workspace.write('state-file', '')
    assertRefused(await workspace.run('--state-dir', file, '--config', config, 'synth'), /state-file/)
    assertRefused(
      await workspace.run('--state-dir', file, '--config', config, 'up', '--detach', ...anyPorts),
      /state-file/,
    )
  })

  test('of a newer Baton is left as it is, unless it is to be destroyed', { skip: invisible }, async () => {
    const state = join(workspace.stateDir, 'emulator/state')
    mkdirSync(state, { recursive: true })
    const file = join(state, 'emulator.sqlite')
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 1000')
    database.close()
    const before = readFileSync(file)
    const up = await workspace.run('--config', config, 'up', '--detach', ...anyPorts)
    assertRefused(up, /emulator\.sqlite has format 1000/, /Fix: .*baton down --destroy/)
    assert.deepEqual(readFileSync(file), before)
    const down = await workspace.run('down', '--destroy')
    assert.equal(down.code, 0, down.stderr)
    assert.equal(existsSync(join(workspace.stateDir, 'emulator')), false)
    await workspace.nothingLeft()
  })
})

type Program = ReturnType<typeof createProgram>

describe('--help', { concurrency: 2 }, async () => {
  const program = createProgram()
  await addCommands(program, [])
  const leaves = (command: Program, path: readonly string[]): string[][] => [
    [...path],
    ...command.commands.flatMap((each) => leaves(each as Program, [...path, each.name()])),
  ]
  const all = leaves(program, []).filter((words) => words.join(' ') !== 'secret')
  assert.ok(all.length > 5)
  for (const words of all) {
    test(`of baton ${words.join(' ')} has an example`, async () => {
      const ended = await workspace.run(...words, '--help')
      assert.equal(ended.code, 0, ended.stderr)
      assert.match(ended.stdout, /Examples?:\n {2}\$ baton /)
    })
  }
})

async function occupy(): Promise<{ port: number; free(): void }> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { port: address.port, free: () => void server.close() }
}
