/** Subnet, parameter and option groups, and tags, through RDS's API. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html */
import type * as sdk from '@aws-sdk/client-rds'
import type { Operations } from '../../protocol/operations.ts'
import {
  groupExists,
  groupInUse,
  optionGroupNotFound,
  parameterGroupNotFound,
  subnetGroupNotFound,
} from './errors.ts'
import type { Instances } from './instances.ts'
import type { OptionGroupRecord, ParameterGroupRecord, RdsState, SubnetGroupRecord, Tags } from './state.ts'

type Parameters = ParameterGroupRecord['parameters']

export function createGroupOperations(state: RdsState, instances: Instances) {
  const { subnetGroups, parameterGroups, optionGroups } = state
  const subnetGroup = (name = ''): SubnetGroupRecord => {
    const group = subnetGroups.get(name)
    if (group === undefined) throw subnetGroupNotFound(name)
    return group
  }
  const parameterGroup = (name = ''): ParameterGroupRecord => {
    const group = parameterGroups.get(name)
    if (group === undefined) throw parameterGroupNotFound(name)
    return group
  }
  const user = (
    uses: (instance: ReturnType<typeof state.instances.values>[number]) => boolean,
    name: string,
  ) => {
    const found = state.instances.values().find(uses)
    if (found !== undefined) throw groupInUse(name, found.identifier)
  }
  const setParameters = async (name: string, change: (parameters: Parameters) => Parameters) => {
    const group = parameterGroup(name)
    parameterGroups.put(name, { ...group, parameters: change(group.parameters) })
    await instances.parametersChanged(name)
    return { DBParameterGroupName: name }
  }
  return {
    CreateDBSubnetGroup({ DBSubnetGroupName = '', DBSubnetGroupDescription = '', SubnetIds = [], Tags }) {
      const name = DBSubnetGroupName.toLowerCase()
      if (subnetGroups.has(name)) throw groupExists('DBSubnetGroupAlreadyExists', name)
      subnetGroups.put(name, {
        name,
        arn: state.arn('subgrp', name),
        description: DBSubnetGroupDescription,
        subnetIds: SubnetIds,
        tags: tagsIn(Tags),
      })
      return { DBSubnetGroup: subnetGroupOut(subnetGroup(name)) }
    },
    ModifyDBSubnetGroup({ DBSubnetGroupName = '', DBSubnetGroupDescription, SubnetIds = [] }) {
      const group = subnetGroup(DBSubnetGroupName)
      const changed = {
        ...group,
        subnetIds: SubnetIds,
        description: DBSubnetGroupDescription ?? group.description,
      }
      subnetGroups.put(group.name, changed)
      return { DBSubnetGroup: subnetGroupOut(changed) }
    },
    DeleteDBSubnetGroup({ DBSubnetGroupName = '' }) {
      const { name } = subnetGroup(DBSubnetGroupName)
      user((instance) => instance.subnetGroup === name, name)
      subnetGroups.delete(name)
      return {}
    },
    CreateDBParameterGroup({
      DBParameterGroupName = '',
      DBParameterGroupFamily = '',
      Description = '',
      Tags,
    }) {
      const name = DBParameterGroupName.toLowerCase()
      if (parameterGroups.has(name)) throw groupExists('DBParameterGroupAlreadyExists', name)
      parameterGroups.put(name, {
        name,
        arn: state.arn('pg', name),
        family: DBParameterGroupFamily,
        description: Description,
        parameters: [],
        tags: tagsIn(Tags),
      })
      return { DBParameterGroup: parameterGroupOut(parameterGroup(name)) }
    },
    ModifyDBParameterGroup: ({ DBParameterGroupName = '', Parameters: given = [] }) =>
      setParameters(DBParameterGroupName, (parameters) => {
        const names = given.map(({ ParameterName }) => ParameterName)
        const set = given.map(({ ParameterName = '', ParameterValue = '', ApplyMethod = 'immediate' }) => ({
          name: ParameterName,
          value: ParameterValue,
          applyMethod: ApplyMethod,
        }))
        return [...parameters.filter(({ name }) => !names.includes(name)), ...set]
      }),
    ResetDBParameterGroup: ({ DBParameterGroupName = '', ResetAllParameters, Parameters: given = [] }) =>
      setParameters(DBParameterGroupName, (parameters) =>
        parameters.filter(
          ({ name }) => !ResetAllParameters && !given.some(({ ParameterName }) => ParameterName === name),
        ),
      ),
    DeleteDBParameterGroup({ DBParameterGroupName = '' }) {
      const { name } = parameterGroup(DBParameterGroupName)
      user((instance) => instance.parameterGroup === name, name)
      parameterGroups.delete(name)
      return {}
    },
    CreateOptionGroup({ OptionGroupName = '', EngineName = '', MajorEngineVersion = '', ...given }) {
      if (optionGroups.has(OptionGroupName))
        throw groupExists('OptionGroupAlreadyExistsFault', OptionGroupName)
      const group: OptionGroupRecord = {
        name: OptionGroupName,
        arn: state.arn('og', OptionGroupName),
        engineName: EngineName,
        majorEngineVersion: MajorEngineVersion,
        description: given.OptionGroupDescription ?? '',
        tags: tagsIn(given.Tags),
      }
      optionGroups.put(group.name, group)
      return { OptionGroup: optionGroupOut(group) }
    },
    DeleteOptionGroup({ OptionGroupName = '' }) {
      if (!optionGroups.delete(OptionGroupName)) throw optionGroupNotFound(OptionGroupName)
      return {}
    },
    ListTagsForResource: ({ ResourceName }) => ({
      TagList: tagsOut(tagged(state, ResourceName, (tags) => tags)),
    }),
    AddTagsToResource({ ResourceName, Tags }) {
      tagged(state, ResourceName, (tags) => ({ ...tags, ...tagsIn(Tags) }))
      return {}
    },
    RemoveTagsFromResource({ ResourceName, TagKeys = [] }) {
      tagged(state, ResourceName, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))),
      )
      return {}
    },
  } satisfies Operations<typeof sdk>
}

/** The tags of whatever an ARN names, after `work`. */
function tagged(state: RdsState, arn = '', work: (tags: Tags) => Tags): Tags {
  const { instances, subnetGroups, parameterGroups, optionGroups } = state
  const instance = instances.values().find((one) => one.arn === arn)
  if (instance !== undefined) {
    const tags = work(instance.tags)
    if (tags !== instance.tags) instances.put(instance.identifier, { ...instance, tags })
    return tags
  }
  const change = <
    T extends { readonly name: string; readonly arn: string; readonly tags?: Tags },
  >(documents: {
    values(): T[]
    put(key: string, document: T): void
  }): Tags | undefined => {
    const found = documents.values().find((one) => one.arn === arn)
    if (found === undefined) return undefined
    const tags = work(found.tags ?? {})
    documents.put(found.name, { ...found, tags })
    return tags
  }
  return change(subnetGroups) ?? change(parameterGroups) ?? change(optionGroups) ?? {}
}

export const tagsIn = (tags: readonly sdk.Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))

const tagsOut = (tags: Tags): sdk.Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

export const subnetGroupOut = (group: SubnetGroupRecord): sdk.DBSubnetGroup => ({
  DBSubnetGroupName: group.name,
  DBSubnetGroupDescription: group.description,
  DBSubnetGroupArn: group.arn,
  SubnetGroupStatus: 'Complete',
  SupportedNetworkTypes: ['IPV4'],
  Subnets: group.subnetIds.map((id) => ({ SubnetIdentifier: id, SubnetStatus: 'Active' })),
})

export const parameterGroupOut = (group: ParameterGroupRecord): sdk.DBParameterGroup => ({
  DBParameterGroupName: group.name,
  DBParameterGroupFamily: group.family,
  Description: group.description,
  DBParameterGroupArn: group.arn,
})

export const optionGroupOut = (group: OptionGroupRecord): sdk.OptionGroup => ({
  OptionGroupName: group.name,
  OptionGroupArn: group.arn,
  OptionGroupDescription: group.description,
  EngineName: group.engineName,
  MajorEngineVersion: group.majorEngineVersion,
  Options: [],
})
