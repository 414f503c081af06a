/** Buses, their policies, and the events of applications. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
import type * as sdk from '@aws-sdk/client-eventbridge'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import type { Delivery } from './delivery.ts'
import { noSuchBus } from './errors.ts'
import { busName, tagMap } from './rule-operations.ts'
import type { Bus, EventsState } from './state.ts'

interface Policy {
  readonly Version: string
  readonly Statement: readonly { readonly Sid?: string }[]
}

const EMPTY: Policy = { Version: '2012-10-17', Statement: [] }

export function createBusOperations(
  { region, accountId }: EmulatorContext,
  state: EventsState,
  deliver: Delivery,
) {
  const arnOf = (name: string) => `arn:aws:events:${region}:${accountId}:event-bus/${name}`
  const find = (nameOrArn: string | undefined): Bus => {
    const bus = state.bus(busName(nameOrArn))
    if (bus === undefined) throw noSuchBus(busName(nameOrArn))
    return bus
  }
  const out = ({ name, policy, description }: Bus) => ({
    Name: name,
    Arn: arnOf(name),
    ...(policy === undefined ? {} : { Policy: policy }),
    ...(description === undefined ? {} : { Description: description }),
  })
  const policyOf = ({ policy }: Bus): Policy =>
    policy === undefined ? EMPTY : (JSON.parse(policy) as Policy)
  const put = (bus: Bus, policy: Policy) => {
    const { policy: _before, ...rest } = bus
    state.putBus(policy.Statement.length === 0 ? rest : { ...rest, policy: JSON.stringify(policy) })
  }
  return {
    CreateEventBus({ Name = '', Description, Tags }) {
      if (state.bus(Name) !== undefined)
        throw new AwsError('ResourceAlreadyExistsException', `Event bus ${Name} already exists.`)
      state.putBus({ name: Name, description: Description, tags: tagMap(Tags) })
      return { EventBusArn: arnOf(Name), ...(Description === undefined ? {} : { Description }) }
    },
    DescribeEventBus: ({ Name }) => out(find(Name)),
    ListEventBuses: ({ NamePrefix = '' }) => ({
      EventBuses: state
        .buses()
        .filter(({ name }) => name.startsWith(NamePrefix))
        .map(out),
    }),
    DeleteEventBus({ Name }) {
      const name = busName(Name)
      if (name === 'default') throw new AwsError('ValidationException', 'Cannot delete event bus default.')
      if (state.rules().some(({ bus }) => bus === name))
        throw new AwsError('ValidationException', `Event bus ${name} can't be deleted since it has rules.`)
      state.deleteBus(name)
      return {}
    },
    PutPermission({ EventBusName, Policy: whole, Action, Principal, StatementId, Condition }) {
      const bus = find(EventBusName)
      if (whole !== undefined) {
        state.putBus({ ...bus, policy: whole })
        return {}
      }
      const statement = {
        Sid: StatementId ?? '',
        Effect: 'Allow',
        Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
        Action: Action ?? 'events:PutEvents',
        Resource: arnOf(bus.name),
        ...(Condition === undefined
          ? {}
          : { Condition: { [Condition.Type ?? '']: { [Condition.Key ?? '']: Condition.Value } } }),
      }
      const { Version, Statement } = policyOf(bus)
      put(bus, { Version, Statement: [...Statement.filter(({ Sid }) => Sid !== StatementId), statement] })
      return {}
    },
    RemovePermission({ EventBusName, StatementId, RemoveAllPermissions }) {
      const bus = find(EventBusName)
      const { Version, Statement } = policyOf(bus)
      if (!RemoveAllPermissions && !Statement.some(({ Sid }) => Sid === StatementId))
        throw new AwsError(
          'ResourceNotFoundException',
          'EventBus does not have a policy with that statement.',
        )
      put(bus, {
        Version,
        Statement: RemoveAllPermissions ? [] : Statement.filter(({ Sid }) => Sid !== StatementId),
      })
      return {}
    },
    PutEvents({ Entries = [] }) {
      const results = Entries.map(({ Source, DetailType, Detail, EventBusName, Time, Resources = [] }) => {
        if (Source === undefined || DetailType === undefined || Detail === undefined)
          return invalid('Parameter Source, DetailType and Detail are required.', 'InvalidArgument')
        if (Source.startsWith('aws.'))
          return invalid('Source aws. is reserved for AWS services.', 'NotAuthorizedForSourceException')
        const detail = objectOf(Detail)
        if (detail === undefined) return invalid('Detail is malformed.', 'MalformedDetail')
        const event = {
          at: (Time ?? new Date()).getTime(),
          source: Source,
          detailType: DetailType,
          detail,
          resources: Resources,
        }
        // Events for a bus that does not exist are taken and lost, as on AWS.
        return { EventId: deliver(event, busName(EventBusName)) }
      })
      return { FailedEntryCount: results.filter((one) => 'ErrorCode' in one).length, Entries: results }
    },
  } satisfies Operations<typeof sdk>
}

const invalid = (ErrorMessage: string, ErrorCode: string) => ({ ErrorCode, ErrorMessage })

function objectOf(detail: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(detail)
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? (read as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
