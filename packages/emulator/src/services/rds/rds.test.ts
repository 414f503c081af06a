import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-rds'
import { Client } from 'pg'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { identify, isAlive } from '../../runtime/index.ts'
import { createForwarders } from '../../runtime/network/name-forwarders.ts'
import type { Attributes, ResourceType } from '../../terraform/type/resource-type.ts'
import { type ContextOnDisk, contextOnDisk } from '../../test-kit/context-on-disk.test-kit.ts'
import { until } from '../../test-kit/until.test-kit.ts'
import type { Datum } from '../cloudwatch/contract.ts'
import { createRds } from './index.ts'
import type { InstanceRecord } from './state.ts'
import { applying, planned, testSecrets } from './test-kit/rds.test-kit.ts'

/** What CloudWatch receives. */
const recorded: Datum[] = []
const metrics = { record: (datum: Datum) => void recorded.push(datum) }

describe('a PostgreSQL instance', () => {
  let context: ContextOnDisk
  let stateDir: string
  let instanceType: ResourceType
  let created: Attributes
  let rds: ReturnType<typeof createRds>
  const secrets = testSecrets()

  const typeOf = (name: string) => {
    const found = rds.resourceTypes?.find(({ type }) => type === name)
    assert.ok(found)
    return found
  }

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'baton-rds-test-'))
    context = await contextOnDisk({ stateDir })
    rds = createRds(context, { secretsManager: secrets, cloudWatch: metrics })
    await rds.start?.()
    instanceType = typeOf('aws_db_instance')
    created = await instanceType.create(planned, applying)
  })

  after(async () => {
    await rds.stop?.()
    await context[Symbol.asyncDispose]()
  })

  function credentials(): { username: string; password: string } {
    const [secret] = created.master_user_secret as Attributes[]
    return JSON.parse(secrets.secretString(String(secret?.secret_arn)) ?? '{}')
  }

  /** Connects as a task does: to the address that a forwarder gave it. */
  async function connectAsTask(options: {
    ssl: boolean
  }): Promise<{ client: Client; close(): Promise<void> }> {
    const forwarders = createForwarders(context.names)
    const [reached] = await forwarders.reach([String(created.address)])
    assert.ok(reached)
    const { username, password } = credentials()
    const client = new Client({
      host: reached.host,
      port: reached.ports.get(5432) ?? 0,
      user: username,
      password,
      database: 'shop',
      ...(options.ssl ? { ssl: { ca: context.authority.certificate, rejectUnauthorized: true } } : {}),
    })
    const close = async () => {
      await client.end().catch(() => undefined)
      await forwarders.close()
    }
    await client.connect().catch(async (error: unknown) => {
      await close()
      throw error
    })
    return { client, close }
  }

  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloud-watch-events.html
  test('what happens to an instance is published to EventBridge with the instance as the resource', () => {
    const events = context.events.since(0).filter(({ source }) => source === 'aws.rds')
    assert.ok(events.length > 0)
    for (const { resources } of events) assert.deepEqual(resources, [created.arn])
  })

  test('has an address and an endpoint in AWS’s format', () => {
    assert.match(
      String(created.address),
      /^shop-production\.c[0-9a-f]{11}\.ap-northeast-2\.rds\.amazonaws\.com$/,
    )
    assert.equal(created.endpoint, `${created.address}:5432`)
    assert.equal(created.engine_version, '17')
    assert.match(String(created.engine_version_actual), /^17\.\d+$/)
  })

  test('serves a task over verified TLS, as a master who is no superuser', async () => {
    const { client, close } = await connectAsTask({ ssl: true })
    const { rows } = await client.query(
      'SELECT rolsuper, rolcreaterole, ssl FROM pg_roles, pg_stat_ssl WHERE rolname = current_user AND pid = pg_backend_pid()',
    )
    await client.query('CREATE TABLE account (id int)')
    await client.query("CREATE ROLE app LOGIN PASSWORD 'x'")
    await client.query('GRANT SELECT ON account TO app')
    await client.query('INSERT INTO account VALUES (1)')
    await close()
    assert.deepEqual(rows, [{ rolsuper: false, rolcreaterole: true, ssl: true }])
  })

  test('refuses an unencrypted connection, because rds.force_ssl is on by default', async () => {
    await assert.rejects(connectAsTask({ ssl: false }), /no pg_hba\.conf entry.*no encryption/)
  })

  test('accepts one once its parameter group says rds.force_ssl = 0', async () => {
    const group = await typeOf('aws_db_parameter_group').create(
      {
        name: 'plain',
        family: 'postgres17',
        parameter: [{ name: 'rds.force_ssl', value: '0', apply_method: 'immediate' }],
      },
      applying,
    )
    await instanceType.update?.({ ...planned, parameter_group_name: String(group.name) }, created, applying)
    const deadline = Date.now() + 30_000
    for (;;) {
      try {
        const { close } = await connectAsTask({ ssl: false })
        await close()
        break
      } catch (error) {
        if (Date.now() > deadline) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  })

  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
  test('records its clients, processor, memory and free storage in CloudWatch every minute', {
    skip: process.platform !== 'linux' && 'there is no /proc',
  }, async () => {
    const { client, close } = await connectAsTask({ ssl: true })
    const connections = async () => {
      const { rows } = await client.query(
        'SELECT count(*) AS n FROM pg_stat_activity WHERE client_port IS NOT NULL',
      )
      return Number(rows[0].n)
    }
    const last = (name: string) => recorded.findLast(({ metric }) => metric === name)
    const names = ['DatabaseConnections', 'CPUUtilization', 'FreeableMemory', 'FreeStorageSpace']
    recorded.length = 0
    // A client that has just left may still be among either number.
    await until(async () => names.every(last) && last('DatabaseConnections')?.value === (await connections()))
    await close()
    assert.deepEqual(last('DatabaseConnections')?.dimensions, { DBInstanceIdentifier: 'shop-production' })
    const cpu = last('CPUUtilization')?.value ?? -1
    assert.ok(cpu >= 0 && cpu <= 100 * cpus().length, `${cpu} %`)
    const within = (name: string, gib: number) => {
      const share = (last(name)?.value ?? 0) / (gib * 1024 ** 3)
      assert.ok(share > 0.5 && share < 1, `${name}: ${share} of ${gib} GiB`)
    }
    within('FreeableMemory', 2)
    within('FreeStorageSpace', 20)
    assert.equal(last('FreeStorageSpace')?.unit, 'Bytes')
  })

  test('is described by the official client', async () => {
    assert.ok(rds.api)
    await using wire = await serveForTest([rds.api])
    const client = new sdk.RDSClient(wire.client)
    const { DBInstances } = await client.send(
      new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: 'shop-production' }),
    )
    assert.equal(DBInstances?.[0]?.DBInstanceStatus, 'available')
    assert.deepEqual(DBInstances?.[0]?.Endpoint?.Port, 5432)
    await assert.rejects(client.send(new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: 'none' })), {
      name: 'DBInstanceNotFoundFault',
    })
  })

  const recordOf = () => {
    const record = context.store.collection<InstanceRecord>('rds.instances').get('shop-production')
    assert.ok(record?.process)
    return { ...record, process: record.process }
  }
  const messagesAfter = (cursor: number) =>
    context.events.since(cursor).map(({ detail }) => {
      const { Message, message } = detail as { Message?: string; message?: string }
      return Message ?? message
    })
  const lastEvent = () => context.events.since(0).at(-1)?.sequence ?? 0

  /** Until a task reads what was committed. */
  async function untilServed(): Promise<void> {
    const deadline = Date.now() + 60_000
    for (;;) {
      try {
        const { client, close } = await connectAsTask({ ssl: true })
        const { rows } = await client.query('SELECT id FROM account')
        await close()
        assert.deepEqual(rows, [{ id: 1 }])
        return
      } catch (error) {
        if (Date.now() > deadline) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
  test('restarts when its server is killed, says so in events, and keeps what was committed', async () => {
    const before = lastEvent()
    process.kill(recordOf().process.pid, 'SIGKILL')
    await untilServed()
    await until(() => messagesAfter(before).length >= 3)
    assert.deepEqual(messagesAfter(before), [
      'The PostgreSQL server ended unexpectedly (SIGKILL); it is started again.',
      'DB instance shutdown',
      'DB instance restarted',
    ])
  })

  test('says in an event why its server does not start, and starts it once the cause is removed', async () => {
    const { dataDir, process: server } = recordOf()
    const before = lastEvent()
    const obstacle = join(dataDir, 'server.key')
    await rm(obstacle)
    await mkdir(obstacle)
    process.kill(server.pid, 'SIGKILL')
    await until(() => messagesAfter(before).some((message) => message?.includes('does not start: ')))
    await rm(obstacle, { recursive: true })
    await untilServed()
    await until(() => messagesAfter(before).at(-1) === 'DB instance restarted')
  })

  test('cannot be deleted while it is protected', async () => {
    const guarded =
      (await instanceType.update?.({ ...planned, deletion_protection: true }, created, applying)) ?? {}
    await assert.rejects(
      async () => instanceType.delete?.(guarded, applying),
      /Cannot delete protected DB Instance/,
    )
    await instanceType.update?.({ ...planned, deletion_protection: false }, guarded, applying)
  })

  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html
  test('cannot be deleted without a decision on the final snapshot', async () => {
    await assert.rejects(
      async () => instanceType.delete?.({ ...created, skip_final_snapshot: false }, applying),
      /final_snapshot_identifier is required when skip_final_snapshot is false/,
    )
  })

  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
  test('changes its class in place, and a major version only where that is allowed', async () => {
    const pid = context.store.collection<InstanceRecord>('rds.instances').get('shop-production')?.process?.pid
    const update = async (change: Attributes) =>
      instanceType.update?.({ ...planned, ...change }, created, applying)
    assert.equal((await update({ instance_class: 'db.m7g.large' }))?.address, created.address)
    const record = context.store.collection<InstanceRecord>('rds.instances').get('shop-production')
    assert.deepEqual([record?.instanceClass, record?.process?.pid], ['db.m7g.large', pid])
    await assert.rejects(update({ engine_version: '18' }), {
      code: 'InvalidParameterCombination',
      message: 'The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.',
    })
    await assert.rejects(
      update({ engine_version: '18', allow_major_version_upgrade: true }),
      /engine_version 18 cannot be rehearsed/,
    )
  })

  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html
  test('is renamed in place: its address is another one, its data the same', async () => {
    const before = String(created.address)
    const known = created
    created =
      (await instanceType.update?.({ ...planned, identifier: 'Shop-Renamed' }, created, applying)) ?? {}
    assert.equal(created.identifier, 'shop-renamed')
    assert.match(String(created.address), /^shop-renamed\.c/)
    assert.match(String(created.arn), /:db:shop-renamed$/)
    assert.equal(context.names.lookup(before, 5432), undefined)
    const { client, close } = await connectAsTask({ ssl: true })
    const { rows } = await client.query('SELECT id FROM account')
    await close()
    assert.deepEqual(rows, [{ id: 1 }])
    // An emulator that was killed right after it knows in Terraform's state the old identifier only.
    assert.equal((await instanceType.read?.(known, applying))?.identifier, 'shop-renamed')
    created =
      (await instanceType.update?.({ ...planned, identifier: 'shop-production' }, known, applying)) ?? {}
    assert.equal(created.address, before)
  })

  test('deleted, leaves no server, no data and no secret', async () => {
    const record = context.store.collection<InstanceRecord>('rds.instances').get('shop-production')
    assert.ok(record?.process)
    await instanceType.delete?.(created, applying)
    assert.equal(identify(record.process.pid)?.started === record.process.started, false)
    assert.equal(existsSync(record.dataDir), false)
    assert.equal(secrets.values.size, 0)
    assert.deepEqual(context.names.all(), [])
  })
})

test('a server that a killed emulator left behind is ended at the next start, and its data found again', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-rds-test-'))
  const here = import.meta.dirname
  const script = `
    const { contextOnDisk } = await import(${JSON.stringify(join(here, '../../test-kit/context-on-disk.test-kit.ts'))})
    const { createRds } = await import(${JSON.stringify(join(here, 'index.ts'))})
    const context = await contextOnDisk({ stateDir: ${JSON.stringify(stateDir)} })
    const secrets = { manage: () => 'arn:secret', remove() {}, secretString() {} }
    const rds = createRds(context, { secretsManager: secrets, cloudWatch: { record() {} } })
    const type = rds.resourceTypes.find(({ type }) => type === 'aws_db_instance')
    await type.create(${JSON.stringify(planned)}, {})
    console.log('made')
    setInterval(() => {}, 1000)`
  const emulator = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise((resolve) => emulator.once('exit', resolve))
  await new Promise((resolve, reject) => {
    emulator.stdout.once('data', resolve)
    exited.then(() => reject(new Error('the emulator ended before it had created the instance')))
  })
  emulator.kill('SIGKILL')
  await exited

  await using context = await contextOnDisk({ stateDir })
  const instances = context.store.collection<InstanceRecord>('rds.instances')
  const { process: left, dataDir = '' } = instances.get('shop-production') ?? {}
  assert.ok(left && isAlive(left))
  const rds = createRds(context, { secretsManager: testSecrets(), cloudWatch: metrics })
  await rds.start?.()
  assert.equal(isAlive(left), false)
  const now = instances.get('shop-production')?.process
  assert.ok(now && isAlive(now))
  assert.equal(context.names.all().length, 1)
  await rds.stop?.()
  assert.equal(isAlive(now), false)
  await rm(dataDir, { recursive: true, force: true })
  await rm(stateDir, { recursive: true, force: true })
})
