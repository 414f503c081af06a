/**
 * For the test of the AWS CLI: an emulator as a process, with one service under CodeDeploy and one under the rolling
 * controller, made through the official clients; and the CLI of this machine.
 */
import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as codedeploy from '@aws-sdk/client-codedeploy'
import * as ecr from '@aws-sdk/client-ecr'
import * as ecs from '@aws-sdk/client-ecs'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Emulator, startEmulator } from '@baton/emulator/client'
import { imageFromFolder, pushImage } from '@baton/image'
import { login } from '../ecr.test-kit.ts'

/** Debian's own CLI comes before one that a user installed: it is the oldest that has to work. */
const candidates = ['/usr/bin/aws', 'aws']

export function findCli(): { readonly program: string; readonly version: string } | undefined {
  for (const program of candidates) {
    try {
      return { program, version: execFileSync(program, ['--version'], { encoding: 'utf8' }).trim() }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return undefined
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the CLI against the emulator; `proxy` instead of an endpoint, for commands that take none. */
export function aws(
  program: string,
  emulator: Emulator,
  args: readonly string[],
  options: { readonly proxy?: boolean; readonly until?: RegExp } = {},
): Promise<Ran> {
  const env = {
    PATH: process.env.PATH,
    HOME: tmpdir(),
    AWS_ACCESS_KEY_ID: emulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulator.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: emulator.awsRegion,
    AWS_PAGER: '',
    PYTHONUNBUFFERED: '1',
    ...(options.proxy ? { HTTPS_PROXY: emulator.endpoints.api, AWS_CA_BUNDLE: emulator.caFile } : {}),
  }
  const endpoint = options.proxy ? [] : ['--endpoint-url', emulator.endpoints.api]
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...endpoint, ...args],
      { env, timeout: 60_000 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
    let said = ''
    child.stdout?.on('data', (part) => {
      said += part
      if (options.until?.test(said)) child.kill()
    })
  })
}

const SERVER = `
  import { createServer } from 'node:http'
  if (process.argv[2] === 'migrate') console.log('migrated')
  else createServer((_request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST)
  process.on('SIGTERM', () => process.exit(0))
`

export interface Incident extends AsyncDisposable {
  readonly emulator: Emulator
  readonly folder: string
  readonly ecs: ecs.ECSClient
  readonly codedeploy: codedeploy.CodeDeployClient
  readonly elb: elb.ElasticLoadBalancingV2Client
  readonly blue: string
  /** RegisterTaskDefinition's input. */
  readonly taskDefinition: object
}

export async function startIncident(): Promise<Incident> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-awscli-'))
  const emulator = await startEmulator({
    stateDir: join(folder, 'emulator'),
    speed: 500,
    awsRegion: 'ap-northeast-2',
  })
  const settings = {
    region: emulator.awsRegion,
    endpoint: emulator.endpoints.api,
    credentials: emulator.credentials,
  }
  const clients = {
    ecs: new ecs.ECSClient(settings),
    codedeploy: new codedeploy.CodeDeployClient(settings),
    elb: new elb.ElasticLoadBalancingV2Client(settings),
  }
  const image = await pushServer(new ecr.ECRClient(settings), folder)
  await new logs.CloudWatchLogsClient(settings).send(new logs.CreateLogGroupCommand({ logGroupName: '/web' }))
  const { blue, listener } = await balance(clients.elb)
  const taskDefinition = definitionOf(image)
  await makeRole(emulator, folder)
  await serve(clients, taskDefinition, blue)
  await deliver(clients.codedeploy, listener)
  return {
    emulator,
    folder,
    ...clients,
    blue,
    taskDefinition,
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.destroy()
      await emulator.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The emulator has no API of IAM: roles come from Terraform. */
async function makeRole(emulator: Emulator, folder: string): Promise<void> {
  const stack = join(folder, 'roles')
  await mkdir(stack)
  const role = { name: 'delivery', assume_role_policy: '{"Version":"2012-10-17","Statement":[]}' }
  const terraform = {
    provider: { aws: [{ region: emulator.awsRegion }] },
    resource: { aws_iam_role: { delivery: role } },
  }
  await writeFile(join(stack, 'cdk.tf.json'), JSON.stringify(terraform))
  await emulator.apply(stack, { stack: 'roles' })
}

async function pushServer(client: ecr.ECRClient, folder: string): Promise<string> {
  const { repository } = await client.send(new ecr.CreateRepositoryCommand({ repositoryName: 'web' }))
  const source = await mkdtemp(join(folder, 'source-'))
  await writeFile(join(source, 'server.mjs'), SERVER)
  const image = await imageFromFolder({
    folder: source,
    command: ['node', 'server.mjs'],
    architecture: 'arm64',
    cacheDir: join(folder, 'cache'),
  })
  const { digest } = await pushImage(image, { ...(await login(client)), repository: 'web', tag: '1' })
  client.destroy()
  return `${repository?.repositoryUri}@${digest}`
}

const definitionOf = (image: string): ecs.RegisterTaskDefinitionCommandInput => ({
  family: 'web',
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
  containerDefinitions: [
    {
      name: 'web',
      image,
      portMappings: [{ containerPort: 8080 }],
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': '/web',
          'awslogs-region': 'ap-northeast-2',
          'awslogs-stream-prefix': 'web',
        },
      },
    },
  ],
})

async function balance(client: elb.ElasticLoadBalancingV2Client) {
  const group = async (Name: string) => {
    const { TargetGroups } = await client.send(
      new elb.CreateTargetGroupCommand({
        Name,
        Protocol: 'HTTP',
        Port: 8080,
        VpcId: 'vpc-1',
        TargetType: 'ip',
      }),
    )
    return TargetGroups?.[0]?.TargetGroupArn ?? ''
  }
  const [blue] = [await group('blue'), await group('green')]
  const { LoadBalancers } = await client.send(
    new elb.CreateLoadBalancerCommand({ Name: 'main', Subnets: ['subnet-a', 'subnet-b'] }),
  )
  const { Listeners } = await client.send(
    new elb.CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: blue }],
    }),
  )
  return { blue, listener: Listeners?.[0]?.ListenerArn ?? '' }
}

async function serve(
  { ecs: client }: { ecs: ecs.ECSClient },
  definition: ecs.RegisterTaskDefinitionCommandInput,
  targetGroupArn: string,
): Promise<void> {
  await client.send(new ecs.CreateClusterCommand({ clusterName: 'main' }))
  await client.send(new ecs.RegisterTaskDefinitionCommand(definition))
  const common = {
    cluster: 'main',
    taskDefinition: 'web',
    desiredCount: 1,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
  }
  await client.send(
    new ecs.CreateServiceCommand({
      ...common,
      serviceName: 'web',
      deploymentController: { type: 'CODE_DEPLOY' },
      loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 8080 }],
    }),
  )
  await client.send(new ecs.CreateServiceCommand({ ...common, serviceName: 'rolling' }))
}

async function deliver(client: codedeploy.CodeDeployClient, listener: string): Promise<void> {
  const applicationName = 'web'
  await client.send(new codedeploy.CreateApplicationCommand({ applicationName, computePlatform: 'ECS' }))
  await client.send(
    new codedeploy.CreateDeploymentGroupCommand({
      applicationName,
      deploymentGroupName: 'web',
      serviceRoleArn: 'arn:aws:iam::000000000000:role/delivery',
      deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce',
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      blueGreenDeploymentConfiguration: {
        deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT' },
        terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 0 },
      },
      ecsServices: [{ clusterName: 'main', serviceName: 'web' }],
      loadBalancerInfo: {
        targetGroupPairInfoList: [
          {
            targetGroups: [{ name: 'blue' }, { name: 'green' }],
            prodTrafficRoute: { listenerArns: [listener] },
          },
        ],
      },
    }),
  )
}
