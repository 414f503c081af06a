import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-efs'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import type { ApplyContext, Attributes } from '../../terraform/type/resource-type.ts'
import { contextOnDisk } from '../../test-kit/context-on-disk.test-kit.ts'
import { createEfs } from './index.ts'

const applying: ApplyContext = {
  address: 'aws_efs_file_system.logs',
  region: 'ap-northeast-2',
  accountId: '000000000000',
  folder: '.',
  signal: new AbortController().signal,
}

test('a file system is a directory, an access point one within it, and neither is reached without a mount target', async () => {
  await using context = await contextOnDisk()
  const efs = createEfs(context)
  const create = async (type: string, planned: Attributes) => {
    const found = efs.resourceTypes?.find((candidate) => candidate.type === type)
    assert.ok(found)
    return found.create(planned, applying)
  }
  const fileSystem = await create('aws_efs_file_system', { tags: { Name: 'logs' }, encrypted: true })
  const fileSystemId = String(fileSystem.id)
  const accessPoint = await create('aws_efs_access_point', {
    file_system_id: fileSystemId,
    root_directory: [{ path: '/admin' }],
  })
  const accessPointId = String(accessPoint.id)
  assert.equal(efs.directory({ fileSystemId, accessPointId }), undefined)
  await create('aws_efs_mount_target', { file_system_id: fileSystemId, subnet_id: 'subnet-1' })
  assert.equal(efs.directory({ fileSystemId }), join(context.stateDir, 'efs', fileSystemId))
  assert.equal(
    efs.directory({ fileSystemId, accessPointId }),
    join(context.stateDir, 'efs', fileSystemId, 'admin'),
  )
  assert.equal(efs.directory({ fileSystemId, rootDirectory: '/../../..' }), undefined)
  assert.equal(efs.directory({ fileSystemId: 'fs-none' }), undefined)

  assert.ok(efs.api)
  await using wire = await serveForTest([efs.api])
  const client = new sdk.EFSClient(wire.client)
  const { FileSystems } = await client.send(
    new sdk.DescribeFileSystemsCommand({ FileSystemId: fileSystemId }),
  )
  assert.deepEqual([FileSystems?.[0]?.Name, FileSystems?.[0]?.NumberOfMountTargets], ['logs', 1])
  await assert.rejects(client.send(new sdk.DescribeFileSystemsCommand({ FileSystemId: 'fs-none' })), {
    name: 'FileSystemNotFound',
  })

  const types = new Map(efs.resourceTypes?.map((type) => [type.type, type]))
  const [mountTarget] = context.store.collection<{ id: string }>('efs.mount-targets').values()
  await types.get('aws_efs_mount_target')?.delete?.({ id: mountTarget?.id ?? '' }, applying)
  await types.get('aws_efs_file_system')?.delete?.(fileSystem, applying)
  assert.equal(existsSync(join(context.stateDir, 'efs', fileSystemId)), false)
})
