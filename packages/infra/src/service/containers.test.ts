import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { container, containers, statements, synthesize } from '../synthesized.test-kit.ts'

const described = await containers()
const { platform: tf, bootstrap } = await synthesize(described)

type Variable = { name: string; value?: string; valueFrom?: string }
const value = (variables: readonly Variable[], name: string) =>
  variables.find((each) => each.name === name)?.value ??
  variables.find((each) => each.name === name)?.valueFrom
const manifest = (id: string) => JSON.parse(String(tf.at(`aws_ssm_parameter.${id}`, 'value')))

describe('a service of several containers', () => {
  test('has a definition per container, with ports, order, process and limits of its own', () => {
    const [api, nginx] = [container(tf, 'api', 'api'), container(tf, 'api', 'nginx')]
    assert.deepEqual(nginx.dependsOn, [{ containerName: 'api', condition: 'HEALTHY' }])
    assert.deepEqual([nginx.command, nginx.user, nginx.memory], [['nginx', '-g', 'daemon off;'], '101', 128])
    assert.equal(nginx.readonlyRootFilesystem, true)
    assert.deepEqual(nginx.portMappings, [{ containerPort: 80, hostPort: 80, protocol: 'tcp', name: 'http' }])
    assert.equal(api.healthCheck.startPeriod, 10)
    assert.ok(!('dependsOn' in api || 'healthCheck' in nginx || 'command' in api))
    assert.deepEqual(tf.at('aws_ecs_task_definition.api', 'ephemeral_storage'), { size_in_gib: 30 })
  })

  test('has a repository per container, and its tasks may pull from each of them', () => {
    const names = Object.values(bootstrap.all('aws_ecr_repository')).map(({ name }) => name)
    for (const name of ['api', 'api-nginx', 'reports', 'mailer', 'job-tidy', 'migrations'])
      assert.ok(names.includes(`keencho-production/${name}`), name)
    assert.ok(!names.includes('keencho-production/job-nightly'), 'it runs the image of a service')
    const pull = statements(tf.at('aws_iam_role_policy.api_execution', 'policy')).find(({ Action }) =>
      String(Action).includes('BatchGetImage'),
    )
    assert.deepEqual(pull?.Resource, [
      '${data.aws_ecr_repository.api.arn}',
      '${data.aws_ecr_repository.api_nginx.arn}',
    ])
    assert.deepEqual(manifest('service_api').images, {
      api: '${data.aws_ecr_repository.api.name}',
      nginx: '${data.aws_ecr_repository.api_nginx.name}',
    })
  })

  test('takes its traffic where the configuration says, and keeps a viewer at one task', () => {
    const [target] = tf.at('aws_ecs_service.api', 'load_balancer') as Record<string, unknown>[]
    assert.deepEqual([target?.container_name, target?.container_port], ['nginx', 80])
    assert.equal(tf.at('aws_lb_target_group.api_blue', 'port'), 80)
    assert.equal(tf.at('aws_lb_target_group.api_blue', 'stickiness', 'cookie_duration'), 60)
    const { containerName, containerPort, controller } = manifest('service_api')
    assert.deepEqual([containerName, containerPort, controller], ['nginx', 80, 'CODE_DEPLOY'])
  })

  test('gets what the platform knows: addresses as texts, what has a password in it from Secrets Manager', () => {
    const { environment, secrets } = container(tf, 'api', 'api')
    const secret = '${aws_secretsmanager_secret.api_database.arn}'
    assert.equal(
      value(environment, 'SPRING_DATASOURCE_URL'),
      'jdbc:postgresql://${aws_db_instance.main.address}:5432/keencho?sslmode=verify-full&sslrootcert=/usr/local/share/amazon-rds/global-bundle.pem',
    )
    assert.equal(value(environment, 'SITE'), 'app-admin.keencho.com')
    assert.equal(value(secrets, 'DATABASE_URL'), `${secret}:url::`)
    assert.equal(value(secrets, 'SPRING_DATASOURCE_USERNAME'), `${secret}:username::`)
    const version = tf.get('aws_secretsmanager_secret_version.api_database')
    assert.match(
      String(version.secret_string_wo),
      /postgresql:\/\/api_app:\$\{ephemeral\.aws_secretsmanager_random_password\.api_database\.random_password\}@\$\{aws_db_instance\.main\.address\}:5432\/keencho\?sslmode=verify-full/,
    )
    assert.doesNotMatch(
      String(tf.at('aws_secretsmanager_secret_version.mailer_database', 'secret_string_wo')),
      /url/,
    )
  })

  test('gives the database and the log files to the main container, and to others what they name', () => {
    const nginx = container(tf, 'api', 'nginx')
    assert.deepEqual(nginx.environment, [
      { name: 'LOGS', value: '/var/log/app' },
      { name: 'PORT', value: '80' },
      { name: 'REPORTS', value: 'app-admin.keencho.com' },
    ])
    assert.equal(nginx.mountPoints.length, 1)
    assert.deepEqual(nginx.secrets, [
      { name: 'TOKEN', valueFrom: '${aws_secretsmanager_secret.api_secret_token.arn}' },
    ])
  })
})

describe('services of one host', () => {
  test('have a condition of the listener rule, and an uncached behaviour, for each path', () => {
    const paths = (id: string) =>
      (tf.at(`aws_lb_listener_rule.${id}`, 'condition') as { path_pattern?: { values: string[] } }[]).flatMap(
        ({ path_pattern }) => path_pattern?.values ?? [],
      )
    assert.deepEqual(paths('api'), ['/api/accounts/*', '/api/health'])
    assert.deepEqual(paths('reports_test'), ['/api/reports/*'])
    const behaviours = tf.at('aws_cloudfront_distribution.admin', 'ordered_cache_behavior') as {
      path_pattern: string
      cache_policy_id: string
    }[]
    assert.deepEqual(
      behaviours.map(({ path_pattern }) => path_pattern),
      ['/api/accounts/*', '/api/health', '/api/reports/*', '/assets/*'],
    )
    assert.equal(new Set(behaviours.slice(0, 3).map(({ cache_policy_id }) => cache_policy_id)).size, 1)
    assert.notEqual(behaviours[0]?.cache_policy_id, behaviours[3]?.cache_policy_id)
  })
})

describe('a service without the database', () => {
  test('has no user, no variables and no way to it', () => {
    const { environment, secrets } = container(tf, 'reports')
    assert.deepEqual(
      [...environment, ...secrets].filter(({ name }: Variable) => name.startsWith('PG')),
      [],
    )
    assert.ok(!tf.addresses.includes('aws_secretsmanager_secret.reports_database'))
    assert.ok(!tf.addresses.includes('aws_vpc_security_group_egress_rule.reports_to_database'))
    assert.ok(tf.addresses.includes('aws_vpc_security_group_egress_rule.mailer_to_database'))
  })

  test('may be all there is: then nothing of a database is written', async () => {
    const { database: _none, ...rest } = described
    const services = rest.services.map((service) => {
      const [main, ...others] = service.containers
      return { ...service, database: false, containers: [{ ...main, environment: {} }, ...others] as const }
    })
    const jobs = rest.jobs.map((job) => ({
      ...job,
      database: false,
      container: { ...job.container, environment: {} },
    }))
    const stacks = await synthesize({ ...rest, services, jobs })
    for (const stack of Object.values(stacks)) {
      assert.deepEqual(
        stack.addresses.filter((address) => /aws_db_|database|migration/.test(address)),
        [],
      )
    }
    assert.doesNotMatch(stacks.platform.text, /-migration/)
  })
})

describe('a worker', () => {
  test('is released by ECS, which rolls back on failed starts and on its alarm', () => {
    const worker = tf.get('aws_ecs_service.mailer')
    assert.deepEqual(worker.deployment_controller, { type: 'ECS' })
    assert.deepEqual(worker.deployment_circuit_breaker, { enable: true, rollback: true })
    assert.deepEqual(worker.alarms, {
      enable: true,
      rollback: true,
      alarm_names: ['${aws_cloudwatch_metric_alarm.mailer_tasks.alarm_name}'],
    })
    assert.deepEqual(worker.lifecycle, { ignore_changes: ['task_definition', 'desired_count'] })
    assert.ok(!('load_balancer' in worker))
    assert.equal(manifest('service_mailer').controller, 'ECS')
  })

  test('has nothing that calls it, and CodeDeploy may not pass its roles', () => {
    const made = tf.addresses.filter((address) => /\.mailer/.test(address))
    assert.deepEqual(
      made.filter((address) => /aws_lb|codedeploy|from_load_balancer/.test(address)),
      [],
    )
    assert.doesNotMatch(String(tf.at('aws_iam_role_policy.delivery', 'policy')), /mailer/)
    assert.match(String(tf.at('aws_iam_role_policy.pipeline', 'policy')), /production-mailer-task/)
  })

  test('lets the pipeline follow and stop its rolling deployments, in this cluster only', () => {
    const rolling = statements(tf.at('aws_iam_role_policy.pipeline', 'policy')).find(({ Action }) =>
      String(Action).includes('StopServiceDeployment'),
    )
    assert.ok([rolling?.Resource ?? []].flat().length === 3)
    for (const arn of [rolling?.Resource ?? []].flat()) assert.match(String(arn), /\/keencho-production\/\*$/)
  })
})
