/**
 * The action blocks of rules and listeners, to the API's shape and back. What is read back keeps the form in which
 * the configuration wrote it (`target_group_arn` or a `forward` block), as the provider does, so that only a real
 * difference shows: the weights that a deployment has set, for one.
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  type AttributeSpecs,
  type Attributes,
  block,
  implemented,
} from '../../../terraform/type/resource-type.ts'
import { blocks, flag, integer, onlyBlock, text } from './values.ts'

export const actionSpecs: AttributeSpecs = {
  type: implemented(),
  order: implemented({ computed: true }),
  target_group_arn: implemented(),
  forward: block(
    {
      target_group: block({ arn: implemented(), weight: implemented({ default: 1 }) }, { set: true }),
      stickiness: block(
        { duration: implemented(), enabled: implemented({ default: false }) },
        { maxItems: 1 },
      ),
    },
    { maxItems: 1 },
  ),
  redirect: block(
    {
      host: implemented({ default: '#{host}' }),
      path: implemented({ default: '/#{path}' }),
      port: implemented({ default: '#{port}' }),
      protocol: implemented({ default: '#{protocol}' }),
      query: implemented({ default: '#{query}' }),
      status_code: implemented(),
    },
    { maxItems: 1 },
  ),
  fixed_response: block(
    {
      content_type: implemented(),
      message_body: implemented(),
      status_code: implemented({ computed: true }),
    },
    { maxItems: 1 },
  ),
}

export function toActions(attributes: readonly Attributes[]): Action[] {
  return attributes.map((each, index) => {
    const type = text(each, 'type')
    const order = integer(each, 'order') ?? index + 1
    const base = { Type: type as NonNullable<Action['Type']>, Order: order }
    if (type === 'forward') return { ...base, ...forwardInput(each) }
    if (type === 'redirect') return { ...base, RedirectConfig: redirectInput(onlyBlock(each, 'redirect')) }
    if (type === 'fixed-response') {
      const response = onlyBlock(each, 'fixed_response')
      return {
        ...base,
        FixedResponseConfig: {
          StatusCode: text(response, 'status_code'),
          ContentType: text(response, 'content_type'),
          MessageBody: text(response, 'message_body'),
        },
      }
    }
    return base
  })
}

/** The actions as Terraform keeps them; `prior` is how the configuration wrote them. */
export function fromActions(actions: readonly Action[], prior: readonly Attributes[]): Attributes[] {
  return actions.map((action, index) => {
    const written = prior[index]
    const base: Attributes = { ...emptyAction, type: action.Type ?? '', order: action.Order ?? index + 1 }
    if (action.Type === 'forward') return { ...base, ...forwardAttributes(action, written) }
    if (action.Type === 'redirect') {
      const redirect = action.RedirectConfig
      return {
        ...base,
        redirect: [
          {
            host: redirect?.Host ?? '#{host}',
            path: redirect?.Path ?? '/#{path}',
            port: redirect?.Port ?? '#{port}',
            protocol: redirect?.Protocol ?? '#{protocol}',
            query: redirect?.Query ?? '#{query}',
            status_code: redirect?.StatusCode ?? '',
          },
        ],
      }
    }
    const response = action.FixedResponseConfig
    return {
      ...base,
      fixed_response: [
        {
          content_type: response?.ContentType ?? '',
          message_body: response?.MessageBody ?? null,
          status_code: response?.StatusCode ?? '',
        },
      ],
    }
  })
}

const emptyAction = { target_group_arn: null, forward: [], redirect: [], fixed_response: [] }

function forwardInput(attributes: Attributes): Pick<Action, 'TargetGroupArn' | 'ForwardConfig'> {
  const forward = onlyBlock(attributes, 'forward')
  const single = text(attributes, 'target_group_arn')
  if (!forward) return single === undefined ? {} : { TargetGroupArn: single }
  const stickiness = onlyBlock(forward, 'stickiness')
  return {
    ForwardConfig: {
      TargetGroups: blocks(forward, 'target_group').map((group) => ({
        TargetGroupArn: text(group, 'arn'),
        Weight: integer(group, 'weight') ?? 1,
      })),
      ...(stickiness
        ? {
            TargetGroupStickinessConfig: {
              Enabled: flag(stickiness, 'enabled') ?? false,
              DurationSeconds: integer(stickiness, 'duration'),
            },
          }
        : {}),
    },
  }
}

function forwardAttributes(action: Action, written: Attributes | undefined): Attributes {
  const groups = action.ForwardConfig?.TargetGroups ?? []
  const byArn = text(written, 'target_group_arn') !== undefined && onlyBlock(written, 'forward') === undefined
  if (byArn && groups.length === 1) return { target_group_arn: action.TargetGroupArn ?? null }
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig
  const stickinessWritten = onlyBlock(onlyBlock(written, 'forward'), 'stickiness') !== undefined
  return {
    forward: [
      {
        target_group: groups.map((group) => ({ arn: group.TargetGroupArn ?? '', weight: group.Weight ?? 1 })),
        stickiness:
          stickiness?.Enabled || stickinessWritten
            ? [{ enabled: stickiness?.Enabled ?? false, duration: stickiness?.DurationSeconds ?? 0 }]
            : [],
      },
    ],
  }
}

function redirectInput(redirect: Attributes | undefined): NonNullable<Action['RedirectConfig']> {
  return {
    Host: text(redirect, 'host'),
    Path: text(redirect, 'path'),
    Port: text(redirect, 'port'),
    Protocol: text(redirect, 'protocol'),
    Query: text(redirect, 'query'),
    StatusCode: text(redirect, 'status_code') as 'HTTP_301' | 'HTTP_302',
  }
}
