/**
 * For tests: ECS, load balancing, CloudWatch and Lambda as CodeDeploy sees them, small enough to read, and true to
 * their contracts.
 */
import { AwsError } from '../../../aws-error.ts'
import type { AlarmState, CloudWatch } from '../../cloudwatch/contract.ts'
import type { Ecs, TaskSetView } from '../../ecs/contract.ts'
import type { Elbv2, ForwardingRule } from '../../elbv2/contract.ts'
import type { Lambda } from '../../lambda/contract.ts'

export const blue = 'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/blue/1'
export const green = 'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/green/2'
const other = 'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/other/3'

/** One service under the CODE_DEPLOY controller, whose live task set is in the blue group. */
export function inMemoryContainers() {
  const taskSets = new Map<string, TaskSetView>()
  const reset = () => {
    taskSets.clear()
    const first = {
      id: 'ecs-svc/1',
      status: 'PRIMARY',
      targetGroupArn: blue,
      taskDefinition: 'app:1',
    } as const
    taskSets.set(first.id, taskSet(first))
  }
  reset()
  const state = {
    taskSets,
    /** Resolves when a new task set is steady. */
    steady: (signal: AbortSignal): Promise<void> => Promise.resolve(signal.throwIfAborted()),
    deleted: [] as string[],
    /** The settings that task sets have instead of the service's. */
    asked: [] as object[],
    controller: 'CODE_DEPLOY' as 'CODE_DEPLOY' | 'ECS',
    desiredCount: 2,
    /** Called before the service is described. */
    onLook: () => {},
    /** The service was deleted. */
    gone: false,
    /** Ends what `steady` waits for. */
    end: () => {},
    notActive: () => new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.'),
  }
  const ecs: Ecs = {
    name: 'ecs',
    runTask: () => [],
    describeService(_cluster, service) {
      state.onLook()
      return service === 'admin' && !state.gone
        ? {
            arn: `arn:ecs:${service}`,
            deploymentController: state.controller,
            desiredCount: state.desiredCount,
            taskSets: [...taskSets.values()],
          }
        : undefined
    },
    taskDefinitionExists: (name) => name.startsWith('app:'),
    hasContainerPort: (_name, container, port) => container === 'web' && port === 8080,
    createTaskSet({ taskDefinition, targetGroupArn, externalId, ...own }) {
      const { platformVersion, network, capacityProviderStrategy } = own
      state.asked.push({ platformVersion, network, capacityProviderStrategy })
      const made = taskSet({
        id: `ecs-svc/${taskSets.size + 1}`,
        status: 'ACTIVE',
        taskDefinition,
        targetGroupArn,
        externalId,
      })
      taskSets.set(made.id, made)
      return made
    },
    taskSet: (_cluster, _service, id) => taskSets.get(id),
    taskSetSteady: (_cluster, _service, _id, signal) => state.steady(signal),
    setPrimaryTaskSet(_cluster, _service, id) {
      if (state.gone) throw state.notActive()
      for (const [key, view] of taskSets) {
        if (view.status !== 'DRAINING')
          taskSets.set(key, { ...view, status: key === id ? 'PRIMARY' : 'ACTIVE' })
      }
    },
    async deleteTaskSet(_cluster, _service, id) {
      const view = taskSets.get(id)
      if (view === undefined) throw new Error(`no task set ${id}`)
      state.deleted.push(id)
      taskSets.set(id, { ...view, status: 'DRAINING', desiredCount: 0 })
    },
  }
  return { ecs, state, reset }
}

function taskSet(
  given: Partial<TaskSetView> & Pick<TaskSetView, 'id' | 'status' | 'taskDefinition'>,
): TaskSetView {
  return {
    arn: `arn:${given.id}`,
    targetGroupArn: undefined,
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    stabilityStatus: 'STEADY_STATE',
    ...given,
  }
}

/** Two listeners: production and test, each with a rule of the pair and a rule of another service. */
export function inMemoryLoadBalancing() {
  const rule = (
    listenerArn: string,
    name: string,
    targetGroups: ForwardingRule['targetGroups'],
  ): ForwardingRule => ({
    ruleArn: `${listenerArn}/${name}`,
    listenerArn,
    isDefault: false,
    targetGroups,
  })
  const pair = [
    { targetGroupArn: blue, weight: 100 },
    { targetGroupArn: green, weight: 0 },
  ]
  const rules = new Map<string, ForwardingRule>()
  const reset = () => {
    for (const listener of ['production', 'test']) {
      rules.set(`${listener}/pair`, rule(listener, 'pair', pair))
      rules.set(`${listener}/other`, rule(listener, 'other', [{ targetGroupArn: other, weight: 1 }]))
    }
  }
  reset()
  const history: string[] = []
  const listeners = new Set(['production', 'test'])
  const refuse = () => {
    throw new Error('CodeDeploy registers no targets')
  }
  const elbv2: Elbv2 = {
    name: 'elasticloadbalancing',
    registerTarget: refuse,
    deregisterTarget: refuse,
    targetHealth: refuse,
    targetHealthy: refuse,
    onTargetHealth: refuse,
    dnsNameOf: () => undefined,
    targetGroupByName: (name) =>
      [blue, green]
        .map((arn) => ({ arn, name: arn === blue ? 'blue' : 'green' }))
        .find((one) => one.name === name),
    forwardingRules: (listener) => [...rules.values()].filter((one) => one.listenerArn === listener),
    setForward(ruleArn, targetGroups) {
      const present = rules.get(ruleArn)
      if (present === undefined) throw new Error(`no rule ${ruleArn}`)
      rules.set(ruleArn, { ...present, targetGroups })
      history.push(`${ruleArn} ${targetGroups.map(({ weight }) => weight).join('/')}`)
    },
    listenerExists: (arn) => listeners.has(arn),
  }
  return { elbv2, rules, history, listeners, reset }
}

export function inMemoryMetrics() {
  const states = new Map<string, AlarmState>([['errors', 'OK']])
  const cloudWatch: CloudWatch = {
    name: 'monitoring',
    record: () => undefined,
    alarmState: (name) => states.get(name),
    alarmWindowSeconds: () => undefined,
    onAlarm: () => () => undefined,
  }
  return { cloudWatch, states }
}

/** Lambda functions by name, as handlers in this process. */
export function inMemoryLambda(
  handlers: Record<
    string,
    (event: { DeploymentId: string; LifecycleEventHookExecutionId: string }) => Promise<unknown>
  >,
): Lambda {
  return {
    name: 'lambda',
    invokeEvent: () => false,
    async invoke({ functionName, payload = '{}' }) {
      const handler = handlers[functionName]
      if (handler === undefined) throw new Error(`Function not found: ${functionName}`)
      // What it returns is the end of its log.
      const log = await handler(JSON.parse(payload))
      return { payload: 'null', logTail: typeof log === 'string' ? log : '', executedVersion: '$LATEST' }
    },
  }
}
