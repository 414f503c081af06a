import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { container, everything, plain, statements, synthesize } from '../synthesized.test-kit.ts'

const platform = await plain()
const { platform: tf } = await synthesize(platform)
const { platform: full } = await synthesize(await everything({ smokeTest: false }))

describe('services', () => {
  test('what deployments own is ignored by Terraform', () => {
    const service = tf.get('aws_ecs_service.admin')
    assert.equal(service.desired_count, 0)
    assert.deepEqual(service.deployment_controller, { type: 'CODE_DEPLOY' })
    assert.deepEqual(service.lifecycle, {
      ignore_changes: ['task_definition', 'load_balancer', 'desired_count'],
    })
  })

  test('Terraform owns a template in its own family', () => {
    assert.equal(tf.at('aws_ecs_task_definition.admin', 'family'), 'keencho-production-admin-template')
    const definition = container(tf, 'admin')
    assert.equal(definition.image, '${data.aws_ecr_repository.admin.repository_url}:template')
    assert.equal(definition.stopTimeout, 60)
    assert.deepEqual(definition.secrets, [
      { name: 'PGPASSWORD', valueFrom: '${aws_secretsmanager_secret.admin_database.arn}:password::' },
      { name: 'PGUSER', valueFrom: '${aws_secretsmanager_secret.admin_database.arn}:username::' },
    ])
    assert.deepEqual(definition.mountPoints, [
      { sourceVolume: 'logs', containerPath: '/var/log/app', readOnly: false },
    ])
  })

  test("what a user writes is not evaluated as Terraform's", () => {
    const { value } = container(full, 'admin').environment.find(
      ({ name }: { name: string }) => name === 'TEMPLATE',
    )
    assert.equal(value, '$${HOME} %%{if}')
  })

  test('an execution role reads the secrets of its own service and no others', () => {
    const documents = statements(full.at('aws_iam_role_policy.admin_execution', 'policy'))
    const secrets = documents.find(({ Action }) => Action === 'secretsmanager:GetSecretValue')
    assert.deepEqual(secrets?.Resource, [
      '${aws_secretsmanager_secret.admin_database.arn}',
      '${aws_secretsmanager_secret.admin_secret_api_key.arn}',
    ])
  })

  test('a service mounts its own access point, over TLS and with its own role; others mount nothing', () => {
    const granted = statements(tf.at('aws_efs_file_system_policy.logs', 'policy'))
    const allowed = granted.filter(({ Effect }) => Effect === 'Allow')
    assert.deepEqual(
      allowed.map(({ Principal, Condition }) => ({ Principal, Condition })),
      ['admin', 'user'].map((name) => ({
        Principal: { AWS: `\${aws_iam_role.${name}_task.arn}` },
        Condition: {
          StringEquals: { 'elasticfilesystem:AccessPointArn': `\${aws_efs_access_point.${name}.arn}` },
          Bool: { 'aws:SecureTransport': 'true' },
        },
      })),
    )
    assert.ok(granted.some(({ Effect, Principal }) => Effect === 'Deny' && Principal !== undefined))
  })

  test('ECS and CodeDeploy assume roles for this account only', () => {
    for (const [id, role] of Object.entries(full.all('aws_iam_role'))) {
      const [{ Principal, Condition } = {}] = statements(role.assume_role_policy)
      if (!/ecs-tasks|codedeploy/.test(JSON.stringify(Principal))) continue
      assert.match(
        JSON.stringify(Condition),
        /"aws:SourceAccount":"\$\{data\.aws_caller_identity\.current\.account_id\}"/,
        id,
      )
    }
  })

  test('a container writes to the file system of its image unless the configuration forbids it', async () => {
    assert.ok(!('readonlyRootFilesystem' in container(tf, 'admin')))
    const platform = await plain()
    const services = platform.services.map((service) => ({
      ...service,
      containers: [{ ...service.containers[0], readonlyRootFilesystem: true }] as const,
    }))
    const { platform: strict } = await synthesize({ ...platform, services })
    assert.equal(container(strict, 'admin').readonlyRootFilesystem, true)
  })

  test('only the migration may read the master password', () => {
    const readers = Object.entries(tf.all('aws_iam_role_policy')).filter(([, { policy }]) =>
      String(policy).includes('master_user_secret'),
    )
    assert.deepEqual(
      readers.map(([id]) => id),
      ['migration_execution'],
    )
    const names = container(tf, 'migration').secrets.map(({ name }: { name: string }) => name)
    assert.deepEqual(names, [
      'DB_PASSWORD_ADMIN',
      'DB_PASSWORD_USER',
      'DB_USER_ADMIN',
      'DB_USER_USER',
      'PGPASSWORD',
      'PGUSER',
    ])
  })

  test('no policy allows everything: `*` is only where the action has no resource', () => {
    const broad = Object.values(full.all('aws_iam_role_policy'))
      .flatMap(({ policy }) => statements(policy))
      .filter(({ Resource }) => [Resource].flat().includes('*'))
      .flatMap(({ Action }) => [Action].flat())
    const known = /:(Describe|List)|^ecr:GetAuthorizationToken$|^ecs:RegisterTaskDefinition$|^ssmmessages:/
    assert.deepEqual(
      broad.filter((action) => !known.test(action)),
      [],
    )
    assert.ok(!/"Action":"[a-z0-9-]*:?\*"/.test(JSON.stringify(full.all('aws_iam_role_policy'))))
  })

  test('scales between the limits, and on the figures, of its own configuration', async () => {
    const platform = await plain()
    const services = platform.services.map((service) =>
      service.name === 'admin'
        ? {
            ...service,
            tasks: { min: 2, max: 7 },
            scaling: { memoryPercent: 55, cpuPercent: 44, cooldownSeconds: 33 },
          }
        : service,
    )
    const { platform: scaled } = await synthesize({ ...platform, services })
    const limits = (id: string) =>
      ['min_capacity', 'max_capacity'].map((name) => scaled.at(`aws_appautoscaling_target.${id}`, name))
    assert.deepEqual(limits('admin'), [2, 7])
    assert.notDeepEqual(limits('user'), [2, 7])
    const policy = (id: string, name: string) =>
      scaled.at(`aws_appautoscaling_policy.${id}`, 'target_tracking_scaling_policy_configuration', name)
    assert.equal(policy('admin_memory', 'target_value'), 55)
    assert.equal(policy('admin_cpu', 'target_value'), 44)
    assert.deepEqual(
      ['scale_in_cooldown', 'scale_out_cooldown'].map((name) => policy('admin_cpu', name)),
      [33, 33],
    )
  })
})

describe('database', () => {
  test('is private, encrypted, doubled, backed up and hard to lose', () => {
    const instance = tf.get('aws_db_instance.main')
    assert.equal(instance.publicly_accessible, false)
    assert.equal(instance.storage_encrypted, true)
    assert.equal(instance.multi_az, true)
    assert.equal(instance.manage_master_user_password, true)
    assert.equal(instance.deletion_protection, true)
    assert.equal(instance.final_snapshot_identifier, 'keencho-production-final')
    assert.ok(!('password' in instance))
    assert.deepEqual(tf.at('aws_db_parameter_group.main', 'parameter', 0), {
      apply_method: 'immediate',
      name: 'rds.force_ssl',
      value: '1',
    })
  })

  test("a service's password is created during an apply and never kept in the state", () => {
    const version = tf.get('aws_secretsmanager_secret_version.admin_database')
    assert.match(
      String(version.secret_string_wo),
      /ephemeral\.aws_secretsmanager_random_password\.admin_database/,
    )
    assert.ok(!('secret_string' in version))
  })
})
