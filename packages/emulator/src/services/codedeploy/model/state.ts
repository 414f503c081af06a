/**
 * Applications, deployment groups and configurations: the rules by which they are created, changed and deleted, for
 * the API and for Terraform alike. Only the ECS compute platform exists here.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html
 */
import type { CreateDeploymentGroupInput, TrafficRoutingConfig } from '@aws-sdk/client-codedeploy'
import type { EmulatorContext } from '../../../service.ts'
import { checkRouting, predefinedConfigurations } from './configurations.ts'
import * as errors from './errors.ts'
import { checkGroup, type GroupServices } from './group-rules.ts'
import type { Application, Configuration, Deployment, Group } from './model.ts'

export interface State {
  application(name: string | undefined): Application
  applications(): Application[]
  createApplication(name: string | undefined, computePlatform: string | undefined): Application
  renameApplication(name: string, newName: string): void
  /** Deletes its groups too. */
  deleteApplication(name: string | undefined): void
  group(application: string | undefined, name: string | undefined): Group
  groups(application: string | undefined): Group[]
  /** Which of the deployment's application and group has been deleted. */
  missing(deployment: Deployment): 'APPLICATION_MISSING' | 'DEPLOYMENT_GROUP_MISSING' | undefined
  createGroup(input: CreateDeploymentGroupInput): Group
  updateGroup(group: Group, input: Partial<CreateDeploymentGroupInput>): Group
  deleteGroup(application: string | undefined, name: string | undefined): void
  configuration(name: string | undefined): Configuration
  configurations(): Configuration[]
  createConfiguration(
    name: string | undefined,
    platform: string | undefined,
    routing: TrafficRoutingConfig | undefined,
  ): Configuration
  deleteConfiguration(name: string | undefined): void
}

export function createState({ clock, ids, store }: EmulatorContext, services: GroupServices): State {
  const applications = store.collection<Application>('codedeploy.applications')
  const groups = store.collection<Group>('codedeploy.groups')
  const configurations = store.collection<Configuration>('codedeploy.configurations')
  const keyOf = (application: string, group: string) => `${application}/${group}`

  const application = (name: string | undefined): Application => {
    if (!name) throw errors.applicationNameRequired()
    const found = applications.get(name)
    if (found === undefined) throw errors.applicationDoesNotExist(name)
    return found
  }
  const configuration = (name: string | undefined): Configuration => {
    if (!name) throw errors.deploymentConfigNameRequired()
    const found = configurations.get(name) ?? predefinedConfigurations.find((one) => one.name === name)
    if (found === undefined) throw errors.deploymentConfigDoesNotExist(name)
    return found
  }
  const groupsOf = (name: string | undefined) => {
    const { name: found } = application(name)
    return groups.values().filter((group) => group.applicationName === found)
  }
  const group = (applicationName: string | undefined, name: string | undefined): Group => {
    const { name: owner } = application(applicationName)
    if (!name) throw errors.deploymentGroupNameRequired()
    const found = groups.get(keyOf(owner, name))
    if (found === undefined) throw errors.deploymentGroupDoesNotExist(name)
    return found
  }
  const keep = (changed: Group): Group => {
    configuration(changed.deploymentConfigName)
    checkGroup(changed, services, groups.values())
    groups.put(keyOf(changed.applicationName, changed.deploymentGroupName), changed)
    return changed
  }

  return {
    application,
    applications: () => applications.values(),
    createApplication(name, computePlatform = 'Server') {
      if (!name) throw errors.applicationNameRequired()
      if (applications.has(name)) throw errors.applicationAlreadyExists(name)
      if (computePlatform !== 'ECS') {
        throw errors.invalidComputePlatform(
          `The compute platform ${computePlatform} is not implemented by this emulator; use ECS`,
        )
      }
      const created = { id: ids.uuid(), name, createdAt: clock.now() }
      applications.put(name, created)
      return created
    },
    renameApplication(name, newName) {
      const found = application(name)
      if (applications.has(newName)) throw errors.applicationAlreadyExists(newName)
      store.transaction(() => {
        applications.delete(name)
        applications.put(newName, { ...found, name: newName })
        for (const one of groups.values().filter((candidate) => candidate.applicationName === name)) {
          groups.delete(keyOf(name, one.deploymentGroupName))
          groups.put(keyOf(newName, one.deploymentGroupName), { ...one, applicationName: newName })
        }
      })
    },
    deleteApplication(name) {
      if (!name) throw errors.applicationNameRequired()
      for (const one of groups.values().filter((candidate) => candidate.applicationName === name)) {
        groups.delete(keyOf(name, one.deploymentGroupName))
      }
      applications.delete(name)
    },
    group,
    groups: groupsOf,
    missing({ applicationName, deploymentGroupId }) {
      if (groups.values().some((one) => one.deploymentGroupId === deploymentGroupId)) return undefined
      return applications.has(applicationName) ? 'DEPLOYMENT_GROUP_MISSING' : 'APPLICATION_MISSING'
    },
    createGroup(input) {
      const owner = application(input.applicationName)
      const name = input.deploymentGroupName
      if (!name) throw errors.deploymentGroupNameRequired()
      if (groups.has(keyOf(owner.name, name))) throw errors.deploymentGroupAlreadyExists(name)
      const { tags: _, autoScalingGroups: __, ...given } = input
      return keep({
        ...given,
        applicationName: owner.name,
        deploymentGroupName: name,
        deploymentGroupId: ids.uuid(),
        deploymentConfigName: input.deploymentConfigName ?? 'CodeDeployDefault.ECSAllAtOnce',
        computePlatform: 'ECS',
      })
    },
    updateGroup(present, input) {
      const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
      const { tags: _, autoScalingGroups: __, ...changes } = given as Partial<CreateDeploymentGroupInput>
      const changed = { ...present, ...changes } as Group
      const renamed = keyOf(changed.applicationName, changed.deploymentGroupName)
      const from = keyOf(present.applicationName, present.deploymentGroupName)
      if (renamed !== from && groups.has(renamed)) {
        throw errors.deploymentGroupAlreadyExists(changed.deploymentGroupName)
      }
      return store.transaction(() => {
        if (renamed !== from) groups.delete(from)
        return keep(changed)
      })
    },
    deleteGroup(applicationName, name) {
      if (!applicationName) throw errors.applicationNameRequired()
      if (!name) throw errors.deploymentGroupNameRequired()
      groups.delete(keyOf(applicationName, name))
    },
    configuration,
    configurations: () => [...predefinedConfigurations, ...configurations.values()],
    createConfiguration(name, platform, routing) {
      if (!name) throw errors.deploymentConfigNameRequired()
      if (configurations.has(name) || predefinedConfigurations.some((one) => one.name === name)) {
        throw errors.deploymentConfigAlreadyExists(name)
      }
      // https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html#limits-deployment-configurations
      if (name.startsWith('CodeDeployDefault.')) throw errors.reservedConfigName(name)
      if (platform !== 'ECS') {
        throw errors.invalidComputePlatform(
          `The compute platform ${platform ?? 'Server'} is not implemented by this emulator; use ECS`,
        )
      }
      const created = { id: ids.uuid(), name, createdAt: clock.now(), routing: checkRouting(routing) }
      configurations.put(name, created)
      return created
    },
    deleteConfiguration(name) {
      if (!name) throw errors.deploymentConfigNameRequired()
      if (predefinedConfigurations.some((one) => one.name === name)) {
        throw errors.invalidOperation('A predefined deployment configuration cannot be deleted')
      }
      if (groups.values().some((one) => one.deploymentConfigName === name))
        throw errors.deploymentConfigInUse(name)
      configurations.delete(name)
    },
  }
}
