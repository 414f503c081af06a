/**
 * One real PostgreSQL server: its data are created, it is started, configured, stopped, and found after a crash of the
 * emulator. It runs in its own process group, so that Ctrl-C reaches the emulator and not the database first;
 * and it keeps `fsync` on: a rehearsal checks whether acknowledged writes survive.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { chown, mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { endpointAddresses, freePort, identify, isAlive, type ProcessIdentity } from '../../runtime/index.ts'
import { postgresBinaries } from './postgres-binaries.ts'

/** The user of RDS itself, a superuser; only this folder uses it. */
const ADMIN_USER = 'rdsadmin'
const STOP_TIMEOUT_MS = 10_000
const LOG_TAIL = 20

export interface ServerOptions {
  readonly dataDir: string
  /** The port by AWS's count: the server listens on it where it has its own address. */
  readonly awsPort: number
  readonly adminPassword: string
  /** PEM. */
  readonly certificate: { readonly key: string; readonly cert: string }
  readonly forceSsl: boolean
  /** Further settings, by PostgreSQL's names. */
  readonly parameters: Readonly<Record<string, string>>
  /** Variables by which the emulator finds the server after a crash. */
  readonly mark: Readonly<Record<string, string>>
}

export interface PostgresServer {
  readonly address: string
  readonly port: number
  readonly process: ProcessIdentity
  /** Resolves when the server has ended, requested or not, with how: `SIGKILL`, `exit status 1`. */
  readonly ended: Promise<string>
  /** Runs statements as the administrator. */
  sql(database: string, statements: readonly string[]): Promise<void>
  /** Writes a new configuration; what can change without a restart changes at once. */
  reload(options: ServerOptions): Promise<void>
  /** Fast shutdown: clients are cut, everything committed is on disk. */
  stop(): Promise<void>
}

/** Beside the data, whose directory must be empty at first. */
const passwordFileOf = (dataDir: string) => `${dataDir}.password`

/** Removes everything that was created for a server. */
export async function removeData(dataDir: string): Promise<void> {
  await rm(passwordFileOf(dataDir), { force: true })
  await rm(dataDir, { recursive: true, force: true })
}

/** Creates the data directory; it must not exist. */
export async function initializeData(
  dataDir: string,
  adminPassword: string,
  mark: ServerOptions['mark'],
): Promise<void> {
  const { initdb, user } = await postgresBinaries()
  await mkdir(dataDir, { mode: 0o700 })
  if (user) await chown(dataDir, user.uid, user.gid)
  const passwordFile = passwordFileOf(dataDir)
  await writeFile(passwordFile, adminPassword, { mode: 0o600, flag: 'wx' })
  if (user) await chown(passwordFile, user.uid, user.gid)
  try {
    const child = spawn(
      initdb,
      [
        `--pgdata=${dataDir}`,
        `--username=${ADMIN_USER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--locale=C.UTF-8',
        '--encoding=UTF8',
        // Only the creation is not synced: what the server writes later is.
        '--no-sync',
      ],
      {
        ...user,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', ...mark },
      },
    )
    const errors = tail(child)
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (code !== 0) throw new Error(`initdb failed (${code}): ${errors().join(' ')}`)
  } finally {
    await unlink(passwordFile)
  }
}

/**
 * Starts a server on the data directory. Where every loopback address can be listened on, it gets its own address
 * and AWS's port, so that tasks reach it without a forwarder; elsewhere a free port of 127.0.0.1.
 */
export async function startServer(options: ServerOptions): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    const address = endpointAddresses[Math.floor(Math.random() * endpointAddresses.length)] ?? '127.0.0.1'
    const port = address === '127.0.0.1' ? await freePort() : options.awsPort
    try {
      return await startOn(address, port, options)
    } catch (error) {
      // Another emulator's database has the address, or another program took the free port.
      if (attempt === 5 || !String(error).includes('could not bind')) throw error
    }
  }
}

async function startOn(address: string, port: number, options: ServerOptions): Promise<PostgresServer> {
  const { postgres, user } = await postgresBinaries()
  await writeConfiguration(options, user)
  const child = spawn(
    postgres,
    [
      ['-D', options.dataDir],
      ['-p', String(port)],
      ['-c', `listen_addresses=${address}`],
      ['-c', 'unix_socket_directories='],
      ['-c', 'ssl=on'],
    ].flat(),
    {
      ...user,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC', ...options.mark },
    },
  )
  const log = tail(child)
  const ended = new Promise<string>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? `exit status ${code}`)),
  )
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    ended.then(() => reject(new Error(`PostgreSQL did not start: ${log().join(' ')}`)))
    child.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.includes('database system is ready to accept connections')) resolve()
    })
  })
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (!identity) throw new Error(`PostgreSQL ended as soon as it had started: ${log().join(' ')}`)
  return {
    address,
    port,
    process: identity,
    ended,
    async sql(database, statements) {
      const client = new Client({
        host: address,
        port,
        user: ADMIN_USER,
        password: options.adminPassword,
        database,
        ssl: { rejectUnauthorized: false },
      })
      await client.connect()
      try {
        for (const statement of statements) await client.query(statement)
      } finally {
        await client.end()
      }
    },
    async reload(changed) {
      await writeConfiguration(changed, user)
      child.kill('SIGHUP')
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) await endServer(identity)
      await ended
    },
  }
}

/** Writes the TLS material, the rules of who may connect how, and the parameter group's settings. */
async function writeConfiguration(
  options: ServerOptions,
  user: { uid: number; gid: number } | undefined,
): Promise<void> {
  const write = async (name: string, text: string) => {
    const file = join(options.dataDir, name)
    await rm(file, { force: true })
    await writeFile(file, text, { mode: 0o600 })
    if (user) await chown(file, user.uid, user.gid)
  }
  await write('server.key', options.certificate.key)
  await write('server.crt', options.certificate.cert)
  // With rds.force_ssl there is no line for an unencrypted connection, so it is refused as on RDS.
  const encrypted = 'hostssl all all 127.0.0.0/8 scram-sha-256\n'
  await write(
    'pg_hba.conf',
    options.forceSsl ? encrypted : `${encrypted}host all all 127.0.0.0/8 scram-sha-256\n`,
  )
  const settings = {
    ssl_cert_file: 'server.crt',
    ssl_key_file: 'server.key',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    shared_buffers: '64MB',
    ...options.parameters,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replace(/'/g, "''")}'`)
  // It overrides postgresql.conf, which stays unchanged.
  await write('postgresql.auto.conf', `${lines.join('\n')}\n`)
}

/**
 * Ends a server that a killed emulator left on the data directory. The process id comes from `postmaster.pid`; it
 * counts only if that process is the one recorded or has this data directory.
 */
export async function endLeftServer(dataDir: string, recorded: ProcessIdentity | undefined): Promise<void> {
  const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 1 || lines[1] !== dataDir) return
  const identity = identify(pid)
  if (!identity) return
  const known = recorded?.pid === pid && recorded.started === identity.started
  const commandLine = known ? '' : await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (known || commandLine.includes(dataDir)) await endServer(identity)
}

/** Fast, then immediate shutdown: https://www.postgresql.org/docs/17/server-shutdown.html */
async function endServer(identity: ProcessIdentity): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(identity.pid, signal)
    } catch {
      return
    }
    for (let waited = 0; waited < STOP_TIMEOUT_MS; waited += 20) {
      if (!isAlive(identity)) return
      await sleep(20)
    }
  }
}

function tail(child: ChildProcess): () => readonly string[] {
  const lines: string[] = []
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (chunk: string) => {
    lines.push(...chunk.split('\n').filter(Boolean))
    lines.splice(0, Math.max(0, lines.length - LOG_TAIL))
  })
  return () => lines
}
