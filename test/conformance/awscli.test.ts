/**
 * An incident with the AWS CLI in hand, as Debian has it (2.9.19): look around, run a task, deploy, wait. It knows
 * only `--endpoint-url`, and `aws ecs deploy` does not even pass that on: there the emulator is its proxy.
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { GetDeploymentCommand, waitUntilDeploymentSuccessful } from '@aws-sdk/client-codedeploy'
import { waitUntilServicesStable, waitUntilTasksStopped } from '@aws-sdk/client-ecs'
import { waitUntilTargetDeregistered } from '@aws-sdk/client-elastic-load-balancing-v2'
import { aws, findCli, startIncident } from './awscli.test-kit.ts'

const cli = findCli()
const skip = cli ? false : 'the AWS CLI is not installed here: what it is answered stays unproven'
const patience = { maxWaitTime: 60, minDelay: 1, maxDelay: 1 }

test('an incident with the AWS CLI: look around, run a task, deploy, wait', {
  skip,
  timeout: 120_000,
}, async (t) => {
  assert.ok(cli)
  t.diagnostic(cli.version)
  await using incident = await startIncident()
  const { emulator, folder } = incident
  const run = async (...args: string[]) => {
    const ran = await aws(cli.program, emulator, args)
    assert.equal(ran.code, 0, `aws ${args.join(' ')}: ${ran.stderr}`)
    return ran.stdout
  }
  const services = (...names: string[]) => ({ cluster: 'main', services: names })
  await waitUntilServicesStable({ client: incident.ecs, ...patience }, services('rolling'))
  const inCluster = ['--cluster', 'main']
  await writeFile(join(folder, 'task.json'), JSON.stringify(incident.taskDefinition))

  const [described, registered, stable, alarms, missing] = await Promise.all([
    run('ecs', 'describe-services', ...inCluster, '--services', 'web', 'none', '--output', 'json'),
    run('ecs', 'register-task-definition', '--cli-input-json', `file://${join(folder, 'task.json')}`),
    run('ecs', 'wait', 'services-stable', ...inCluster, '--services', 'rolling'),
    run('cloudwatch', 'describe-alarms', '--output', 'json'),
    aws(cli.program, emulator, ['ecs', 'describe-services', '--cluster', 'none', '--services', 'web']),
  ])
  const { services: [web] = [], failures } = JSON.parse(described)
  assert.deepEqual(
    [web.status, web.deploymentController.type, failures[0].reason],
    ['ACTIVE', 'CODE_DEPLOY', 'MISSING'],
  )
  assert.equal(JSON.parse(registered).taskDefinition.revision, 2)
  assert.equal(stable, '')
  assert.deepEqual(JSON.parse(alarms).MetricAlarms, [])
  assert.deepEqual(
    [missing.code, missing.stderr.trim()],
    [
      // Version 1 ends with 255 for whatever fails, version 2 with 254 for what the service refuses.
      cli.version.startsWith('aws-cli/1.') ? 255 : 254,
      'An error occurred (ClusterNotFoundException) when calling the DescribeServices operation: Cluster not found.',
    ],
  )

  const overrides = { containerOverrides: [{ name: 'web', command: ['node', 'server.mjs', 'migrate'] }] }
  const network = 'awsvpcConfiguration={subnets=[subnet-a]}'
  const task = (
    await run(
      ...['ecs', 'run-task', ...inCluster, '--task-definition', 'web:2', '--launch-type', 'FARGATE'],
      ...['--network-configuration', network, '--overrides', JSON.stringify(overrides)],
      ...['--query', 'tasks[0].taskArn', '--output', 'text'],
    )
  ).trim()
  const tasks = { cluster: 'main', tasks: [task] }
  await waitUntilTasksStopped({ client: incident.ecs, ...patience }, tasks)
  const [, tail, health] = await Promise.all([
    run('ecs', 'wait', 'tasks-stopped', ...inCluster, '--tasks', task),
    run('logs', 'tail', '/web', '--since', '1h'),
    run('elbv2', 'describe-target-health', '--target-group-arn', incident.blue, '--output', 'json'),
  ])
  assert.match(tail, /web\/web\/[0-9a-f]{32} migrated/)
  const [{ Target: target, TargetHealth: state }] = JSON.parse(health).TargetHealthDescriptions
  assert.match(state.State, /^(initial|healthy)$/)

  const properties = {
    TaskDefinition: '<TASK_DEFINITION>',
    LoadBalancerInfo: { ContainerName: 'web', ContainerPort: 8080 },
  }
  const appSpec = {
    version: 0.0,
    Resources: [{ TargetService: { Type: 'AWS::ECS::Service', Properties: properties } }],
  }
  await writeFile(join(folder, 'appspec.json'), JSON.stringify(appSpec))
  // Its own wait looks every 15 seconds: from here on the test looks itself.
  const deployed = await aws(
    cli.program,
    emulator,
    [
      ...['ecs', 'deploy', ...inCluster, '--service', 'web', '--task-definition', join(folder, 'task.json')],
      ...['--codedeploy-appspec', join(folder, 'appspec.json')],
      ...['--codedeploy-application', 'web', '--codedeploy-deployment-group', 'web'],
    ],
    { proxy: true, until: /Waiting for/ },
  )
  const deploymentId = /created deployment (d-[A-Z0-9]{9})/.exec(deployed.stdout)?.[1] ?? ''
  assert.notEqual(deploymentId, '', deployed.stderr)
  await waitUntilDeploymentSuccessful({ client: incident.codedeploy, ...patience }, { deploymentId })
  const Targets = [{ Id: target.Id, Port: target.Port }]
  await waitUntilTargetDeregistered(
    { client: incident.elb, ...patience },
    { TargetGroupArn: incident.blue, Targets },
  )
  const deployment = ['--deployment-id', deploymentId]
  const targets = ['--target-group-arn', incident.blue, '--targets', `Id=${target.Id},Port=${target.Port}`]
  const [stopped] = await Promise.all([
    aws(cli.program, emulator, ['deploy', 'stop-deployment', ...deployment]),
    run('deploy', 'wait', 'deployment-successful', ...deployment),
    run('elbv2', 'wait', 'target-deregistered', ...targets),
  ])
  const { deploymentInfo } = await incident.codedeploy.send(new GetDeploymentCommand({ deploymentId }))
  assert.match(deploymentInfo?.revision?.appSpecContent?.content ?? '', /task-definition\/web:3/)
  assert.match(
    stopped.stderr,
    /\(DeploymentAlreadyCompletedException\) when calling the StopDeployment operation/,
  )
})
