/**
 * CodeDeploy for ECS: blue/green deployments that start a real replacement task set, move the listener rules of
 * the load balancer, watch alarms, and roll back.
 *
 * - A deployment is durable at each event. After a restart it continues with the event that was in progress: a hook
 *   runs again, the wait of a shift's present step starts again in full.
 * - Alarms are polled every ten seconds of AWS time from Install to the end of the termination wait.
 * - What AWS documents and is otherwise or missing here: behaviours.ts.
 * - Quirk kept: `identifer` in ECSTaskSet.
 */
import * as sdk from '@aws-sdk/client-codedeploy'
import type { EmulatorContext } from '../../service.ts'
import type { CloudWatch } from '../cloudwatch/contract.ts'
import type { Ecs } from '../ecs/contract.ts'
import type { Elbv2 } from '../elbv2/contract.ts'
import type { Lambda } from '../lambda/contract.ts'
import { behaviours } from './behaviours.ts'
import type { CodeDeploy } from './contract.ts'
import { createEngine } from './deployment/engine.ts'
import { missingMembers } from './model/errors.ts'
import { createJournal } from './model/journal.ts'
import { isOver } from './model/model.ts'
import { createState } from './model/state.ts'
import { createTags } from './model/tags.ts'
import type { Publish } from './model/triggers.ts'
import { createOperations } from './operations.ts'
import { refusedOperations } from './refused-operations.ts'
import { createResourceTypes } from './resources.ts'
import { type FindObject, readRevision } from './revision/revisions.ts'

export interface CodeDeployDependencies {
  readonly ecs: Ecs
  readonly elbv2: Elbv2
  readonly cloudWatch: CloudWatch
  readonly lambda: Lambda
  /** Reads AppSpec files from S3; without it a revision in S3 fails. */
  readonly objects?: FindObject
  /** Whether IAM has this role; without it, every role is taken to exist. */
  readonly roleExists?: (arn: string) => boolean
  /** Sends the notifications of triggers; without it none is sent. */
  readonly publish?: Publish
}

export function createCodeDeploy(context: EmulatorContext, dependencies: CodeDeployDependencies): CodeDeploy {
  const journal = createJournal(context, dependencies.publish)
  const state = createState(context, dependencies)
  const engine = createEngine(context, {
    ...dependencies,
    journal,
    readRevision: (deployment) => readRevision(deployment.revision, dependencies.objects),
    missing: state.missing,
  })
  const { ecs } = dependencies
  const tags = createTags(context, state)
  return {
    name: 'codedeploy',
    resourceTypes: createResourceTypes(context, state, tags),
    api: {
      signingName: 'codedeploy',
      protocol: 'json-1.1',
      sdk,
      operations: createOperations(context, { state, journal, engine, ecs, tags }),
      refused: refusedOperations,
      missingMembers,
    },
    behaviours,
    timing: journal.timing,
    async start() {
      for (const deployment of journal.all()) if (!isOver(deployment)) engine.run(deployment.id)
    },
    stop: () => engine.shutDown(),
  }
}
