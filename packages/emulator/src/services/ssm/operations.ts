/** The Parameter Store's API. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html */
import type * as sdk from '@aws-sdk/client-ssm'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import { invalidFilter, invalidNextToken, invalidResourceId, parameterNotFound } from './errors.ts'
import { isBelow, type Parameter } from './model.ts'
import { ciphertext, type Found, type SsmState } from './state.ts'

export function createOperations(parameters: SsmState) {
  const described = (
    { parameter, version, selector }: Found,
    decrypt: boolean | undefined,
  ): sdk.Parameter => ({
    Name: parameter.name,
    Type: parameter.type,
    Value: parameter.type === 'SecureString' && !decrypt ? ciphertext(version.value) : version.value,
    Version: version.version,
    LastModifiedDate: new Date(version.modifiedAt),
    ARN: parameters.arn(parameter.name),
    DataType: parameter.dataType,
    ...(selector === undefined ? {} : { Selector: selector }),
  })
  const tagged = (type: string | undefined, id: string | undefined) => {
    const parameter = type === 'Parameter' ? parameters.get(id ?? '') : undefined
    if (parameter === undefined) throw invalidResourceId(id)
    return parameter
  }

  return {
    GetParameter: ({ Name = '', WithDecryption }) => ({
      Parameter: described(parameters.find(Name), WithDecryption),
    }),

    GetParameters({ Names = [], WithDecryption }) {
      const found = Names.map((name) => [name, tryFind(parameters, name)] as const)
      return {
        Parameters: found.flatMap(([, parameter]) =>
          parameter ? [described(parameter, WithDecryption)] : [],
        ),
        InvalidParameters: found.flatMap(([name, parameter]) => (parameter ? [] : [name])),
      }
    },

    GetParametersByPath({
      Path = '/',
      Recursive = false,
      WithDecryption,
      MaxResults = 10,
      NextToken,
      ParameterFilters,
    }) {
      const below = parameters
        .all()
        .filter(({ name }) => isBelow(name, Path, Recursive))
        .filter((parameter) => (ParameterFilters ?? []).every((filter) => matches(parameter, filter)))
      const { items, next } = pageOf(below, NextToken, MaxResults, invalidNextToken)
      const Parameters = items.map(({ name }) => described(parameters.find(name), WithDecryption))
      return { Parameters, ...(next ? { NextToken: next } : {}) }
    },

    PutParameter(input, call) {
      const parameter = parameters.put(
        {
          name: input.Name ?? '',
          value: input.Value ?? '',
          type: input.Type,
          description: input.Description,
          keyId: input.KeyId,
          dataType: input.DataType,
          tier: input.Tier,
          allowedPattern: input.AllowedPattern,
          overwrite: input.Overwrite,
          tags: input.Tags && Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key, Value])),
        },
        call.principal.arn,
      )
      return { Version: parameter.versions.at(-1)?.version, Tier: parameter.tier }
    },

    DeleteParameter({ Name = '' }) {
      if (!parameters.delete(Name)) throw parameterNotFound()
      return {}
    },

    DeleteParameters({ Names = [] }) {
      const deleted = Names.map((name) => [name, parameters.delete(name)] as const)
      return {
        DeletedParameters: deleted.flatMap(([name, done]) => (done ? [name] : [])),
        InvalidParameters: deleted.flatMap(([name, done]) => (done ? [] : [name])),
      }
    },

    DescribeParameters({ ParameterFilters, Filters, MaxResults = 50, NextToken }) {
      const filters = ParameterFilters ?? Filters ?? []
      const found = parameters
        .all()
        .filter((parameter) => filters.every((filter) => matches(parameter, filter)))
      const { items, next } = pageOf(found, NextToken, MaxResults, invalidNextToken)
      const Parameters = items.map((parameter) => metadata(parameters, parameter))
      return { Parameters, ...(next ? { NextToken: next } : {}) }
    },

    GetParameterHistory({ Name = '', WithDecryption, MaxResults = 50, NextToken }) {
      const { parameter } = parameters.find(Name)
      const { items, next } = pageOf(parameter.versions, NextToken, MaxResults, invalidNextToken)
      const history = items.map((version) => ({
        ...metadata(parameters, parameter),
        Value: described({ parameter, version, selector: undefined }, WithDecryption).Value,
        Version: version.version,
        LastModifiedDate: new Date(version.modifiedAt),
        LastModifiedUser: version.modifiedBy,
        Labels: [],
      }))
      return { Parameters: history, ...(next ? { NextToken: next } : {}) }
    },

    ListTagsForResource({ ResourceType, ResourceId }) {
      const { tags } = tagged(ResourceType, ResourceId)
      return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
    },
    AddTagsToResource({ ResourceType, ResourceId, Tags = [] }) {
      const parameter = tagged(ResourceType, ResourceId)
      const added = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]))
      parameters.save({ ...parameter, tags: { ...parameter.tags, ...added } })
      return {}
    },
    RemoveTagsFromResource({ ResourceType, ResourceId, TagKeys = [] }) {
      const parameter = tagged(ResourceType, ResourceId)
      const kept = Object.entries(parameter.tags).filter(([key]) => !TagKeys.includes(key))
      parameters.save({ ...parameter, tags: Object.fromEntries(kept) })
      return {}
    },
  } satisfies Operations<typeof sdk>
}

function tryFind(parameters: SsmState, name: string): Found | undefined {
  return parameters.get(name.split(':', 1)[0] ?? '') || name.startsWith('arn:')
    ? parameters.find(name)
    : undefined
}

function metadata(parameters: SsmState, parameter: Parameter): sdk.ParameterMetadata {
  const current = parameter.versions.at(-1)
  return {
    Name: parameter.name,
    ARN: parameters.arn(parameter.name),
    Type: parameter.type,
    KeyId: parameter.keyId,
    Description: parameter.description,
    AllowedPattern: parameter.allowedPattern,
    Tier: parameter.tier,
    DataType: parameter.dataType,
    Policies: [],
    ...(current && {
      Version: current.version,
      LastModifiedDate: new Date(current.modifiedAt),
      LastModifiedUser: current.modifiedBy,
    }),
  }
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html */
function matches(
  parameter: Parameter,
  { Key, Option, Values = [] }: Omit<sdk.ParameterStringFilter, 'Key'> & { Key?: string | undefined },
) {
  if (Key === 'Path') return Values.some((path) => isBelow(parameter.name, path, Option === 'Recursive'))
  if (Key?.startsWith('tag:')) {
    const tag = parameter.tags[Key.slice('tag:'.length)]
    return tag !== undefined && (Values.length === 0 || Values.includes(tag))
  }
  const actual = filterable(parameter, Key)
  if (Option === 'BeginsWith') return Values.some((value) => actual.startsWith(value))
  if (Option === 'Contains') return Values.some((value) => actual.includes(value))
  return Values.includes(actual)
}

function filterable(parameter: Parameter, key: string | undefined): string {
  if (key === 'Name') return parameter.name
  if (key === 'Type') return parameter.type
  if (key === 'KeyId') return parameter.keyId ?? ''
  if (key === 'Tier') return parameter.tier
  if (key === 'DataType') return parameter.dataType
  throw invalidFilter(key)
}
