/**
 * The database instances and their servers: created, changed in place, rebooted, deleted. The name of an instance is
 * bound to the socket on which its server listens, so a server may restart on another port and clients reach it.
 */
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endpointAddresses, processMark } from '../../runtime/index.ts'
import type { EmulatorContext } from '../../service.ts'
import { makePrivate } from '../../state-directory.ts'
import type { SecretsManager } from '../secretsmanager/contract.ts'
import { instanceExists, instanceNotFound, protectedInstance } from './errors.ts'
import { alterPassword, managedSecret, masterStatements, quoted } from './master-user.ts'
import { postgresBinaries } from './postgres-binaries.ts'
import { enterable } from './postgres-copy.ts'
import {
  endLeftServer,
  initializeData,
  type PostgresServer,
  removeData,
  startServer,
} from './postgres-server.ts'
import { serverOptions } from './server-options.ts'
import { startFailure } from './start-failure.ts'
import type { InstanceRecord, NewInstance, RdsState } from './state.ts'

export interface Instances {
  /** `onCreated` is called within the transaction in which the instance becomes available. */
  create(instance: NewInstance, onCreated?: (instance: InstanceRecord) => void): Promise<InstanceRecord>
  change(
    identifier: string,
    change: Partial<InstanceRecord> & { readonly password?: string },
  ): Promise<InstanceRecord>
  /** Gives it another name, and with it another address; the server starts again. */
  rename(identifier: string, to: string): Promise<InstanceRecord>
  reboot(identifier: string): Promise<InstanceRecord>
  remove(identifier: string): Promise<void>
  /** Applies a changed parameter group to the instances that use it. */
  parametersChanged(group: string): Promise<void>
  startAll(): Promise<void>
  stopAll(): Promise<void>
}

/** Waits between attempts to restart a server that ended: longer with each attempt. */
const RESTART_MS = 200
const LONGEST_RESTART_MS = 2_000
const QUIET_ATTEMPTS = 3

export function createInstances(
  context: EmulatorContext,
  state: RdsState,
  secretsManager: SecretsManager,
): Instances {
  const servers = new Map<string, PostgresServer>()
  let stopping = false

  const known = (identifier: string): InstanceRecord => {
    const instance = state.instances.get(identifier)
    if (!instance) throw instanceNotFound(identifier)
    return instance
  }
  const keep = (instance: InstanceRecord): InstanceRecord => {
    state.instances.put(instance.identifier, instance)
    return instance
  }
  const publish = (instance: InstanceRecord, message: string) => {
    const detail = {
      SourceType: 'DB_INSTANCE',
      SourceIdentifier: instance.identifier,
      SourceArn: instance.arn,
      Message: message,
    }
    context.events.emit('aws.rds', 'RDS DB Instance Event', detail, [instance.arn])
  }

  async function run(identifier: string): Promise<PostgresServer> {
    const server = await startServer(serverOptions(context, state, known(identifier)))
    servers.set(identifier, server)
    const instance = keep({ ...known(identifier), process: server.process })
    context.names.bind({
      name: instance.address,
      port: instance.port,
      socket: { address: server.address, port: server.port },
    })
    server.ended.then((how) => {
      if (servers.get(identifier) !== server || stopping) return
      servers.delete(identifier)
      report(instance, `The PostgreSQL server ended unexpectedly (${how}); it is started again.`)
      publish(instance, 'DB instance shutdown')
      void restart(identifier)
    })
    return server
  }

  /**
   * Tries until the server runs, or the instance is rebooted or deleted: a full disk may have space at any time. The
   * first failures usually mean only that the processes of a killed server still hold its memory.
   */
  async function restart(identifier: string): Promise<void> {
    let reported: string | undefined
    for (let attempt = 1; ; attempt++) {
      const instance = state.instances.get(identifier)
      if (stopping || servers.has(identifier) || instance?.status !== 'available') return
      try {
        await run(identifier)
        publish(instance, 'DB instance restarted')
        return
      } catch (error) {
        const message = startFailure(error, instance.dataDir)
        if (attempt > QUIET_ATTEMPTS && message !== reported) {
          report(instance, message)
          reported = message
        }
        await context.clock.sleepReal(Math.min(RESTART_MS * attempt, LONGEST_RESTART_MS))
      }
    }
  }

  /** What AWS has no event for, since there the machine is AWS's. */
  function report({ identifier, arn }: InstanceRecord, message: string): void {
    context.events.emit('baton.rds', 'RDS Server Failure', { dbInstance: identifier, message }, [arn])
  }

  /** A client that verifies compares what it connected to: the name, or the address of a forwarder. */
  const certificateFor = (address: string) =>
    context.authority.issue([address, 'localhost', '127.0.0.1', ...endpointAddresses])

  function forget({ identifier, masterSecretArn }: InstanceRecord): void {
    context.store.transaction(() => {
      if (masterSecretArn !== undefined) secretsManager.remove(masterSecretArn)
      state.instances.delete(identifier)
    })
  }

  async function halt(identifier: string): Promise<void> {
    const server = servers.get(identifier)
    servers.delete(identifier)
    await server?.stop()
  }

  async function dataDirectory(identifier: string, resourceId: string): Promise<string> {
    const inState = join(context.stateDir, 'rds', `${identifier}-${resourceId.slice(-8)}`)
    await makePrivate(join(context.stateDir, 'rds'))
    const { user } = await postgresBinaries()
    if (!user || enterable(join(context.stateDir, 'rds'))) return inState
    // The server runs as another user, which cannot enter a private state directory.
    return join(tmpdir(), `baton-rds-${resourceId}`)
  }

  return {
    async create({ password, ...settings }, onCreated) {
      if (state.instances.has(settings.identifier)) throw instanceExists()
      const resourceId = context.ids.upper('db-', 26)
      const address = state.address(settings.identifier)
      const instance = keep({
        ...settings,
        arn: state.arn('db', settings.identifier),
        resourceId,
        address,
        status: 'creating',
        createdAt: context.clock.now(),
        dataDir: await dataDirectory(settings.identifier, resourceId),
        adminPassword: randomBytes(24).toString('base64url'),
        certificate: await certificateFor(address),
      })
      const master = password ?? randomBytes(21).toString('base64url')
      await initializeData(
        instance.dataDir,
        instance.adminPassword,
        processMark(context.stateDir, 'database'),
      )
      const server = await run(instance.identifier)
      await server.sql('postgres', masterStatements(instance, master))
      if (instance.dbName !== undefined) {
        await server.sql('postgres', [
          `CREATE DATABASE ${quoted(instance.dbName)} OWNER ${quoted(instance.username)}`,
        ])
      }
      publish(instance, 'DB instance created.')
      return context.store.transaction(() => {
        const secret = managedSecret(instance, master, context.ids.uuid())
        const managed = password === undefined ? { masterSecretArn: secretsManager.manage(secret) } : {}
        const available = keep({ ...known(instance.identifier), ...managed, status: 'available' })
        onCreated?.(available)
        return available
      })
    },

    async change(identifier, { password, ...change }) {
      const before = known(identifier)
      const after = keep({ ...before, ...change })
      if (password !== undefined) {
        await servers.get(identifier)?.sql('postgres', [alterPassword(after.username, password)])
      }
      if (after.port !== before.port) context.names.unbind(before.address, before.port)
      const server = servers.get(identifier)
      if (server) {
        context.names.bind({
          name: after.address,
          port: after.port,
          socket: { address: server.address, port: server.port },
        })
        if (after.parameterGroup !== before.parameterGroup)
          await server.reload(serverOptions(context, state, after))
      }
      return known(identifier)
    },

    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html
    async rename(identifier, name) {
      const before = known(identifier)
      const to = name.toLowerCase()
      if (state.instances.has(to)) throw instanceExists()
      const address = state.address(to)
      const certificate = await certificateFor(address)
      context.names.unbind(before.address, before.port)
      await halt(identifier)
      context.store.transaction(() => {
        state.instances.delete(identifier)
        keep({
          ...before,
          identifier: to,
          arn: state.arn('db', to),
          address,
          certificate,
          status: 'modifying',
        })
      })
      await run(to)
      const instance = keep({ ...known(to), status: 'available' })
      publish(instance, `Renamed instance from ${identifier} to ${to}`)
      return instance
    },

    async reboot(identifier) {
      keep({ ...known(identifier), status: 'rebooting' })
      await halt(identifier)
      await run(identifier)
      const instance = keep({ ...known(identifier), status: 'available' })
      publish(instance, 'DB instance restarted')
      return instance
    },

    async remove(identifier) {
      const instance = known(identifier)
      if (instance.deletionProtection) throw protectedInstance()
      keep({ ...instance, status: 'deleting' })
      context.names.unbind(instance.address, instance.port)
      await halt(identifier)
      await removeData(instance.dataDir)
      forget(instance)
      publish(instance, 'DB instance deleted')
    },

    async parametersChanged(group) {
      for (const instance of state.instances.values()) {
        if (instance.parameterGroup === group)
          await servers.get(instance.identifier)?.reload(serverOptions(context, state, instance))
      }
    },

    async startAll() {
      stopping = false
      await Promise.all(
        state.instances.values().map(async (instance) => {
          await endLeftServer(instance.dataDir, instance.process)
          if (instance.status === 'creating' || instance.status === 'deleting') {
            // Its creation or deletion was interrupted: in both cases Terraform's state does not hold it.
            await removeData(instance.dataDir)
            forget(instance)
            return
          }
          await run(instance.identifier)
          keep({ ...known(instance.identifier), status: 'available' })
        }),
      )
    },

    async stopAll() {
      stopping = true
      for (const instance of state.instances.values()) context.names.unbind(instance.address, instance.port)
      await Promise.all([...servers.keys()].map(halt))
    },
  }
}
